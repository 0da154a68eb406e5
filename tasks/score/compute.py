"""Any of the metrics on two sets of features, in one pass where they share one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.task import Metric
from benchmark.errors import UserError
from benchmark.statistics import groups as grouping
from benchmark.statistics import subsampling
from benchmark.statistics.arrays import Features, Ints
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples
from tasks import coverage, fidelity
from tasks.groups import at_random
from tasks.metrics import frechet, kernel
from tasks.metrics.guard import FeaturePair, check_pair
from tasks.metrics.kernel import KernelSums
from tasks.metrics.kernel_subsets import REFERENCE_SUBSET_SIZE, SubsetDraws, SubsetProtocol
from tasks.metrics.pairs.one_pass import MEMORY, Found, Groups, one_pass
from tasks.metrics.shares import CLOSED, OPEN, Shares, halves_of, shares_of
from tasks.score.choices import COPYING, NEEDS
from tasks.score.scored import Scored

SPLITS = 30
"""Random halvings behind the intervals of shares."""

_BY_NAME = {metric.name: metric for metric in coverage.METRICS}
_PRDC_PRECISION = replace(
    _BY_NAME["precision-k3"],
    name="precision-k5",
    title="Precision of PRDC (k = 5)",
    definition="share of synthetic rows within a real ball; radius to the 5th neighbour, open balls",
    source="Naeem et al. 2020 (arXiv:2002.09797), eq. 1",
)
_PRDC_RECALL = replace(
    _BY_NAME["recall-k3"],
    name="recall-k5",
    title="Recall of PRDC (k = 5)",
    definition="share of real rows within a synthetic ball; radius to the 5th neighbour, open balls",
    source="Naeem et al. 2020 (arXiv:2002.09797), eq. 2",
)
_SUBSETS = replace(
    fidelity.KERNEL,
    name="kd-subsets",
    title="Kernel distance, reference protocol",
    definition="mean over 100 random subsets of 1,000 rows a side (seed 2020) of the unbiased squared MMD, kernel "
    "(x.y / D + 1)^3",
    comparable_at="equal N",
)


@dataclass(frozen=True)
class Sides:
    """Checked features, with what their intervals are made of."""

    pair: FeaturePair
    slides: dict[str, NDArray[np.str_]]

    @property
    def n(self) -> dict[str, int]:
        """Return the rows by role."""
        return {"real": len(self.pair.real), "synthetic": len(self.pair.synthetic)}

    @property
    def groups(self) -> dict[str, Ints]:
        """Return the groups that are left out together."""
        return {
            role: grouping.slide_groups(self.slides[role]) if role in self.slides else at_random(rows)
            for role, rows in self.n.items()
        }

    @property
    def units(self) -> dict[str, Ints]:
        """Return what no half parts: a slide, or a row."""
        return {role: groups if role in self.slides else np.arange(len(groups)) for role, groups in self.groups.items()}


def score(
    *, real: Features, synthetic: Features, names: Sequence[str], train: Features | None = None,
    holdout: Features | None = None, slides: dict[str, NDArray[np.str_]] | None = None, memory: int = MEMORY,
) -> list[Scored]:  # fmt: skip
    """Return the metrics asked for.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        names: Keys of `CHOICES`.
        train: Features of the images the generator learnt from, for metrics of copying.
        holdout: Features of real images of the same slides that it never saw, likewise.
        slides: Slide of each row by role, where known.
        memory: Bytes that the pass over all pairs may take above the features.

    Returns:
        Their numbers, in the order of `CHOICES`.

    Raises:
        FeatureError: If the features cannot be used, or a metric needs more rows.
        UserError: If a metric needs a role that is not given.
    """
    for name in names:
        for role, given in (("train", train), ("holdout", holdout)):
            if given is None and role in NEEDS.get(name, ()):
                raise UserError(f"Metric '{name}' needs --{role}: features of {_ROLES[role]}.")
    fewest = max((2, *(rows for name, rows in _ROWS.items() if name in names)))
    sides = Sides(check_pair(real=real, synthetic=synthetic, rows=fewest), slides or {})
    scored = list(_frechet(sides)) if "fd" in names else []
    if set(names) - {"fd", *COPYING}:
        scored += _Pass(sides, names, memory).scored()
    if train is not None and set(names) & set(COPYING):
        # K-means and rank tests take seconds to load.
        from tasks.score.copying import copying

        scored += copying(train=train, holdout=holdout, synthetic=sides.pair.synthetic, names=names, memory=memory)
    return scored


_ROLES = {
    "train": "the images the generator learnt from",
    "holdout": "real images of the same slides as those of --train that the generator never saw",
}
_ROWS = {"kd-subsets": REFERENCE_SUBSET_SIZE, "pr": 2 * (OPEN.k + 1), "prdc": 2 * (OPEN.k + 1)}
"""Fewest rows a side: with these, any half of the rows has a k-th neighbor; `halves_of` looks at halves of slides."""


def _frechet(sides: Sides) -> Iterator[Scored]:
    groups = sides.groups
    found = frechet.frechet_replicates(
        real=sides.pair.real, synthetic=sides.pair.synthetic, real_groups=groups["real"],
        synthetic_groups=groups["synthetic"],
    )  # fmt: skip
    rows, width = min(sides.n.values()), sides.pair.real.shape[1]
    deficient = frechet.rank_deficient(real_rows=rows, synthetic_rows=rows, width=width)
    note = f"N = {rows} is not above D = {width}: covariances are not of full rank; far from its limit"
    yield _scored(fidelity.FRECHET, found, sides, note if deficient else None)


class _Pass:
    """The metrics that share the pass over all pairs."""

    def __init__(self, sides: Sides, names: Sequence[str], memory: int) -> None:
        self._sides, self._names = sides, names
        self._groups = sides.groups
        n = sides.n
        self._draws = (
            SubsetDraws.of(real_rows=n["real"], synthetic_rows=n["synthetic"]) if "kd-subsets" in names else None
        )
        self._halves = subsampling.draw(sides.units, seed=0, splits=SPLITS) if {"pr", "prdc"} & set(names) else None
        self._found: Found = one_pass(
            real=sides.pair.real,
            synthetic=sides.pair.synthetic,
            balls=(CLOSED, OPEN) if self._halves is not None else (),
            halves=None if self._halves is None else halves_of(self._halves),
            groups=self._members() if {"kd", "kd-subsets"} & set(names) else None,
            memory=memory,
        )

    def scored(self) -> Iterator[Scored]:
        if "kd" in self._names:
            yield _scored(fidelity.KERNEL, kernel.kernel_replicates(self._sums()), self._sides, None)
        if self._draws is not None:
            yield self._subsets(self._draws)
        if self._halves is not None:
            yield from self._shares(shares_of(self._found, self._halves))

    def _members(self) -> Groups:
        """Return the groups of the kernel sums: those that are left out, then the subsets."""
        masks = [kernel.members(self._groups[role]) for role in ("real", "synthetic")]
        if self._draws is not None:
            masks = [np.concatenate(both, axis=1) for both in zip(masks, self._draws.groups, strict=True)]
        return Groups(*masks)

    def _places(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return where the sums of real groups, real subsets, synthetic groups and synthetic subsets are."""
        subsets = 0 if self._draws is None else self._draws.groups.real.shape[1]
        counts = [int(self._groups["real"].max()) + 1, subsets, int(self._groups["synthetic"].max()) + 1, subsets]
        one, two, three, four = np.split(np.arange(sum(counts)), np.cumsum(counts)[:-1])
        return one, two, three, four

    def _sums(self) -> KernelSums:
        assert self._found.kernel is not None
        real, _, synthetic, _ = self._places()
        chosen = np.concatenate([real, synthetic])
        return KernelSums.of(
            self._found.kernel[np.ix_(chosen, chosen)],
            real_groups=self._groups["real"], synthetic_groups=self._groups["synthetic"],
        )  # fmt: skip

    def _subsets(self, draws: SubsetDraws) -> Scored:
        assert self._found.kernel is not None
        _, real, _, synthetic = self._places()
        table = self._found.kernel
        found: SubsetProtocol = draws.protocol(
            real=table[real, real], synthetic=table[synthetic, synthetic], cross=table[real, synthetic]
        )
        spread = f"standard deviation over subsets {found.spread_over_subsets:.4g}, which is no standard error"
        return Scored(_SUBSETS, found.mean, None, self._sides.n, {}, f"no interval: {spread}")

    def _shares(self, shares: Shares) -> Iterator[Scored]:
        improved = (("precision-k3", shares.improved_precision), ("recall-k3", shares.improved_recall))
        if "pr" in self._names:
            for name, found in improved:
                yield _scored(_BY_NAME[name], found, self._sides, None)
        if "prdc" in self._names:
            yield _scored(_PRDC_PRECISION, shares.prdc_precision, self._sides, None)
            yield _scored(_PRDC_RECALL, shares.prdc_recall, self._sides, None)
            yield _scored(_BY_NAME["density-k5"], shares.density, self._sides, None)
            yield _scored(_BY_NAME["coverage-k5"], shares.coverage, self._sides, None)


def _scored(metric: Metric, found: Replicates | Subsamples, sides: Sides, note: str | None) -> Scored:
    low, high = metric.bounds
    interval = found.interval(bounds=(float("-inf") if low is None else low, float("inf") if high is None else high))
    notes = (
        note,
        None if "real" in sides.slides else "slides unknown: the interval treats real images as independent",
        coverage.CAUTION if isinstance(found, Subsamples) else None,
        None if interval is not None else "no interval: nothing varies",
    )
    slides = {role: len(np.unique(names)) for role, names in sides.slides.items()}
    return Scored(metric, found.full, interval, sides.n, slides, "; ".join(filter(None, notes)) or None)
