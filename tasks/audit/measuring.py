"""The metrics of two sets of features, with intervals, and their paired differences to another measurement."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmark.contracts.task import Features, Metric, Root
from benchmark.errors import UserError
from benchmark.statistics import jackknife, subsampling
from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.subsampling import Subsamples
from tasks import coverage, fidelity, groups, too_few
from tasks.audit.embedding import Unsuited
from tasks.released_fidelity import BIAS, STOPPED

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
    few: str | None = None
    """Why its images are too few for it; None where they are enough."""
    missing: str | None = None
    """Why it has no interval; None where it has one."""
    notes: tuple[str, ...] = ()
    """What else a reader must know."""

    @property
    def note(self) -> str | None:
        """Return all that qualifies it in one line, or None."""
        return "; ".join(filter(None, (self.few, self.missing, *self.notes))) or None

    @property
    def changed(self) -> bool:
        """Tell whether the interval of the change leaves out zero; never where images are too few.

        Only values of the same rows have such an interval, so that the other one has as few.
        """
        ends = self.change_interval
        return self.few is None and ends is not None and not ends.low <= 0.0 <= ends.high

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
        found = (_frechet(real, synthetic, root), _kernel(real, synthetic), *_shares(real, synthetic))
    except UserError as error:
        raise Unsuited(str(error)) from None
    return tuple(_qualified(one, real, synthetic) for one in found)


def _qualified(one: Number, real: Features, synthetic: Features) -> Number:
    """Return a number with the notes that suites give it too."""
    stopped = one.metric is STOPPED
    share = isinstance(one.parts, Subsamples)
    missing = one.missing
    if missing is None and one.interval is None:
        missing = coverage.ALIKE if share else "no interval: nothing varies"
    notes = (
        groups.note(real),
        coverage.CAUTION if share and missing is None else None,
        BIAS if stopped else None,
    )
    # The early stop changes nothing in how many images a distance of covariances needs.
    few = too_few.shortfall(fidelity.FRECHET.name if stopped else one.metric.name, real=real, synthetic=synthetic)
    return replace(one, few=few, missing=missing, notes=tuple(note for note in notes if note is not None))


def _frechet(real: Features, synthetic: Features, root: Root) -> Number:
    from tasks.metrics import frechet, stopped_root

    if root == "newton-schulz" and real.values.shape[1] > stopped_root.WIDEST:
        value, _ = stopped_root.stopped_root_distance(real=real.values, synthetic=synthetic.values)
        width = real.values.shape[1]
        return Number(
            STOPPED, value, None, None, missing=f"no interval: it would take a root of {width} columns for each group"
        )
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
