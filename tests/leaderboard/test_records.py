"""Reading all records of a store."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from benchmark.records import files
from leaderboard import records

REMEDY = "Move the file out of the store's 'records' and run its cell again."


def test_every_record_in_the_order_of_its_file(made, tmp_path) -> None:
    """Over all boards and variants, each as it was written."""
    written = [
        made.record(name, made.value(float(seed)), seed=seed, **changes)
        for name in ("noise", "label-prompts")
        for seed in (1, 0)
        for changes in ({}, {"suite": {"limit": 8}})
    ]
    paths = [files.write(tmp_path, record) for record in written]
    found = records.read(tmp_path)
    assert found == [record for _, record in sorted(zip(paths, written, strict=True), key=lambda pair: pair[0])]
    assert len(found) == 8


def test_a_store_without_records_has_none(tmp_path) -> None:
    """Neither has one without a folder for them."""
    assert records.read(tmp_path) == []
    (tmp_path / "records" / "board").mkdir(parents=True)
    assert records.read(tmp_path) == []


def test_what_is_no_record_file_is_passed_over(made, tmp_path) -> None:
    """What a kill left of one half written; and records that newer ones took the place of."""
    path = files.write(tmp_path, made.record("noise", made.value(1.0)))
    path.with_name(".seed-0.json.part").write_text("{")
    (tmp_path / "records-superseded").mkdir()
    (tmp_path / "records-superseded" / "old.json").write_text("{")
    assert len(records.read(tmp_path)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"{", "no record this version can read"),
        (b"", "no record this version can read"),
        (b"\xff\xfe", "no record this version can read"),
        (b"[]", "no record this version can read"),
        (b'{"schema_version": 99}', "no record this version can read"),
    ],
)
def test_a_file_that_is_no_record_is_named_with_what_to_do(made, tmp_path, text, said) -> None:
    """However many sound ones lie beside it."""
    files.write(tmp_path, made.record("noise", made.value(1.0)))
    odd = tmp_path / "records" / "odd.json"
    odd.write_bytes(text)
    with pytest.raises(UserError) as raised:
        records.read(tmp_path)
    assert str(raised.value).startswith(f"{odd} ")
    assert said in str(raised.value)
    assert str(raised.value).endswith(f" {REMEDY}")


def test_a_file_that_cannot_be_opened_is_named(made, tmp_path) -> None:
    """A folder in its place will do for that."""
    folder = tmp_path / "records" / "odd.json"
    folder.mkdir(parents=True)
    with pytest.raises(UserError) as raised:
        records.read(tmp_path)
    assert str(raised.value) == f"{folder} cannot be read: Is a directory. {REMEDY}"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_not_finite_is_no_measurement(made, tmp_path, number) -> None:
    """JSON has no word for it, Python's reader takes it all the same."""
    path = files.write(tmp_path, made.record("noise", made.value(0.123456)))
    assert "0.123456" in path.read_text()
    path.write_text(path.read_text().replace("0.123456", number))
    with pytest.raises(UserError) as raised:
        records.read(tmp_path)
    assert str(raised.value) == f"{path} holds a number that is not finite, which no measurement gives. {REMEDY}"
