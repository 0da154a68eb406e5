"""The columns of records."""

from __future__ import annotations

from leaderboard.table import columns


def test_columns_stand_in_the_order_of_tasks_metrics_and_extractors(made) -> None:
    """Tasks by when they were first finished, metrics as declared, extractors as the suite lists them."""
    metrics = [made.metric("z-first"), made.metric("a-second")]
    values = [made.value(1.0, name, extractor=net) for net in ("one", "two") for name in ("a-second", "z-first")]
    nets = {"two": 1, "one": 1}
    late = made.record("a", *values, metrics=metrics, extractors=nets, task="aaa", run={"finished": "2026-02-02"})
    early = made.record("a", made.value(), task="zzz", run={"finished": "2026-01-01"})
    found = [(one.task, one.name) for one in columns.of([late, early])]
    assert found == [
        ("zzz", "fd.net"),
        ("aaa", "z-first.two"), ("aaa", "z-first.one"), ("aaa", "a-second.two"), ("aaa", "a-second.one"),
    ]  # fmt: skip


def test_a_task_that_only_failed_still_has_its_columns(made) -> None:
    """Without a value the metric alone names the column."""
    failed = made.record("a", status="failed", error="x", metrics=[made.metric("kd")])
    assert [one.name for one in columns.of([failed])] == ["kd"]


def test_several_values_of_one_key_are_several_columns(made) -> None:
    """No value is dropped because another has its key."""
    record = made.record("a", made.value(1.0), made.value(2.0))
    assert [one.name for one in columns.of([record])] == ["fd.net", "fd.net (2)"]


def test_newest_description_of_a_metric_stands(made) -> None:
    """Where a task was rewritten, its newest words explain the column."""
    old = made.record("a", made.value(), metrics=[made.metric(definition="old")])
    new = made.record(
        "b", made.value(), metrics=[made.metric(definition="new")], task_entry={"version": 2}
    )  # fmt: skip
    assert columns.of([new, old])[0].metric.definition == columns.of([old, new])[0].metric.definition == "new"


def test_undeclared_values_are_found(made) -> None:
    """A value whose metric the record does not describe is named."""
    assert columns.undeclared(made.record("a", made.value(1.0, "ghost"))) == ("ghost.net",)
