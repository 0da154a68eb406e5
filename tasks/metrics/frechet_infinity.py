"""FD-infinity: what the Frechet distance would be of infinitely many images of both kinds.

Definition: both sides are shrunk together to a share of their rows (all, 3/4, 1/2 and, where it holds 2 D rows or
more, 1/4); the distance at each share is the mean over subsets; the intercept of its least-squares line in 1/N is the
value. Source: Chong and Forsyth (2020), arXiv:1911.07023, for the line and its intercept. Ours are: that both sides
shrink (published code shrinks the synthetic side alone, and leaves the bias of the other in the intercept), the shares,
the balanced subsets, the tests of validity and the interval.

Subsets: the groups of each side, never parted, are dealt into four parts of about equal size; the subsets are one, two
or three neighboring parts, in a ring. Every row is in equally many subsets of a share, so that for parts of equal size
what is linear in the rows is the same at every share: it cancels in the slope, and the intercept varies little more
than the distance itself.
Nothing is drawn: the same groups give the same subsets, for all variants. Where groups are slides the value is that of
infinitely many slides.

Estimand: the distance between the populations. Shapes: real (N, D), synthetic (M, D), any real dtype; computed in
float64. Direction: lower. Bounds: none below: the estimate of a value near 0 may lie below 0, and `frechet_infinity`
does not cut it, else it would be biased; none above. Rows that bound it: the noise row from above; at the floor, where
it is about 0, it is not valid (below).
N_min: 4 D on both sides (`enough`), in 8 groups or more. The expectation is a line in 1/N up to terms of order
(D / N)^2: for equal Gaussians of 16 columns at N = 4 D these moved the intercept by about 3 % of the plain value (400
trials, standard error 1 %).
Blind to: what the Frechet distance is blind to.

Validity (`FrechetInfinity.invalid`): the number of rows; a line that is none (the quadratic term moves the intercept
by more than half its standard error, significant at 5 %); a value that is mostly extrapolated (the intercept is less
than half the plain value, or more than half above it).

Selection: the last test looks at the estimate itself. Where values that are not valid are refused, those near the floor
that are shown are the large ones, and read too high: for equal Gaussians (300 rows, 4 columns, truth 0) one in twenty
is shown, and these are 0.06 on average (docs/numbers.md). The mean of all estimates, which `mark` leaves
standing, has no such bias. What is shown and moved by more than a quarter of the plain value says that it may be so
selected (`FrechetInfinity.selected`).

Interval: delete-a-group jackknife over the whole fit, to first order as that of the distance
(`frechet.influences`): every subset without the group. A replicate keeps the abscissa of its subset, since to first
order it keeps the subset's bias.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmark.statistics.arrays import Bools, Floats, Ints
from benchmark.statistics.groups import check_groups, merged
from benchmark.statistics.jackknife import Replicates, Side
from benchmark.statistics.quantiles import two_sided_p
from tasks.metrics import enough
from tasks.metrics.frechet import MINIMUM_ROWS, influences
from tasks.metrics.guard import ArrayPair, FeatureError, Table, check_pair

PARTS = 4
"""Parts that each side is dealt into."""
MINIMUM_GROUPS = 2 * PARTS
"""Fewest groups a side: two a part, so that it is still there without one."""
_SMALLEST = 2
"""Fewest rows of a quarter, as a multiple of the features' width."""
LEVEL = 0.05
"""Significance of the quadratic term."""
TOLERATED = 0.5
"""Greatest shift by the quadratic term, in standard errors: with it an interval of 95 % holds the truth in 92 %."""
EXTRAPOLATED = 0.5
"""Greatest distance between the plain value and the intercept, as a share of the plain value."""
NEAR = 0.25
"""Distance beyond which a value is near that limit: half of it. Where simulations of 100 and 300 rows refused more than
half of the values, nine in ten or more of those shown lay beyond this (docs/numbers.md). Where few are refused some lie
beyond it too, and a single value cannot tell which of the two it is."""


@dataclass(frozen=True)
class FrechetInfinity:
    """The intercept, and what tells whether it may be believed."""

    intercept: Replicates
    """Intercept of the line in 1/N, with each group of each side left out."""
    shift: Replicates
    """Intercept of the parabola in 1/N less that of the line, likewise."""
    plain: float
    """The distance of all rows."""
    n: dict[str, int]
    """Rows of each side."""
    width: int
    """Columns, D."""

    def invalid(self) -> str | None:
        """Return why the value must not be believed, or None where nothing speaks against it."""
        few = enough.shortfall("fd-infinity", n=self.n, width=self.width)
        return few or self._curved() or self._extrapolated()

    def selected(self) -> str | None:
        """Return that a value which is shown, while those beyond the limit are refused, may read too high, or None."""
        if self._extrapolated() is not None or self.plain - self.intercept.full <= NEAR * self.plain:
            return None
        ends = f"from {self.plain:.4g} at this N to {self.intercept.full:.4g}"
        return (
            f"near the limit of half: extrapolation moves it {ends}; values beyond the limit are refused, so that "
            "where the true value is near it or beyond those shown read too high on average"
        )

    def _curved(self) -> str | None:
        size, error = self.shift.full, self.shift.standard_error
        p = two_sided_p(size, standard_error=error, df=self.shift.df)
        if p is None or p >= LEVEL or abs(size) <= TOLERATED * self.intercept.standard_error:
            return None
        return (
            f"the distance is no line in 1/N: a quadratic term (p = {p:.2g}) would move the intercept from "
            f"{self.intercept.full:.4g} to {self.intercept.full + size:.4g}"
        )

    def _extrapolated(self) -> str | None:
        if abs(self.plain - self.intercept.full) <= EXTRAPOLATED * self.plain:
            return None
        ends = f"from {self.plain:.4g} at this N to {self.intercept.full:.4g}"
        return f"extrapolation would move it by more than half: {ends}"


def too_few_groups(*, real_groups: Ints, synthetic_groups: Ints) -> str | None:
    """Return why the groups cannot be dealt into parts that are still there without any one group, or None.

    Args:
        real_groups: Group of each real row, shape (N,), 0 to G - 1.
        synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1.

    Returns:
        The reason, in words fit for print.
    """
    for role, labels in (("real", real_groups), ("synthetic", synthetic_groups)):
        sizes = np.bincount(labels)
        if len(sizes) < MINIMUM_GROUPS:
            return f"the {role} side has {len(sizes)} groups or slides: expected {MINIMUM_GROUPS} or more"
        if np.bincount(merged(sizes, PARTS), minlength=PARTS).min() < 2:
            return (
                f"the {role} side cannot be dealt into {PARTS} equal parts of two groups or slides each: "
                f"the largest holds {sizes.max()} of {sizes.sum()} rows"
            )
    return None


def too_few_rows(*, real: Table, synthetic: Table) -> str | None:
    """Return what `FrechetInfinity.invalid` will say of the number of rows, or None, before anything is fitted.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).

    Returns:
        The reason, in words fit for print.

    Raises:
        FeatureError: if the features cannot be used.
    """
    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS).arrays()
    n = {"real": len(pair.real), "synthetic": len(pair.synthetic)}
    return enough.shortfall("fd-infinity", n=n, width=pair.real.shape[1])


def frechet_infinity(*, real: Table, synthetic: Table, real_groups: Ints, synthetic_groups: Ints) -> FrechetInfinity:
    """Return the Frechet distance at infinite N and what tells whether it may be believed.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        real_groups: Group of each real row, shape (N,), 0 to G - 1, G >= 8.
        synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1, H >= 8.

    Returns:
        The value with replicates of the sides real and synthetic, to be asked for `invalid`.

    Raises:
        FeatureError: if the features cannot be used, or a side cannot be dealt into parts (`too_few_groups`).
    """
    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS).arrays()
    groups = _Groups(
        real=check_groups(real_groups, rows=len(pair.real), role="real"),
        synthetic=check_groups(synthetic_groups, rows=len(pair.synthetic), role="synthetic"),
    )
    if (reason := too_few_groups(real_groups=groups.real, synthetic_groups=groups.synthetic)) is not None:
        raise FeatureError(f"FD-infinity cannot be computed: {reason}. Give images of more slides.")
    parts = [_dealt(labels) for labels in groups]
    rows, width = min(len(side) for side in pair), pair.real.shape[1]
    smallest = 1 if rows >= PARTS * _SMALLEST * width else 2
    points = [_point(pair, groups, parts, taken) for taken in range(PARTS, smallest - 1, -1)]
    abscissa = np.array([point.abscissa for point in points]) / points[0].abscissa
    line, parabola = (np.linalg.pinv(np.vander(abscissa, order, increasing=True))[0] for order in (2, 3))
    return FrechetInfinity(
        intercept=_combined(points, line, groups),
        shift=_combined(points, parabola - line, groups),
        plain=points[0].full,
        n={"real": len(pair.real), "synthetic": len(pair.synthetic)},
        width=width,
    )


class _Groups(NamedTuple):
    """The group of each row, by side."""

    real: Ints
    synthetic: Ints


class _Point(NamedTuple):
    """The distance at one share of the rows."""

    abscissa: float
    """Mean of 1/N over subsets and sides."""
    full: float
    """Mean distance over subsets."""
    moved: tuple[Floats, Floats]
    """How far it moves without each group, to first order, by side."""


def _dealt(groups: Ints) -> Ints:
    """Return the part of each row; largest groups first, each into the part with fewest rows."""
    return np.asarray(merged(np.bincount(groups), PARTS)[groups])


def _point(pair: ArrayPair, groups: _Groups, parts: list[Ints], taken: int) -> _Point:
    """Return the mean over the subsets of so many neighboring parts."""
    subsets = [_without(pair, groups, [_ring(part, start, taken) for part in parts]) for start in _starts(taken)]
    return _Point(
        float(np.mean([one.abscissa for one in subsets])),
        float(np.mean([one.full for one in subsets])),
        (np.mean([one.moved[0] for one in subsets], axis=0), np.mean([one.moved[1] for one in subsets], axis=0)),
    )


def _starts(taken: int) -> range:
    """Return where subsets begin: so that each part is in equally many of them, and of halves only disjoint ones."""
    return range(0, PARTS, taken if PARTS % taken == 0 else 1)


def _ring(parts: Ints, start: int, taken: int) -> Bools:
    """Return which rows are in the parts from `start` on."""
    return np.asarray((parts - start) % PARTS < taken)


def _without(pair: ArrayPair, groups: _Groups, chosen: list[Bools]) -> _Point:
    """Return the distance of one subset of both sides."""
    found = influences(real=pair.real[chosen[0]], synthetic=pair.synthetic[chosen[1]])
    moved = []
    for labels, rows, influence in zip(groups, chosen, (found.real, found.synthetic), strict=True):
        count = int(labels.max()) + 1
        left = rows.sum() - np.bincount(labels[rows], minlength=count)
        moved.append(-np.bincount(labels[rows], weights=influence, minlength=count) / left)
    abscissa = float(np.mean([1.0 / rows.sum() for rows in chosen]))
    return _Point(abscissa, found.full, (moved[0], moved[1]))


def _combined(points: list[_Point], weights: Floats, groups: _Groups) -> Replicates:
    """Return a weighted sum over shares, with each group left out."""
    full = float(weights @ np.array([point.full for point in points]))
    sides = (
        Side.of(role, groups=labels, values=list(full + weights @ np.array([point.moved[place] for point in points])))
        for place, (role, labels) in enumerate(zip(("real", "synthetic"), groups, strict=True))
    )
    return Replicates(full, tuple(sides))
