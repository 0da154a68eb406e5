"""Reported seeds and development seeds, whole rows, controls."""

from __future__ import annotations

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
