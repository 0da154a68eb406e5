"""The rows of a group."""

from __future__ import annotations

from leaderboard.table import rows


def _names(made, records, expected=()):
    found = rows.of(records, metrics=[made.metric(bounded_by=("real-holdout", "noise"))], expected=expected)
    return [(one.name, one.kind, bool(one.records)) for one in found]


def test_generators_first_controls_last_each_in_the_suites_order(made) -> None:
    """A control never stands among the generators, wherever the suite lists it."""
    records = [made.record(name) for name in ("noise", "b", "a")]
    assert _names(made, records, ["noise", "a", "real-holdout", "b"]) == [
        ("a", "generator", True), ("b", "generator", True), ("noise", "control", True),
        ("real-holdout", "control", False),
    ]  # fmt: skip


def test_controls_that_bound_a_metric_are_always_there(made) -> None:
    """Even where the suite lists none."""
    assert _names(made, [made.record("a")])[1:] == [("real-holdout", "control", False), ("noise", "control", False)]


def test_one_name_with_unlike_parameters_is_two_rows(made) -> None:
    """Seeds of two definitions are never averaged."""
    other = made.variant("a", resolved={"steps": 999})
    found = rows.of([made.record("a", seed=0), made.record("a", seed=1, variant=other)], metrics=(), expected=["a"])
    assert [one.name for one in found] == ["a", "a"]
    assert len({one.slug for one in found}) == len({one.definition for one in found}) == 2
    assert None not in {one.definition for one in found}


def test_words_about_a_variant_do_not_split_it(made) -> None:
    """A changed summary is the same variant."""
    other = made.variant("a", summary="Better words.", origin="elsewhere")
    assert len(rows.of([made.record("a"), made.record("a", seed=1, variant=other)], metrics=(), expected=())) == 1


def test_suite_order_joins_unlike_lists(made) -> None:
    """The longest list leads; names only other records know follow."""
    records = [made.record("a", suite={"variants": names}) for names in (("c",), ("a", "b"), ("a", "x"))]
    assert rows.suite_order(records) == rows.suite_order(records[::-1]) == ["a", "b", "x", "c"]
