"""Which metrics order the variants."""

from __future__ import annotations

import pytest

from leaderboard.table import boards


def _caution(made, values, **metric):
    metric = made.metric(**{"name": "fd"} | metric)
    records = [made.record(name, made.value(number, metric.name), metrics=[metric]) for name, number in values.items()]
    return boards.of(records)[0].groups[0].columns[0].caution


@pytest.mark.parametrize("name", ["recall", "recall-k3", "improved-recall"])
def test_recall_does_not_order(made, name) -> None:
    """Noise reaches full recall, so the column is not sorted on."""
    assert "does not order" in _caution(made, {"label-prompts": 0.5}, name=name, direction="higher")


def test_target_metrics_do_not_order(made) -> None:
    """Neither side is better."""
    assert "does not order" in _caution(made, {"label-prompts": 0.5}, direction="target")


def test_a_reference_does_not_order(made) -> None:
    """It is a number of the real images."""
    assert "real images alone" in _caution(made, {"label-prompts": 0.5}, direction="reference")


def test_a_column_that_noise_tops_does_not_order(made) -> None:
    """Asymmetric: noise better than real images is a warning, worse is as it should be."""
    topped = {"label-prompts": 1.0, "real-holdout": 0.5, "noise": 0.9}
    assert "'noise'" in _caution(made, topped, direction="higher")
    assert _caution(made, topped, direction="lower") is None


def test_distances_order(made) -> None:
    """FD has no caution."""
    assert _caution(made, {"label-prompts": 1.0, "real-holdout": 0.1, "noise": 99.0}) is None
