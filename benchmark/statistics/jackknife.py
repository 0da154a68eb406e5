"""The delete-a-group jackknife for one sample or two.

Source: Busing, Meijer and van der Leeden (1999), "Delete-m jackknife for unequal m", Statistics and Computing
9, eqs. for the pseudo-values and the variance. With n rows, group j of m_j rows, h_j = n / m_j, the full
value t and the value t_(-j) without group j: pseudo-value p_j = h_j t - (h_j - 1) t_(-j), centre c = G t -
sum_j (1 - m_j / n) t_(-j), and var = (1 / G) sum_j (p_j - c)^2 / (h_j - 1). Equal groups give the textbook (G
- 1) / G sum_j (t_(-j) - mean)^2.

Two samples: the groups of each side are left out on their own and the two variances add. By Efron and Stein
(1981) the sum is on average not below the true variance of a statistic with interactions: it errs on the wide
side.

Estimand: the expectation of the statistic at this N and M. The interval is centred on the full value, not on
the bias corrected one: the value that is printed is the value at this N.

Degrees of freedom: per side the effective number of groups, n^2 / sum m_j^2, less one (exactly G - 1 for
equal groups; fewer where one slide dominates, after Carter, Schnepel and Steigerwald 2017); two sides by
Welch and Satterthwaite.

Does not hold: at a degenerate point (KID or FD of a distribution against itself) the statistic is no longer
roughly normal; use a permutation null there. Counts (precision, coverage) are not smooth; see `subsampling`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmark.errors import UserError
from benchmark.statistics.arrays import Floats, Ints
from benchmark.statistics.groups import check_groups, groups_digest
from benchmark.statistics.interval import Interval, around, check_level
from benchmark.statistics.quantiles import two_sided_p, two_sided_quantile

METHOD = "delete-a-group jackknife, t quantile"
"""How the interval names itself."""


@dataclass(frozen=True)
class Side:
    """The values of a statistic with each group of one sample left out."""

    role: str
    """Role of the sample: real, synthetic."""
    values: tuple[float, ...]
    """Statistic without group j, one value a group."""
    sizes: tuple[int, ...]
    """Rows in group j."""
    digest: str
    """Digest of the assignment of rows to groups: equal digests, the same rows left out."""

    def __post_init__(self) -> None:
        """Refuse a side that has no variance.

        Raises:
            ValueError: if values and sizes differ in number, are fewer than two, or are not finite and
                positive.
        """
        if len(self.values) != len(self.sizes) or len(self.values) < 2 or min(self.sizes) < 1:
            raise ValueError(
                f"The {self.role} side needs two or more groups, each with a value and a row or more; "
                f"got {len(self.values)} values and sizes {self.sizes}."
            )
        if not all(math.isfinite(value) for value in self.values):
            raise ValueError(f"The {self.role} side holds a leave-one-out value that is not finite.")

    @classmethod
    def of(cls, role: str, *, groups: Ints, values: Sequence[float]) -> Side:
        """Return the side of an assignment and its leave-one-out values.

        Args:
            role: Role of the sample.
            groups: Group of each row, shape (N,), 0 to G - 1.
            values: Statistic without group 0, 1, ..., G - 1.

        Returns:
            The side.
        """
        sizes = tuple(int(size) for size in np.bincount(groups))
        return cls(role, tuple(float(value) for value in values), sizes, groups_digest(groups))

    @classmethod
    def first_order(cls, role: str, *, full: float, influence: Floats, groups: Ints) -> Side:
        """Return the side of a smooth statistic whose values without each group are not computed anew.

        Without group g the statistic is `full` - sum of its rows' influences / (rows left), to first order (Hampel
        1974, JASA 69).

        Args:
            role: Role of the sample.
            full: The statistic on all rows.
            influence: Its derivative by the weight of each row, times N, less the mean of that, shape (N,).
            groups: Group of each row, shape (N,), 0 to G - 1.

        Returns:
            The side.
        """
        left = len(groups) - np.bincount(groups)
        return cls.of(role, groups=groups, values=list(full - np.bincount(groups, weights=influence) / left))

    def variance(self, full: float) -> float:
        """Return this side's share of the variance of `full` (Busing et al. 1999).

        Args:
            full: The statistic on all rows.

        Returns:
            The variance, 0 or more.
        """
        values, sizes = np.asarray(self.values), np.asarray(self.sizes, dtype=np.float64)
        # Deviations from the full value first: a large common level would eat the digits that differ.
        deviations = values - full
        ratios = sizes.sum() / sizes
        pseudo = -(ratios - 1.0) * deviations
        center = -np.sum((1.0 - 1.0 / ratios) * deviations)
        return float(np.mean((pseudo - center) ** 2 / (ratios - 1.0)))

    @property
    def df(self) -> float:
        """Effective number of groups, less one."""
        sizes = np.asarray(self.sizes, dtype=np.float64)
        return float(sizes.sum() ** 2 / np.sum(sizes**2) - 1.0)


@dataclass(frozen=True)
class Replicates:
    """A statistic and its leave-one-out values: all that an interval or a paired difference needs."""

    full: float
    """The statistic on all rows."""
    sides: tuple[Side, ...]
    """One side a sample."""

    def __post_init__(self) -> None:
        """Refuse a value that is not finite or has no side.

        Raises:
            ValueError: if so.
        """
        if not math.isfinite(self.full) or not self.sides:
            raise ValueError(f"Replicates need a finite full value and a side or more, got {self.full}.")

    @property
    def standard_error(self) -> float:
        """Square root of the sides' summed variances."""
        return math.sqrt(sum(side.variance(self.full) for side in self.sides))

    @property
    def df(self) -> float:
        """Degrees of freedom by Welch and Satterthwaite; the least of the sides' where nothing varies."""
        variances = [side.variance(self.full) for side in self.sides]
        total = sum(variances)
        if total == 0.0:
            return min(side.df for side in self.sides)
        shares = [variance / total for variance in variances]
        return 1.0 / sum(share**2 / side.df for share, side in zip(shares, self.sides, strict=True))

    def interval(self, *, level: float = 0.95, bounds: tuple[float, float] = (-math.inf, math.inf)) -> Interval | None:
        """Return the interval of the statistic's expectation at this N.

        Args:
            level: Nominal coverage, 0 < level < 1.
            bounds: Least and greatest value of the estimand; the interval is cut to them.

        Returns:
            full -/+ t quantile x standard error; None where nothing varies and nothing can be said.
        """
        check_level(level)
        if self.standard_error == 0.0:
            return None
        half = two_sided_quantile(level, self.df) * self.standard_error
        return around(self.full, half, level=level, method=METHOD, df=self.df, bounds=bounds)

    def p_value(self) -> float | None:
        """Return the two-sided p-value of the null that the estimand is zero; None where nothing varies."""
        return two_sided_p(self.full, standard_error=self.standard_error, df=self.df)

    def to_json(self) -> dict[str, Any]:
        """Return plain numbers, strings and lists; floats keep every bit when written by `json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Replicates:
        """Return the replicates that `to_json` wrote.

        Args:
            data: The mapping, as read from JSON.

        Returns:
            Replicates equal to those written.
        """
        sides = (
            Side(side["role"], tuple(side["values"]), tuple(side["sizes"]), side["digest"]) for side in data["sides"]
        )
        return cls(float(data["full"]), tuple(sides))


def difference(first: Replicates, second: Replicates) -> Replicates:
    """Return the replicates of first - second, for variants that left out the same rows on every side.

    Args:
        first: Replicates of one variant.
        second: Replicates of another, on the same groups.

    Returns:
        Replicates of the difference; their interval is paired.

    Raises:
        UserError: if the roles, the group sizes or the assignments differ.
    """
    if [_groups_of(side) for side in first.sides] != [_groups_of(side) for side in second.sides]:
        raise UserError(
            "These two results left out different groups of rows, so their difference is not paired: "
            "expected the same real rows and the same request indices on both. "
            "Compare results of one suite at one N."
        )
    sides = tuple(
        Side(a.role, tuple(x - y for x, y in zip(a.values, b.values, strict=True)), a.sizes, a.digest)
        for a, b in zip(first.sides, second.sides, strict=True)
    )
    return Replicates(first.full - second.full, sides)


def delete_groups(statistic: Callable[..., Sequence[float]], *, groups: Mapping[str, Ints]) -> tuple[Replicates, ...]:
    """Recompute a statistic with each group of each sample left out in turn.

    Args:
        statistic: Takes the kept row numbers of each role as keyword arguments (`real=rows, synthetic=rows`),
            int64 and rising, and returns one value or several, always as many.
        groups: Group of each row by role, each of shape (N_role,), 0 to G_role - 1.

    Returns:
        Replicates of each value that the statistic returns, in order.
    """
    labels = {role: check_groups(label, rows=len(label), role=role) for role, label in groups.items()}
    rows = {role: np.arange(len(label), dtype=np.int64) for role, label in labels.items()}
    full = statistic(**rows)
    without = {
        role: [statistic(**{**rows, role: np.flatnonzero(label != g)}) for g in range(int(label.max()) + 1)]
        for role, label in labels.items()
    }
    return tuple(
        Replicates(
            float(value),
            tuple(
                Side.of(role, groups=label, values=[values[index] for values in without[role]])
                for role, label in labels.items()
            ),
        )
        for index, value in enumerate(full)
    )


def _groups_of(side: Side) -> tuple[str, tuple[int, ...], str]:
    return side.role, side.sizes, side.digest
