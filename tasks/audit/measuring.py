"""The metrics of two sets of features, with intervals, and their paired differences to another measurement."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmark.contracts.task import Features, Metric, Root
from benchmark.errors import UserError
from benchmark.statistics import jackknife, subsampling
from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples
from tasks import coverage, fidelity, groups
from tasks.audit.embedding import Unsuited
from tasks.released_fidelity import STOPPED

METRICS: tuple[Metric, ...] = (fidelity.FRECHET, fidelity.KERNEL, *coverage.METRICS)
"""What is measured, in order; the first with either root."""


@dataclass(frozen=True)
class Number:
    """One metric under one choice."""

    metric: Metric
    value: float
    interval: Interval | None
    parts: Replicates | Subsamples | None
    """Its values with parts of the rows left out; None where they would take too long."""
    change: float | None = None
    """Less the value that it is held against; None where it is held against none."""
    change_interval: Interval | None = None
    """Of that difference, paired; None where the rows are not the same, or nothing varies."""

    @property
    def changed(self) -> bool:
        """Tell whether the interval of the change leaves out zero."""
        ends = self.change_interval
        return ends is not None and not ends.low <= 0.0 <= ends.high

    def against(self, other: Number) -> Number:
        """Return it with its difference to the same metric under another choice."""
        return replace(self, change=self.value - other.value, change_interval=_paired(self.parts, other.parts))


def measure(*, real: Features, synthetic: Features, root: Root) -> tuple[Number, ...]:
    """Return all metrics of two sets.

    Args:
        real: Features of real images.
        synthetic: Features of synthetic images, or of real ones in their place.
        root: How the Fréchet distance takes its root.

    Returns:
        One number for each of `METRICS`, in order.

    Raises:
        Unsuited: If the images are too few.
    """
    try:
        return (_frechet(real, synthetic, root), _kernel(real, synthetic), *_shares(real, synthetic))
    except UserError as error:
        raise Unsuited(str(error)) from None


def _frechet(real: Features, synthetic: Features, root: Root) -> Number:
    from tasks.metrics import frechet, stopped_root

    if root == "newton-schulz" and real.values.shape[1] > stopped_root.WIDEST:
        value, _ = stopped_root.stopped_root_distance(real=real.values, synthetic=synthetic.values)
        return Number(STOPPED, value, None, None)
    replicates = frechet.frechet_replicates if root == "exact" else stopped_root.stopped_root_replicates
    found = replicates(
        real=real.values,
        synthetic=synthetic.values,
        real_groups=groups.of_real(real),
        synthetic_groups=groups.of_synthetic(synthetic),
    )
    return _number(fidelity.FRECHET if root == "exact" else STOPPED, found)


def _kernel(real: Features, synthetic: Features) -> Number:
    from tasks.metrics import kernel

    sums = kernel.kernel_sums(
        real=real.values,
        synthetic=synthetic.values,
        real_groups=groups.of_real(real),
        synthetic_groups=groups.of_synthetic(synthetic),
    )
    return _number(fidelity.KERNEL, kernel.kernel_replicates(sums))


def _shares(real: Features, synthetic: Features) -> list[Number]:
    from tasks.metrics import shares

    found = shares.neighbor_shares(
        real=real.values,
        synthetic=synthetic.values,
        real_units=groups.of_real(real),
        synthetic_units=groups.units_of_synthetic(synthetic),
    )
    four = (found.improved_precision, found.improved_recall, found.density, found.coverage)
    return [_number(metric, parts) for metric, parts in zip(coverage.METRICS, four, strict=True)]


def _number(metric: Metric, parts: Replicates | Subsamples) -> Number:
    low, high = metric.bounds
    interval = parts.interval(bounds=(float("-inf") if low is None else low, float("inf") if high is None else high))
    return Number(metric, parts.full, interval, parts)


def _paired(first: Replicates | Subsamples | None, second: Replicates | Subsamples | None) -> Interval | None:
    """Return the interval of first - second; None where the two left out unlike rows, or none at all."""
    try:
        if isinstance(first, Replicates) and isinstance(second, Replicates):
            return jackknife.difference(first, second).interval()
        if isinstance(first, Subsamples) and isinstance(second, Subsamples):
            return subsampling.difference(first, second).interval()
    except UserError:
        return None
    return None
