"""Which numbers compare."""

from __future__ import annotations

import pytest

from benchmark.protocol.definition import Protocol
from leaderboard.table import basis


def _of(made, *, task_version: int = 1, extractor_version: int = 1, n=None, comparable_at: str = "equal N", **more):
    value = made.value(1.0, **({} if n is None else {"n": n}))
    record = made.record(
        "label-prompts", value, task_entry={"version": task_version}, extractors={"net": extractor_version}, **more
    )
    return basis.of(record, value, made.metric(comparable_at=comparable_at))


@pytest.mark.parametrize(
    "changed",
    [
        {"task_version": 2},
        {"extractor_version": 2},
        {"n": {"synthetic": 9}},
        {"n": {"reference": 9, "synthetic": 1500}},
        {"protocol": Protocol(size=33)},
        {"protocol": Protocol(size=32, root="newton-schulz")},
    ],
)
def test_unlike_measurements_have_unlike_bases(made, changed) -> None:
    """Task version, extractor version, N of either side and protocol each keep numbers apart, and it is told why."""
    assert _of(made) != _of(made, **changed)
    assert basis.unlike(_of(made, **changed), _of(made)).startswith("not compared: ")


def test_any_n_compares_where_the_metric_says_so(made) -> None:
    """An unbiased metric compares at unlike N, but under one protocol alone."""
    assert _of(made, comparable_at="any N") == _of(made, n={"synthetic": 9}, comparable_at="any N")
    other = _of(made, comparable_at="any N", protocol=Protocol(size=33))
    assert _of(made, comparable_at="any N") != other
    assert "protocol " in basis.unlike(other, _of(made, comparable_at="any N"))


def test_newest_measurement_wins_over_the_commonest(made) -> None:
    """One number of a newer task outweighs many of the older one."""
    old, new = _of(made), _of(made, task_version=2)
    assert basis.choose([old, old, old, new]) == new


def test_commonest_n_wins_and_ties_go_to_more_images(made) -> None:
    """Between N of one measurement the commoner is the column's."""
    few, many = _of(made, n={"synthetic": 10}), _of(made, n={"synthetic": 20})
    assert basis.choose([few, few, many]) == few
    assert basis.choose([few, many]) == basis.choose([many, few]) == many
    assert basis.choose([]) is None
