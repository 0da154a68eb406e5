"""Reported seeds and development seeds, whole rows, controls."""

from __future__ import annotations

import pytest

from benchmark.protocol.definition import Protocol
from leaderboard.rendering import views
from leaderboard.table import boards


def test_development_seeds_stand_apart_and_enter_no_mean(made) -> None:
    """Seeds from 100 on are a group of their own; 99 is still a reported one."""
    records = [
        made.record("label-prompts", made.value(number), seed=seed)
        for seed, number in ((0, 1.0), (99, 3.0), (100, 1000.0), (101, 2000.0))
    ]
    reported, development = boards.of(records)[0].groups
    assert (reported.reported, reported.seeds) == (True, (0, 99))
    assert (development.reported, development.seeds) == (False, (100, 101))
    assert reported.row("label-prompts").cells[0].value == 2.0
    assert development.row("label-prompts").cells[0].value == 1500.0
    slugs = [row.slug for group in (reported, development) for row in group.rows]
    assert len(slugs) == len(set(slugs))


def test_controls_that_hand_out_real_images_keep_their_own_intervals(made) -> None:
    """Over seeds; generators and noise are averaged."""
    names = ("label-prompts", "vae-roundtrip", "noise")
    records = [
        made.record(name, made.value(float(seed), interval=made.interval(seed - 1, seed + 5), note=None), seed=seed)
        for name in names
        for seed in (1, 2, 3)
    ]
    (group,) = boards.of(records)[0].groups
    methods = {row.name: row.cells[0].method for row in group.rows}
    assert "seeds use the same real images" in methods["vae-roundtrip"]
    assert "over seeds, n = 3" in methods["label-prompts"]
    assert "over seeds, n = 3" in methods["noise"]


def test_every_variant_of_the_suite_and_every_control_is_a_row(made) -> None:
    """Failed, diverged, full disk, not run: all are rows, none is dropped."""
    records = [
        made.record("label-prompts", made.value(1.0)),
        made.record("off-the-shelf", status="diverged", error="loss is nan"),
        made.record("noise", status="no-space", error="disk full"),
    ]
    (group,) = boards.of(records)[0].groups
    assert [(row.name, row.cells[0].state) for row in group.rows] == [
        ("off-the-shelf", "diverged"), ("label-prompts", "measured"), ("morphology-k12", "not run"),
        ("vae-roundtrip", "not run"), ("real-holdout", "not run"), ("noise", "no-space"),
    ]  # fmt: skip
    assert [row.kind for row in group.rows[-2:]] == ["control", "control"]


def test_an_older_measurement_is_shown_but_not_compared(made) -> None:
    """Numbers of two versions of a task never rank together."""
    records = [
        made.record("off-the-shelf", made.value(1.0)),
        made.record("label-prompts", made.value(2.0), task_entry={"version": 2}),
    ]
    (group,) = boards.of(records)[0].groups
    assert not group.row("off-the-shelf").cells[0].compared
    assert group.row("label-prompts").cells[0].compared
    assert "has no number that compares" in group.comparisons[0].pairs[0].reason


OLD, NEW, NEWEST = "off-the-shelf", "label-prompts", "morphology-k12"


def _ranked(made, odd, **metric):
    """The group of three variants of three seeds, the last of which has `odd` about it."""
    one = made.metric(**metric)
    suite = {"primary": (OLD, NEW, NEWEST)}
    records = [
        made.record(name, made.value(number + seed / number), seed=seed, metrics=[one], suite=suite)
        for name, number in ((OLD, 5.0), (NEW, 3.0))
        for seed in range(3)
    ]
    records += [
        made.record(
            NEWEST, made.value(1.0 + seed / 10, **odd.get("value", {})), seed=seed, metrics=[one], suite=suite,
            **odd.get("record", {}),
        )
        for seed in range(3)
    ]  # fmt: skip
    (board,) = boards.of(records)
    return board.groups[0]


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (
            {"value": {"n": {"reference": 750, "synthetic": 1400}}},
            "N is reference 750, synthetic 1400, the column's is",
        ),
        (
            {"value": {"n": {"reference": 700, "synthetic": 1500}}},
            "N is reference 700, synthetic 1500, the column's is",
        ),
        ({"record": {"task_entry": {"resolved": {"k": 4}}}}, "other parameters of the task"),
        ({"record": {"protocol": Protocol(size=31)}}, f"protocol {Protocol(size=31).digest}, the column's is"),
        (
            {"record": {"protocol": Protocol(size=32, reference="training")}},
            f"protocol {Protocol(size=32, reference='training').digest}, the column's is",
        ),
    ],
)
def test_numbers_of_unlike_n_k_or_protocol_never_share_a_ranking(made, odd, said) -> None:
    """The odd one, the best of all, is shown with the reason; no table sorts it, no pair or rank counts it."""
    group = _ranked(made, odd)
    cell = group.row(NEWEST).cells[0]
    assert (cell.value, cell.compared) == (pytest.approx(1.1), False)
    assert any(note.startswith("not compared: ") and said in note for note in cell.notes)
    (table,) = views.tables(group)
    shown = {view.row.name: view.cells[0] for view in table.generators}
    assert shown[NEWEST].order is None
    assert shown[NEWEST].value
    told = dict(table.notes)
    assert any(said in told[mark] for mark in shown[NEWEST].marks)
    assert shown[OLD].order > shown[NEW].order
    (comparison,) = group.comparisons
    verdicts = {(pair.first, pair.second): pair.verdict for pair in comparison.pairs}
    assert verdicts[(NEWEST, OLD)] == verdicts[(NEWEST, NEW)] == "not tested"
    assert verdicts[(NEW, OLD)] != "not tested"
    assert comparison.ranks == ()


def test_a_metric_that_compares_at_any_n_ranks_across_n(made) -> None:
    """And it alone; k and protocol still part."""
    few = {"value": {"n": {"reference": 700, "synthetic": 1400}}}
    group = _ranked(made, few, comparable_at="any N")
    assert group.row(NEWEST).cells[0].compared
    assert {pair.verdict for pair in group.comparisons[0].pairs}.isdisjoint({"not tested"})
    assert len(group.comparisons[0].ranks) == 3
    other = _ranked(made, {"record": {"protocol": Protocol(size=31)}}, comparable_at="any N")
    assert not other.row(NEWEST).cells[0].compared
