"""Records on disk: where they lie, what replaces what, and what cannot be read."""

from __future__ import annotations

import json
import multiprocessing
import resource
import shutil
import signal
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.records import files
from benchmark.records.schema import NOT_MADE

PLACE = f"study@1-0123456789ab/{'f' * 12}/cpu/mine/seed-0-fidelity"


@pytest.fixture
def failed(record):
    """The same cell, failed before its data was there."""
    return record(status="failed", error="no data", values=(), steps=(), identity={"digest": NOT_MADE, "name": "x"})


def listing(store: Path) -> list[str]:
    """Return the files of a store's records, old ones too."""
    folders = (store / "records", store / "records-superseded")
    return sorted(str(path.relative_to(store)) for folder in folders for path in folder.rglob("*") if path.is_file())


def test_a_record_lies_under_its_board_variant_seed_and_task(record, tmp_path):
    """And reads back from there."""
    path = files.write(tmp_path, record())
    assert path == tmp_path / "records" / f"{PLACE}.json" == files.path_of(tmp_path, record())
    assert files.read(path) == record()


def test_cells_of_one_board_do_not_meet(record, tmp_path):
    """Another seed, task, variant, device, dataset or suite is another file."""
    unlike = [
        {}, {"seed": 1}, {"task": {"name": "coverage"}}, {"variant": "other"}, {"device": "cuda"},
        {"identity": {"digest": "0" * 64}}, {"suite": {"identifier": "study@2-0123456789ab"}},
    ]  # fmt: skip
    assert len({files.write(tmp_path, record(**changes)) for changes in unlike}) == len(unlike)
    assert len(list(files.read_all(tmp_path))) == len(unlike)


def test_a_record_on_disk_can_be_read_by_people(record, tmp_path):
    """Indented, UTF-8 as it is, ended by a line end."""
    text = files.write(tmp_path, record()).read_text(encoding="utf-8")
    assert text.startswith('{\n  "schema_version": 1,\n  "status": "complete",\n')
    assert "Fréchet" in text
    assert text.endswith("}\n")


def test_the_same_result_is_not_written_again(record, tmp_path):
    """The first run's times stay, byte for byte."""
    path = files.write(tmp_path, record())
    before = path.stat()
    assert files.write(tmp_path, record(run={"invocation": "two"})) == path
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert files.read(path).run.invocation == "one"
    assert listing(tmp_path) == [f"records/{PLACE}.json"]


def test_an_unlike_result_takes_the_place_and_the_old_one_is_kept(record, tmp_path):
    """Under its digest, so that none replaces another."""
    results = [record(provenance={"commit": letter * 40}) for letter in "abc"]
    for one in results:
        files.write(tmp_path, one)
    path = tmp_path / "records" / f"{PLACE}.json"
    kept = [tmp_path / "records-superseded" / PLACE / f"{one.digest[:12]}.json" for one in results[:2]]
    assert files.read(path) == results[2]
    assert [files.read(one) for one in kept] == results[:2]
    assert listing(tmp_path) == sorted(str(one.relative_to(tmp_path)) for one in (path, *kept))


def test_a_result_that_comes_back_takes_its_place_again(record, tmp_path):
    """Of the code of before; the one between is kept."""
    first, second = record(), record(values=())
    for one in (first, second, first, second):
        files.write(tmp_path, one)
    assert [one.digest for one in files.read_all(tmp_path)] == [second.digest]
    assert len(listing(tmp_path)) == 3


def test_a_failure_since_mended_is_kept(record, tmp_path):
    """And is no longer a row."""
    failure = record(status="failed", error="out of luck", values=())
    files.write(tmp_path, failure)
    files.write(tmp_path, record())
    assert [one.status for one in files.read_all(tmp_path)] == ["complete"]
    assert f"records-superseded/{PLACE}/{failure.digest[:12]}.json" in listing(tmp_path)


def test_a_failure_before_the_data_was_known_goes_with_the_first_that_knows_it(record, failed, tmp_path):
    """It lay on a board of its own, which nobody would ever come back to."""
    before = files.write(tmp_path, failed)
    assert before.parts[-4:-2] == (NOT_MADE[:12], "cpu")
    files.write(tmp_path, record())
    assert [one.status for one in files.read_all(tmp_path)] == ["complete"]
    kept = before.relative_to(tmp_path / "records").with_suffix("")
    assert (tmp_path / "records-superseded" / kept / f"{failed.digest[:12]}.json").is_file()


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"variant": "other"}, {"task": {"name": "coverage"}}, {"device": "cuda"}]
)
def test_such_a_failure_of_another_cell_stays(record, failed, tmp_path, other):
    """Only its own row replaces it."""
    files.write(tmp_path, failed)
    files.write(tmp_path, record(**other))
    assert sorted(one.status for one in files.read_all(tmp_path)) == ["complete", "failed"]


def test_a_failure_without_data_supersedes_no_result(record, failed, tmp_path):
    """What was measured stays where it is."""
    files.write(tmp_path, record())
    files.write(tmp_path, failed)
    assert sorted(one.status for one in files.read_all(tmp_path)) == ["complete", "failed"]


def test_all_records_come_in_the_order_of_their_paths(record, tmp_path):
    """Whatever the order in which they were written; files that are no records by name are passed over."""
    for variant, seed in (("b", 0), ("a", 10), ("a", 1), ("b", 2)):
        files.write(tmp_path, record(variant, seed=seed))
    (tmp_path / "records" / "notes.txt").write_text("mine")
    (tmp_path / "records" / ".seed-0.json.abcd.part").write_text("half")
    found = [(one.variant.name, one.seed) for one in files.read_all(tmp_path)]
    assert found == [("a", 1), ("a", 10), ("b", 0), ("b", 2)]


def test_a_store_without_records_has_none(tmp_path):
    """No folder is no error."""
    assert list(files.read_all(tmp_path)) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        (b"not JSON", "Invalid JSON: expected ident at line 1 column 2"),
        (b"\xff\xfe", "Invalid JSON: expected value at line 1 column 1"),
        (b"[1]", "Input should be an object"),
        (b"{}", "key 'status' is missing"),
    ],
)
def test_a_file_that_is_no_record_is_one_message(tmp_path, content, reason):
    """Which file, and what is wrong with it."""
    path = tmp_path / "one.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        files.read(path)
    assert str(error.value) == f"{path} is no record this version can read: {reason}."


def test_a_record_cut_short_is_one_message(record, tmp_path):
    """In its middle, and by its last letter."""
    path = files.write(tmp_path, record())
    whole = path.read_bytes()
    for length in (len(whole) // 2, len(whole) - 2):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match="is no record this version can read: Invalid JSON: EOF while parsing"):
            files.read(path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("schema_version", 2, "key 'schema_version': expected 1 (found 2)"),
        ("schema_version", "1", "key 'schema_version': expected 1 (found '1')"),
        ("seed", "one", "key 'seed': expected a whole number (found 'one')"),
        ("unheard_of", [1], "unknown key 'unheard_of'"),
    ],
)  # fmt: skip
def test_a_record_of_another_version_is_one_message(record, tmp_path, key, value, said):
    """The key, what was expected, what was found."""
    path = files.write(tmp_path, record())
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(UserError) as error:
        files.read(path)
    assert str(error.value).startswith(f"{path} is no record this version can read: {said}.")


def test_the_schema_version_is_said_before_all_that_follows_from_it(record, tmp_path):
    """A newer version has other keys too."""
    path = files.write(tmp_path, record())
    newer = {"cells": [], **json.loads(path.read_text()), "schema_version": 2}
    del newer["seed"]
    path.write_text(json.dumps(newer))
    with pytest.raises(UserError, match="key 'schema_version': expected 1"):
        files.read(path)


def test_a_key_deep_inside_is_named_by_its_way(record, tmp_path):
    """And a long value is cut short."""
    path = files.write(tmp_path, record())
    plain = json.loads(path.read_text())
    plain["values"][0]["interval"]["level"] = "x" * 1000
    path.write_text(json.dumps(plain))
    with pytest.raises(UserError) as error:
        files.read(path)
    assert "key 'values.0.interval.level': expected a number" in str(error.value)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize(
    ("make", "reason"),
    [(lambda path: None, "No such file or directory"), (Path.mkdir, "Is a directory")],
)
def test_a_file_that_cannot_be_read_is_one_message(tmp_path, make, reason):
    """Gone, or a folder."""
    path = tmp_path / "one.json"
    make(path)
    with pytest.raises(UserError) as error:
        files.read(path)
    assert str(error.value) == f"{path} cannot be read: {reason}."


def test_what_is_no_record_is_not_written_over(record, tmp_path):
    """It may be of a newer version, or somebody's only copy."""
    path = files.write(tmp_path, record())
    path.write_text("half a rec")
    with pytest.raises(UserError) as error:
        files.write(tmp_path, record(values=()))
    assert str(error.value).startswith(f"{path} is no record this version can read: Invalid JSON: ")
    assert str(error.value).endswith(". Move it out of the store's 'records' and give the same command again.")
    assert path.read_text() == "half a rec"


def test_a_kill_while_writing_leaves_the_old_or_the_new(record, tmp_path, killed_at):
    """At every file operation: no row is half there, the old one is never lost, and the next run can write."""
    old, new = record(), record(values=())
    kills = 0
    files.write(tmp_path / "before", old)
    for nth in range(1, 60):
        store = shutil.copytree(tmp_path / "before", tmp_path / str(nth))
        if not killed_at(nth, store, lambda store=store: files.write(store, new)):
            break
        kills += 1
        assert {one.digest for one in files.read_all(store)} <= {old.digest, new.digest}
        everywhere = [files.read(path) for path in store.rglob("*.json")]
        assert old.digest in {one.digest for one in everywhere}
        files.write(store, new)
        assert [one.digest for one in files.read_all(store)] == [new.digest]
    assert kills >= 5
    assert len(listing(tmp_path / str(nth))) == 2


def test_a_full_disk_leaves_no_half_a_record(record, tmp_path):
    """Nothing stands in its place; the old result is kept, and the next run writes the new one."""
    old, new = record(), record(values=())
    path = files.write(tmp_path, old)

    def work() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        with pytest.raises(OSError, match="File too large"):
            files.write(tmp_path, new)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(60)
    assert process.exitcode == 0
    assert listing(tmp_path) == [f"records-superseded/{PLACE}/{old.digest[:12]}.json"]
    assert files.write(tmp_path, new) == path
    assert files.read(path) == new


def test_workers_that_end_at_one_moment_lose_no_result(record, tmp_path):
    """Three processes write unlike results of one cell over and over: none fails, each result is kept."""
    context = multiprocessing.get_context("fork")
    begin = context.Barrier(3)

    def work(commit: str) -> None:
        begin.wait(60)
        for number in range(10):
            files.write(tmp_path, record(provenance={"commit": commit, "threads": number}))

    processes = [context.Process(target=work, args=(letter * 40,)) for letter in "abc"]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    paths = [path for path in tmp_path.rglob("*.json") if "leases" not in path.parts]
    assert len({files.read(path).digest for path in paths}) == 30
    assert len(list(files.read_all(tmp_path))) == 1


def test_a_place_that_cannot_be_written_is_an_error(record, tmp_path):
    """A file stands where the folder of records would be; the record is nowhere half."""
    (tmp_path / "records").write_text("mine")
    with pytest.raises(OSError):
        files.write(tmp_path, record())
    assert listing(tmp_path) == []
