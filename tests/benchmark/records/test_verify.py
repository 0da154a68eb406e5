"""Records held against what was measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from benchmark.records import verify
from benchmark.store.store import Store


@pytest.fixture
def store(undisturbed: Path) -> Store:
    """A copy of a store that a run of toys left."""
    return Store.existing(undisturbed)


def first(store: Store) -> Path:
    """Return the file of the first record."""
    return min((store.root / "records").rglob("*.json"))


def test_records_of_a_run_are_sound(store: Store) -> None:
    """All of them; there are some."""
    assert first(store).exists()
    assert list(verify.unsound(store)) == []


def test_a_number_that_was_changed_is_named(store: Store) -> None:
    """With the metric's key; other records are not suspected."""
    path = first(store)
    record = json.loads(path.read_text())
    record["values"][0]["value"] += 0.001
    path.write_text(json.dumps(record))
    value = record["values"][0]
    key = value["metric"] if value["extractor"] is None else f"{value['metric']}.{value['extractor']}"
    assert list(verify.unsound(store)) == [(path, f"not what was measured: {key}")]


def test_a_value_that_was_taken_out_is_missed(store: Store) -> None:
    """Though what is left is as it was measured."""
    path = first(store)
    record = json.loads(path.read_text())
    del record["values"][0]
    path.write_text(json.dumps(record))
    assert list(verify.unsound(store)) == [(path, "not what was measured: some")]


def test_what_is_no_record_is_named(store: Store) -> None:
    """With the reason why it cannot be read."""
    path = first(store)
    path.write_text("{bad")
    ((found, problem),) = verify.unsound(store)
    assert found == path
    assert "is no record this version can read" in problem


def test_a_record_alone_is_taken_at_its_word(store: Store) -> None:
    """The measurements may be cleaned up; failures have none."""
    shutil.rmtree(store.root / "objects" / "measure")
    assert list(verify.unsound(store)) == []
