"""The metrics that share one pass over all pairs: kernel distances and neighbor shares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.contracts.task import Metric
from benchmark.statistics import subsampling
from benchmark.statistics.arrays import Ints
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples
from tasks.metrics import kernel, prdc, precision_recall
from tasks.metrics.guard import check_pair
from tasks.metrics.kernel import KernelSums
from tasks.metrics.kernel_subsets import REFERENCE_SUBSET_SIZE, SubsetDraws
from tasks.metrics.pairs.one_pass import Found, Groups, one_pass
from tasks.metrics.shares import CLOSED, OPEN, halves_of, improved_shares_of, prdc_shares_of
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import qualified
from tasks.score.scored import Scored

SPLITS = 30
"""Random halvings behind the intervals of shares."""
_ROLES = ("real", "synthetic")
_ROWS = {"kd-subsets": REFERENCE_SUBSET_SIZE, "pr": 2 * (OPEN.k + 1), "prdc": 2 * (OPEN.k + 1)}
"""Fewest rows a side: with these, any half of the rows has a k-th neighbor; `halves_of` looks at halves of slides."""


def shared(inputs: Inputs, names: Sequence[str]) -> Iterator[Scored]:
    """Yield those of kd, kd-subsets, pr and prdc that are asked for."""
    yield from _Pass(inputs, names).scored()


class _Pass:
    """One pass, and what is asked of it."""

    def __init__(self, inputs: Inputs, names: Sequence[str]) -> None:
        self._inputs, self._names = inputs, names
        fewest = max((kernel.MINIMUM_ROWS, *(rows for name, rows in _ROWS.items() if name in names)))
        pair = check_pair(real=inputs.real, synthetic=inputs.synthetic, rows=fewest)
        n, balls = inputs.n(*_ROLES), tuple(ball for name, ball in (("pr", CLOSED), ("prdc", OPEN)) if name in names)
        self._groups = [self._left_out(role) for role in _ROLES]
        self._draws = (
            SubsetDraws.of(real_rows=n["real"], synthetic_rows=n["synthetic"]) if "kd-subsets" in names else None
        )
        self._halves = (
            subsampling.draw({role: inputs.units(role) for role in _ROLES}, seed=0, splits=SPLITS)
            if balls and inputs.intervals
            else None
        )
        self._found: Found = one_pass(
            real=pair.real,
            synthetic=pair.synthetic,
            balls=balls,
            halves=None if self._halves is None else halves_of(self._halves),
            groups=self._members() if {"kd", "kd-subsets"} & set(names) else None,
        )

    def scored(self) -> Iterator[Scored]:
        if "kd" in self._names:
            yield self._qualified(metrics_of("kd")[0], self._kernel())
        if self._draws is not None:
            yield self._subsets(self._draws)
        for name in ("pr", "prdc"):
            if name in self._names:
                shares: Sequence[float | Subsamples] = self._shares(name)
                for metric, found in zip(metrics_of(name), shares, strict=True):
                    yield self._qualified(metric, found)

    def _left_out(self, role: str) -> Ints:
        """Return the groups between which the kernel is summed: one of all rows where no interval is asked for."""
        if self._inputs.intervals and "kd" in self._names:
            return self._inputs.groups(role)
        return np.zeros(len(self._inputs.tables[role]), dtype=np.int64)

    def _members(self) -> Groups:
        """Return the groups of the kernel sums: those that are left out, then the subsets."""
        masks = [kernel.members(groups) for groups in self._groups]
        if self._draws is not None:
            masks = [np.concatenate(both, axis=1) for both in zip(masks, self._draws.groups, strict=True)]
        return Groups(*masks)

    def _places(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return where the sums of real groups, real subsets, synthetic groups and synthetic subsets are."""
        subsets = 0 if self._draws is None else self._draws.groups.real.shape[1]
        counts = [int(self._groups[0].max()) + 1, subsets, int(self._groups[1].max()) + 1, subsets]
        one, two, three, four = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
        return one, two, three, four

    def _kernel(self) -> float | Replicates:
        assert self._found.kernel is not None
        real, _, synthetic, _ = self._places()
        chosen = np.concatenate([real, synthetic])
        sums = KernelSums.of(
            self._found.kernel[np.ix_(chosen, chosen)], real_groups=self._groups[0], synthetic_groups=self._groups[1]
        )
        return kernel.kernel_replicates(sums) if self._inputs.intervals else sums.estimate_of_all()

    def _subsets(self, draws: SubsetDraws) -> Scored:
        assert self._found.kernel is not None
        _, real, _, synthetic = self._places()
        table = self._found.kernel
        found = draws.protocol(
            real=table[real, real], synthetic=table[synthetic, synthetic], cross=table[real, synthetic]
        )
        spread = f"standard deviation over subsets {found.spread_over_subsets:.4g}, which is no standard error"
        (metric,) = metrics_of("kd-subsets")
        return Scored(metric, found.mean, None, self._inputs.n(*_ROLES), {}, f"no interval: {spread}")

    def _shares(self, name: str) -> Sequence[float] | Sequence[Subsamples]:
        if self._halves is not None:
            return (improved_shares_of if name == "pr" else prdc_shares_of)(self._found, self._halves)
        if name == "pr":
            return precision_recall.improved_precision_recall_of(self._found.meetings[CLOSED])
        return prdc.prdc_of(self._found.meetings[OPEN], k=OPEN.k)

    def _qualified(self, metric: Metric, found: float | Replicates | Subsamples) -> Scored:
        return qualified(metric, found, self._inputs, *_ROLES)
