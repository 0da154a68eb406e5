"""What a record is, what makes two of them one result, and what must be equal to compare them."""

from __future__ import annotations

import json
import math

import pydantic
import pytest

from benchmark import digests
from benchmark.contracts.task import Value
from benchmark.records.schema import Record


def test_a_record_reads_back_from_its_json(record):
    """Intervals, replicates of both kinds, refusals and nested values included."""
    made = record()
    again = Record.model_validate_json(made.model_dump_json(), strict=False)
    assert again == made
    assert [type(value.replicates).__name__ for value in again.values] == ["Replicates", "Subsamples", "NoneType"]
    assert again.digest == made.digest


def test_the_digest_is_of_all_but_the_run(record):
    """By an independent way: the JSON without that key."""
    made = record()
    plain = json.loads(made.model_dump_json())
    assert set(plain.pop("run")) == {"invocation", "command", "started", "finished", "wall_s"}
    assert made.digest == digests.of_value(plain)


def test_when_and_how_long_is_no_part_of_the_result(record):
    """A second run of the same cell is the same result."""
    later = {"invocation": "two", "command": "bench run -q", "started": "x", "finished": "y", "wall_s": {}}
    assert record(run=later).digest == record().digest
    assert record(run=later) != record()


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"values": ()},
        {"status": "failed", "error": "out of luck"},
        {"steps": ()},
        {"device": "cuda"},
        {"variant": "other"},
        {"task": {"version": 2}},
        {"identity": {"digest": "0" * 64}},
        {"provenance": {"dirty": False}},
        {"suite": {"limit": 10}},
    ],
)
def test_everything_else_is(record, changes):
    """Numbers, steps, code, data, surroundings."""
    assert record(**changes).digest != record().digest


def test_a_board_is_of_one_suite_one_dataset_and_one_device(record):
    """Its conditions, the data's digest, the kind of device; nothing of the row."""
    board = record().board
    assert board == f"study@1-0123456789ab/{'f' * 12}/cpu"
    assert record("other", seed=3, task={"name": "coverage"}).board == board
    for changes in ({"suite": {"identifier": "study@2-ab"}}, {"identity": {"digest": "0" * 64}}, {"device": "cuda"}):
        assert record(**changes).board != board


@pytest.mark.parametrize("status", ["complete", "failed", "diverged", "no-space"])
def test_every_way_to_end_has_a_status(record, status):
    """And there are no others."""
    assert record(status=status).status == status
    with pytest.raises(
        pydantic.ValidationError, match="Input should be 'complete', 'failed', 'diverged' or 'no-space'"
    ):
        record(status=status.upper())


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("schema_version", 2, "Input should be 1"),
        ("seed", "0", "valid integer"),
        ("unheard_of", 1, "Extra inputs are not permitted"),
        ("n_synthetic", None, "valid integer"),
    ],
)
def test_other_fields_and_types_are_refused(record, key, value, said):
    """A record is written by this code alone, and strictly."""
    with pytest.raises(pydantic.ValidationError, match=said):
        record(**{key: value})


def test_a_record_does_not_change(record):
    """It is what was measured."""
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        record().seed = 1


def test_a_digest_of_a_number_that_is_not_finite_is_refused(record):
    """No measurement gives one."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        _ = record(values=(Value(metric="fd", value=math.nan, n={"test": 3}, note="n"),)).digest


def test_shares_of_labels_are_told_where_they_are_not_those_of_training(record):
    """What older records mean that say nothing; their digests are what they were."""
    made = record()
    assert "labels" not in made.model_dump(mode="json")["variant"]
    equal = made.model_copy(update={"variant": made.variant.model_copy(update={"labels": "equal"})})
    assert Record.model_validate_json(equal.model_dump_json()).variant.labels == "equal"
    assert Record.model_validate_json(made.model_dump_json()).variant.labels == "training"
    assert equal.digest != made.digest
