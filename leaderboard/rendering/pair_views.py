"""Comparisons as text, shared by all renderings."""

from __future__ import annotations

from typing import NamedTuple

from leaderboard.rendering import numbers
from leaderboard.table import names
from leaderboard.table.model import Comparison, Pair, Verdict

FAMILY = "p-values are adjusted after Holm over all pairs of one metric, tested or not, family-wise 5 %"
"""What the adjustment covers."""


_ONE_TRAINING = ", of this one training"
"""Said of a comparison at one seed: its interval is over images, and another training may turn it round."""


class PairView(NamedTuple):
    """One line of a comparison."""

    metric: str
    what: str
    """``new - old``."""
    difference: str
    """``-3.2 [-4.1, -2.3]``, or ``not tested``."""
    zero: str
    """Whether the interval holds zero."""
    adjusted_p: str
    verdict: Verdict
    said: str
    """The verdict in words: of a single seed it is one on these trainings alone."""
    method: str
    seeds: str
    reason: str


def of(comparison: Comparison) -> tuple[PairView, ...]:
    """Return the lines of a comparison."""
    return tuple(_pair(pair, comparison) for pair in comparison.pairs)


def ranks(comparison: Comparison) -> tuple[str, ...]:
    """Return the rank intervals in words, one a variant; empty where there are none."""
    total = len(comparison.ranks)
    return tuple(
        f"{one.name}: rank {one.best}" + ("" if one.best == one.worst else f" to {one.worst}") + f" of {total}"
        for one in comparison.ranks
    )


def _pair(pair: Pair, comparison: Comparison) -> PairView:
    shown = "not tested" if pair.value is None else " ".join(numbers.shown(pair.value, pair.interval, signs=True))
    return PairView(
        metric=comparison.column.name,
        what=f"{pair.first} - {pair.second}",
        difference=shown,
        zero="" if pair.zero_inside is None else ("inside" if pair.zero_inside else "outside"),
        adjusted_p="" if pair.adjusted_p is None else numbers.p_value(pair.adjusted_p),
        verdict=pair.verdict,
        said=f"{pair.verdict}{_ONE_TRAINING}" if len(pair.seeds) == 1 else pair.verdict,
        method=pair.method,
        seeds=names.seeds_in_words(pair.seeds) if pair.seeds else "",
        reason=pair.reason or "",
    )
