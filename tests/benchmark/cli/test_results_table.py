"""The table that ends a run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import results_table
from benchmark.contracts.task import Value
from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.statistics.interval import Interval

Capture = pytest.CaptureFixture[str]

N = {"reference": 40, "synthetic": 30}
MEASURED = Value(
    metric="fd", value=12.345678, n=N, extractor="net", interval=Interval(10.123456, 15.654321, 0.9, "by hand", None)
)
BARE = Value(metric="kd", value=0.5, n=N, extractor="net", note="no interval here")
REFUSED = Value(metric="auc", value=None, n={"test": 7}, refused="too few images of a class")


def test_a_line_a_value_with_interval_and_n(made: Callable[..., Record], capfd: Capture) -> None:
    """Four digits, the ends, the images by role; a value without an interval says so, a refused one why."""
    results_table.show([made(MEASURED, BARE, REFUSED, seed=3)])
    lines = [line.split("  ") for line in capfd.readouterr().out.splitlines()]
    rows = [[word.strip() for word in line if word.strip()] for line in lines]
    assert rows[0] == ["generator", "seed", "metric", "value", "95% interval", "N"]
    assert rows[2:5] == [
        ["toy-fitted", "3", "fd.net", "12.35", "10.12 to 15.65", "reference 40, synthetic 30"],
        ["toy-fitted", "3", "kd.net", "0.5", "none", "reference 40, synthetic 30"],
        ["toy-fitted", "3", "auc", "refused", "too few images of a class", "test 7"],
    ]


def test_what_it_was_measured_on_stands_below(made: Callable[..., Record], capfd: Capture) -> None:
    """Suite, dataset, protocol; a limited run is marked as a trial, a full one is not."""
    record = made(MEASURED)
    results_table.show([record])
    last = capfd.readouterr().out.splitlines()[-1]
    assert last == f"{record.suite.identifier} on toy; {record.protocol.describe()}."
    results_table.show([made(MEASURED, limit=8)])
    assert capfd.readouterr().out.splitlines()[-1].endswith(". TRIAL: cut down to 8 images.")


def test_a_failed_cell_is_a_line_with_its_reason(made: Callable[..., Record], capfd: Capture) -> None:
    """Its status in place of a number; the reason in place of an interval."""
    results_table.show([made(status="diverged", error="loss is nan"), made(MEASURED)])
    failed, measured = capfd.readouterr().out.splitlines()[2:4]
    assert failed.split("  ")[0] == "toy-fitted"
    assert "toy-distance" in failed
    assert "diverged" in failed
    assert "loss is nan" in failed
    assert "12.35" in measured


def test_nothing_measured_prints_no_footing(capfd: Capture) -> None:
    """There is nothing to speak of."""
    results_table.show([])
    assert capfd.readouterr().out == "\n"


def test_json_is_of_full_precision_and_says_everything(made: Callable[..., Record], capfd: Capture) -> None:
    """The very numbers, with level and N by role; None where there is none."""
    record = made(MEASURED, BARE, REFUSED, seed=3, limit=8)
    results_table.show_json([record])
    measured, bare, refused = json.loads(capfd.readouterr().out)
    head = {
        "suite": record.suite.identifier, "limit": 8, "generator": "toy-fitted", "seed": 3, "task": "toy-distance",
        "status": "complete", "seed_kind": "reported", "protocol": "8 px, box with antialiasing, the dataset's own codec",
    }  # fmt: skip
    assert measured == {
        **head, "metric": "fd.net", "value": 12.345678, "low": 10.123456, "high": 15.654321, "level": 0.9, "method": "by hand",
        "n": N,
        "refused": None, "note": None,
    }  # fmt: skip
    nothing = {"low": None, "high": None, "level": None, "method": None}
    assert bare == {
        **head, **nothing, "metric": "kd.net", "value": 0.5, "n": N, "refused": None, "note": "no interval here",
    }  # fmt: skip
    assert refused == {
        **head, **nothing, "metric": "auc", "value": None, "n": {"test": 7}, "refused": "too few images of a class",
        "note": None,
    }  # fmt: skip


def test_json_of_a_failed_cell(made: Callable[..., Record], capfd: Capture) -> None:
    """One object, with the error and no metric."""
    results_table.show_json([made(status="failed", error="out of luck")])
    (row,) = json.loads(capfd.readouterr().out)
    assert (row["status"], row["error"]) == ("failed", "out of luck")
    assert "metric" not in row


def test_records_of_a_real_run(undisturbed: Path, capfd: Capture) -> None:
    """Every value of every record, in their order."""
    records = list(files.read_all(undisturbed))
    results_table.show_json(records)
    found = [(row["generator"], row["metric"], row["value"]) for row in json.loads(capfd.readouterr().out)]
    assert len(found) == 4
    assert found == [(one.variant.name, value.key, value.value) for one in records for value in one.values]


@pytest.fixture
def made(undisturbed: Path) -> Callable[..., Record]:
    """A record of the toy suite with values, seed, limit and status of one's own."""
    record = next(one for one in files.read_all(undisturbed) if one.variant.name == "toy-fitted")

    def make(*values: Value, limit: int | None = None, **changes: Any) -> Record:
        suite = record.suite.model_copy(update={"limit": limit})
        changed = {"values": tuple(map(dataclasses.replace, values)), "suite": suite, **changes}
        return record.model_copy(update=changed)

    return make
