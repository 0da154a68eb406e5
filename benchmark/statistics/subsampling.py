"""Rescaled subsampling without replacement, for counts of neighbors: precision, recall, density, coverage.

Sampling with replacement makes twins, and a twin is a neighbor at distance zero, so the bootstrap is wrong
for these metrics. A subsample of a fraction f drawn without replacement has none; its variance about its own
mean, given the data, becomes that of the full value by var = var_sub f / (1 - f) (Wu 1990, Annals of
Statistics 18; Politis, Romano and Wolf 1999, "Subsampling"). Here f = 1/2, where the factor is 1, and the
subsamples come as the two halves of random splits.

Two forms of the variance come from the same splits, and neither is right alone for counts of neighbors:

- `rescaled_standard_error` is the formula above, exact for statistics that are linear in the rows. An
  interaction of c rows enters it (1 - f^c) / (1 - f) times, up to twice, so it is too wide.
- `half_standard_error` is the root mean square of (first half - second half) / 2: equal for a linear
  statistic, and free of that excess for any, since two halves share no row. It is too narrow where the
  variance falls by less than half from N / 2 to N, as that of coverage may.

`standard_error`, of which the interval is made, is the root of the mean of their squares: a compromise whose
coverage is still to be established by simulation, so that these intervals are approximate.

Estimand: the expectation of the statistic at this (N_real, N_synthetic, k). The halves give the spread only;
the interval is centered on the full value, for at fixed k the mean of the halves belongs to half the N.

Both sides are halved together, so that their ratio is kept. Units are rows, or whole groups where rows of a
slide belong together.

A share of exactly 0 or 1 gets the exact (Clopper-Pearson) bound of as many independent units.

Degrees of freedom: 1 / df = 1 / splits + 1 / (units - 1), units being those of the side that has fewest.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.errors import UserError
from benchmark.statistics.arrays import Bools, Ints
from benchmark.statistics.groups import check_groups, groups_digest
from benchmark.statistics.interval import Interval, around, check_level
from benchmark.statistics.quantiles import two_sided_p, two_sided_quantile

METHOD = "subsampled halves without replacement, rescaled, t quantile"
"""How the interval names itself."""
EDGE_METHOD = "exact bound of a share of 0 or 1, units taken as independent"
"""How the bound names itself that stands in for it where no half differs from another."""


@dataclass(frozen=True)
class Subsamples:
    """A statistic on all rows and on the two halves of random splits."""

    full: float
    """The statistic on all rows."""
    first: tuple[float, ...]
    """The statistic on one half, one value a split."""
    second: tuple[float, ...]
    """The statistic on the other half, one value a split."""
    units: int
    """Rows or groups of the side that has fewest."""
    digest: str
    """Digest of the splits: equal digests, the same halves."""

    def __post_init__(self) -> None:
        """Refuse subsamples that have no variance.

        Raises:
            ValueError: if there are fewer than two splits or units, or a value is not finite.
        """
        if len(self.first) != len(self.second) or len(self.first) < 2 or self.units < 2:
            raise ValueError("Subsamples need two splits or more of two units or more.")
        if not all(math.isfinite(value) for value in (self.full, *self.first, *self.second)):
            raise ValueError("A subsample gave a value that is not finite.")

    @property
    def half_standard_error(self) -> float:
        """Standard error from the differences between halves."""
        gaps = np.asarray(self.first) - np.asarray(self.second)
        return float(np.sqrt(np.mean(gaps**2)) / 2.0)

    @property
    def rescaled_standard_error(self) -> float:
        """Standard error from the spread of the halves about their mean; the factor f / (1 - f) is 1."""
        return float(np.std([*self.first, *self.second], ddof=1))

    @property
    def standard_error(self) -> float:
        """Root mean square of the two; 0 where nothing varies."""
        error = math.sqrt((self.half_standard_error**2 + self.rescaled_standard_error**2) / 2.0)
        # Equal halves leave rounding noise behind, which a t ratio would take for certainty.
        return 0.0 if error <= 1e-12 * max(map(abs, (*self.first, *self.second))) else error

    @property
    def df(self) -> float:
        """Degrees of freedom of the standard error."""
        return 1.0 / (1.0 / len(self.first) + 1.0 / (self.units - 1))

    def interval(self, *, level: float = 0.95, bounds: tuple[float, float] = (-math.inf, math.inf)) -> Interval | None:
        """Return the interval of the statistic's expectation at this N, M and k.

        Args:
            level: Nominal coverage, 0 < level < 1.
            bounds: Least and greatest value of the estimand; the interval is cut to them.

        Returns:
            full -/+ t quantile x standard error. For a share (bounds 0 and 1) of exactly 0 or 1 the exact bound of
            that many independent units instead: how much the halves differ there is chance, mostly nothing. None
            where no half differs from another and nothing can be said.
        """
        check_level(level)
        if bounds == (0.0, 1.0) and self.full in bounds:
            return self._at_the_edge(level)
        if self.standard_error == 0.0:
            return None
        half = two_sided_quantile(level, self.df) * self.standard_error
        return around(self.full, half, level=level, method=METHOD, df=self.df, bounds=bounds)

    def p_value(self) -> float | None:
        """Return the two-sided p-value of the null that the estimand is zero; None where nothing varies."""
        return two_sided_p(self.full, standard_error=self.standard_error, df=self.df)

    def _at_the_edge(self, level: float) -> Interval:
        bound = ((1.0 - level) / 2.0) ** (1.0 / self.units)
        low, high = (bound, 1.0) if self.full == 1.0 else (0.0, 1.0 - bound)
        return Interval(low, high, level, EDGE_METHOD, None)


def subsample(
    statistic: Callable[..., Sequence[float]], *, groups: Mapping[str, Ints], seed: int, splits: int = 50
) -> tuple[Subsamples, ...]:
    """Recompute a statistic on both halves of random splits of every sample at once.

    Args:
        statistic: Takes the kept row numbers of each role as keyword arguments (`real=rows, synthetic=rows`),
            int64 and rising, and returns one value or several, always as many.
        groups: Unit of each row by role, each of shape (N_role,), 0 to G_role - 1; `numpy.arange(N)` splits
            rows.
        seed: Seed of the splits, the same for all variants that are to be compared.
        splits: Number of splits, 2 or more; the statistic is computed 2 splits + 1 times.

    Returns:
        Subsamples of each value that the statistic returns, in order.

    Raises:
        UserError: if the groups cannot be used.
    """
    drawn = draw(groups, seed=seed, splits=splits)
    full = statistic(**{role: np.arange(len(mask), dtype=np.int64) for role, mask in drawn.members.items()})
    halves = [
        [statistic(**{role: np.flatnonzero(mask[:, half]) for role, mask in drawn.members.items()}) for half in both]
        for both in zip(range(splits), range(splits, 2 * splits), strict=True)
    ]
    by_value = zip(*(first for first, _ in halves), *(second for _, second in halves), strict=True)
    return tuple(drawn.subsamples(value, of_halves) for value, of_halves in zip(full, by_value, strict=True))


@dataclass(frozen=True, eq=False)
class Draw:
    """Random splits of every sample at once."""

    members: dict[str, Bools]
    """Which row is in which half, by role, each of shape (N_role, 2 splits): all first halves, then all second ones."""
    units: int
    """Rows or groups of the side that has fewest."""
    digest: str
    """Digest of the splits."""

    def subsamples(self, full: float, halves: Sequence[float]) -> Subsamples:
        """Return a statistic on all rows and on these halves.

        Args:
            full: The statistic on all rows.
            halves: The statistic on each half, in the order of the columns of `members`.

        Returns:
            The subsamples.
        """
        values, splits = _floats(halves), len(halves) // 2
        return Subsamples(float(full), values[:splits], values[splits:], self.units, self.digest)


def draw(groups: Mapping[str, Ints], *, seed: int, splits: int) -> Draw:
    """Return random splits, for a statistic that is computed on all halves at once.

    Args:
        groups: Unit of each row by role, as for `subsample`.
        seed: Seed of the splits.
        splits: Number of splits, 2 or more.

    Returns:
        The splits.

    Raises:
        UserError: if the groups cannot be used.
    """
    labels = {role: check_groups(label, rows=len(label), role=role) for role, label in groups.items()}
    units = {role: int(label.max()) + 1 for role, label in labels.items()}
    rng = np.random.default_rng(seed)
    digest = hashlib.sha256("".join(groups_digest(label) for label in labels.values()).encode())
    members = {role: np.empty((len(label), 2 * splits), np.bool_) for role, label in labels.items()}
    for split in range(splits):
        for role, label in labels.items():
            inside = _half(label, units[role], rng)
            digest.update(inside.tobytes())
            members[role][:, split], members[role][:, splits + split] = inside, ~inside
    return Draw(members, min(units.values()), digest.hexdigest())


def difference(first: Subsamples, second: Subsamples) -> Subsamples:
    """Return the subsamples of first - second, for variants measured on the same rows and requests.

    Args:
        first: Subsamples of one variant.
        second: Subsamples of another, of the same splits.

    Returns:
        Subsamples of the difference; their interval is paired.

    Raises:
        UserError: if the splits differ.
    """
    if first.digest != second.digest or len(first.first) != len(second.first):
        raise UserError(
            "These two results were split differently, so their difference is not paired: expected the same "
            "rows, requests and seed on both. Compare results of one suite at one N."
        )
    ones = tuple(a - b for a, b in zip(first.first, second.first, strict=True))
    others = tuple(a - b for a, b in zip(first.second, second.second, strict=True))
    return Subsamples(first.full - second.full, ones, others, first.units, first.digest)


def _half(labels: Ints, units: int, rng: np.random.Generator) -> Bools:
    """Return the mask of the rows whose unit is in a random half of the units."""
    kept = np.zeros(units, dtype=np.bool_)
    kept[rng.permutation(units)[: units // 2]] = True
    return kept[labels]


def _floats(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
