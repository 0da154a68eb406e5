"""Work in pieces: a piece ends in time, seconds add up, curves survive kills."""

from __future__ import annotations

import pytest

from scripts.gpu.pieces import Clock, Curve, OutOfTime, thinned


def test_a_piece_that_is_over_ends_at_the_next_look(tmp_path):
    """And begins no stage."""
    clock = Clock(tmp_path / "clock.json", minutes=1)
    assert clock.check() is None
    clock.minutes = -1
    with pytest.raises(OutOfTime):
        clock.check()
    with pytest.raises(OutOfTime), clock.stage("a"):
        raise AssertionError
    assert clock.seconds() == {}


def test_seconds_of_pieces_add_up(tmp_path, monkeypatch):
    """By stage, also of one that was cut off."""
    times = iter([0.0, 0.0, 1.0, 6.0, 10.0, 11.0, 12.0, 14.0])
    monkeypatch.setattr("scripts.gpu.pieces.time.monotonic", lambda: next(times))
    first = Clock(tmp_path / "clock.json", minutes=1)
    with pytest.raises(OutOfTime), first.stage("a"):
        raise OutOfTime
    second = Clock(tmp_path / "clock.json", minutes=1)
    with second.stage("a"):
        pass
    assert second.seconds() == {"a": 7.0}


def test_a_curve_keeps_the_last_of_a_step_that_was_taken_twice(tmp_path):
    """In order of steps; a last line that a kill cut short is left out."""
    curve = Curve(tmp_path / "curve")
    assert curve.points("loss") == []
    for step, value in ((0, 3.0), (10, 2.0), (10, 1.5), (20, 1.0)):
        curve.add("loss", value, step)
        curve.add("rate", 7.0, step)
    with curve.path.open("a") as stream:
        stream.write('["loss", 30, 0.')
    assert curve.points("loss") == [(0, 3.0), (10, 1.5), (20, 1.0)]
    assert Curve(curve.path).points("rate") == [(0, 7.0), (10, 7.0), (20, 7.0)]


def test_a_long_curve_is_thinned_by_means():
    """To so many points at most, each with the last step of its own."""
    points = [(step, float(step)) for step in range(10)]
    assert thinned(points, most=5) == [[1, 0.5], [3, 2.5], [5, 4.5], [7, 6.5], [9, 8.5]]
    assert thinned(points[:3], most=5) == [[0, 0.0], [1, 1.0], [2, 2.0]]
    assert thinned([]) == []
    assert len(thinned(points * 13, most=60)) <= 60
