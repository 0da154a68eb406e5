"""Which controls are floor and ceiling."""

from __future__ import annotations

from types import SimpleNamespace

from leaderboard.table import bounds


def _rows(made, *names):
    return [SimpleNamespace(name=name, entry=made.variant(name)) for name in names]


def test_floor_reads_real_images_and_ceiling_none(made) -> None:
    """Told by what they read, not by their place alone."""
    rows = _rows(made, "label-prompts", "noise", "real-holdout")
    assert bounds.floor(made.metric(), rows) == 2
    assert bounds.ceiling(made.metric(), rows) == 1


def test_metric_bounded_by_noise_alone_has_no_floor(made) -> None:
    """The first name is not the floor where it shows no real images."""
    rows, metric = _rows(made, "noise", "real-holdout"), made.metric(bounded_by=("noise",))
    assert bounds.floor(metric, rows) is None
    assert bounds.ceiling(metric, rows) == 0


def test_a_name_that_is_no_control_or_ambiguous_bounds_nothing(made) -> None:
    """A generator under a control's name is no bound, nor are two rows of one name."""
    generator = SimpleNamespace(name="noise", entry=made.variant("noise", kind="generator"))
    assert bounds.ceiling(made.metric(), [generator]) is None
    assert bounds.ceiling(made.metric(), _rows(made, "noise", "noise")) is None
