"""Which records make up a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.tracking import rows


def test_tasks_of_one_variant_and_seed_are_one_row(record: Record, remade: Callable[..., Record]) -> None:
    """Rows are parted by variant, seed and board, not by task."""
    other = remade(record, task="another")
    elsewhere = [remade(record, seed=3), remade(record, device="cuda")]
    found = rows.of([record, *elsewhere, other])
    assert [len(row.records) for row in found] == [2, 1, 1]
    assert found[0].digests == {"another": other.digest, "toy-distance": record.digest}
    assert found[0].title == "toy-fitted, seed 0"


def test_changed_variant_is_another_row(record: Record, remade: Callable[..., Record]) -> None:
    """Numbers of other parameters never join a row, whatever the name; a new summary changes nothing."""
    changed = remade(record, task="b", variant=record.variant.model_copy(update={"given": {"noise": 1.0}}))
    reworded = remade(record, task="c", variant=record.variant.model_copy(update={"summary": "New words."}))
    assert [len(row.records) for row in rows.of([record, changed, reworded])] == [2, 1]


def test_around_gathers_the_files_beside_a_record(store: Path, record: Record, remade: Callable[..., Record]) -> None:
    """A row is read from the files of its variant and seed; other seeds stay out."""
    other = remade(record, task="another")
    files.write(store, other)
    files.write(store, remade(record, seed=10))
    row = rows.around(files.path_of(store, record))
    assert row is not None
    assert [one.digest for one in row.records] == [other.digest, record.digest]


def test_around_a_file_that_is_gone_is_nothing(store: Path, record: Record) -> None:
    """A record may be on its way to being superseded."""
    path = files.path_of(store, record)
    path.unlink()
    assert rows.around(path) is None


def test_around_leaves_out_neighbours_that_cannot_be_read(
    store: Path, record: Record, remade: Callable[..., Record]
) -> None:
    """A damaged neighbour holds nobody up; a damaged record is an error."""
    path = files.write(store, remade(record, task="another"))
    path.write_text("{}")
    row = rows.around(files.path_of(store, record))
    assert row is not None
    assert len(row.records) == 1
    with pytest.raises(UserError):
        rows.around(path)


def test_readable_names_what_cannot_be_read(store: Path, record: Record) -> None:
    """One bad file does not hide the others."""
    bad = files.path_of(store, record)
    bad.write_text("{}")
    found = dict(rows.readable(store))
    assert isinstance(found[bad], UserError)
    assert sum(isinstance(one, Record) for one in found.values()) == 3
