"""Frames and what they hand out."""

from __future__ import annotations

import math

import pytest
import torch

from tasks.metrics.pairs.points import Frame, Points


def test_a_frame_is_about_the_mean_of_all_rows():
    """Of both sets together, weighted by their rows."""
    frame = Frame.about(torch.tensor([[0.0, 3.0]]), torch.tensor([[3.0, 0.0], [3.0, 0.0]]))
    assert frame.center.tolist() == [2.0, 1.0]


def test_the_scale_is_a_power_of_two_that_keeps_rows_below_length_one(sets, kind):
    """So that scaling rounds nothing."""
    for points in sets.points(*sets.made(kind)):
        assert math.frexp(points.frame.scale)[0] == 0.5
        assert float(points.norms.max()) <= 1.0


def test_constant_zero_rows_have_scale_one():
    """There is nothing to scale."""
    assert Frame.about(torch.zeros(3, 2)).scale == 1.0


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_rows_are_centered_and_scaled_in_float32(dtype):
    """By hand, and nothing is written into what was given."""
    features = torch.tensor([[1.0, 2.0], [5.0, -2.0]], dtype=dtype)
    points = Points(features, Frame(torch.tensor([1.0, 0.0]), 0.5))
    assert points.rows(slice(0, 2)).tolist() == [[0.0, 1.0], [2.0, -1.0]]
    assert points.rows(slice(0, 2)).dtype == torch.float32
    assert features.tolist() == [[1.0, 2.0], [5.0, -2.0]]
    assert points.norms.tolist() == pytest.approx([1.0, 5.0])
    assert points.shifts.tolist() == [0.0, 4.0]


def test_sums_of_many_rows_are_taken_in_float64():
    """A float32 sum of 2^25 ones stands still at 2^24; here rows beyond a chunk, and small beside large."""
    features = torch.cat([torch.full((5000, 1), 1e8), torch.ones(5000, 1)])
    assert float(Frame.about(features).center[0]) == pytest.approx(50000000.5, rel=1e-7)
    assert len(Points(features, Frame.about(features)).norms) == 10000
