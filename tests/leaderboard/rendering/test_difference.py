"""Pictures of differences."""

from __future__ import annotations

from leaderboard.rendering import difference
from leaderboard.table.model import Pair


def _pair(made, low, high):
    interval = None if low is None else made.interval(low, high)
    value = None if low is None else (low + high) / 2
    return Pair("new", "old", value, interval, (0,), "", None, None, "better", None)


def test_zero_stands_in_the_middle_and_pairs_share_the_axis(made) -> None:
    """-4 to -2 on an axis of 8 either side: from a quarter to three eighths."""
    pairs = [_pair(made, -4.0, -2.0), _pair(made, 1.0, 8.0)]
    extent = difference.reach(pairs)
    assert extent == 8.0
    assert 'x1="25.00%" x2="37.50%"' in difference.bar(pairs[0], extent)
    assert 'class="zero" x1="50.00%"' in difference.bar(pairs[0], extent)


def test_untested_pair_shows_zero_alone(made) -> None:
    """No dot without a number."""
    assert difference.reach([_pair(made, None, None)]) == 1.0
    assert "circle" not in difference.bar(_pair(made, None, None), 1.0)
