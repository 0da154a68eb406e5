"""How close the synthetic distribution is to the real one: Fréchet distance, its limit, and kernel distance."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from benchmark.contracts.task import Features, Inputs, Metric, Needs, TaskContext, Value
from tasks import frechet_limit, groups, precision, too_few

if TYPE_CHECKING:
    from tasks.metrics.kernel import KernelSums

FRECHET = Metric(
    name="fd",
    title="Fréchet distance (FD)",
    direction="lower",
    bounds=(0.0, None),
    unit="squared feature units",
    estimand="its expectation at this N; biased upward by an amount that falls with N",
    definition="|mu_r - mu_s|^2 + tr S_r + tr S_s - 2 tr (S_r S_s)^(1/2) of features, covariances with ddof = 1",
    source="Dowson and Landau 1982, eq. 4; Heusel et al. 2017 (arXiv:1706.08500), eq. 6",
    bounded_by=("real-holdout", "noise"),
    blind_to="anything beyond mean and covariance; copies of the training set; single bad images",
)

KERNEL = Metric(
    name="kd",
    title="Kernel distance (KD)",
    direction="lower",
    bounds=(None, None),
    unit="kernel units of the extractor",
    estimand="the population value; unbiased, so an estimate may lie below zero",
    definition="unbiased squared MMD of all rows with the kernel (x.y / D + 1)^3",
    source="Gretton et al. 2012 (JMLR 13), eq. 3; Binkowski et al. 2018 (arXiv:1801.01401), section 4",
    bounded_by=("real-holdout", "noise"),
    blind_to="moments above the third; copies of the training set",
    comparable_at="any N",
)


@dataclass(frozen=True)
class Fidelity:
    """Fréchet distance, FD-infinity and kernel distance between the reference and the synthetic images."""

    permutations: Annotated[int, Field(ge=1)] = 999
    """Shuffles of the kernel distance's null."""
    below_n_min: too_few.Policy = "usual"
    """What becomes of a number of too few images, or of an FD-infinity that is not valid: `mark` it with the reason,
    `refuse` it, or as is `usual`: FD-infinity is refused, the others are marked."""

    version: ClassVar[int] = 7
    summary: ClassVar[str] = (
        "Fréchet distance, at this N and at infinite N, and kernel distance to held-out real images."
    )
    needs: ClassVar[Needs] = Needs(features=("reference", "synthetic"), root="exact")
    metrics: ClassVar[tuple[Metric, ...]] = (FRECHET, frechet_limit.METRIC, KERNEL)

    def baseline(self, inputs: Inputs, context: TaskContext) -> None:
        """Compute nothing beforehand."""

    def measure(self, inputs: Inputs, context: TaskContext) -> list[Value]:
        """Return the three distances under every extractor."""
        return [value for name in inputs.features for value in self._under(name, inputs, context)]

    def _under(self, extractor: str, inputs: Inputs, context: TaskContext) -> Iterator[Value]:
        real, synthetic = inputs.features[extractor]["reference"], inputs.features[extractor]["synthetic"]
        short = functools.partial(too_few.shortfall, real=real, synthetic=synthetic)
        yield too_few.judged(_frechet(extractor, real, synthetic), short("fd"), self.below_n_min)
        yield frechet_limit.value(extractor, real, synthetic, self.below_n_min)
        kernel = self._kernel(extractor, real, synthetic, context.seed)
        yield too_few.judged(kernel, short("kd"), self.below_n_min)

    def _kernel(self, extractor: str, real: Features, synthetic: Features, seed: int) -> Value:
        # A task is loaded to be listed; torch is not, before it measures.
        from tasks.metrics import kernel

        sums = kernel.kernel_sums(
            real=real.values,
            synthetic=synthetic.values,
            real_groups=groups.of_real(real),
            synthetic_groups=groups.of_synthetic(synthetic),
        )
        replicates = kernel.kernel_replicates(sums)
        return Value(
            metric="kd",
            extractor=extractor,
            value=replicates.full,
            interval=replicates.interval(),
            n=_n(real, synthetic),
            slides=groups.slides(reference=real, synthetic=synthetic),
            replicates=replicates,
            samples=self._null(real, synthetic, sums, seed),
            note=groups.note(real),
        )

    def _null(self, real: Features, synthetic: Features, sums: KernelSums, seed: int) -> dict[str, float]:
        """Return where the distance lies when the groups of images are shuffled between the sides.

        At the floor the distance is degenerate and its interval means little; this band takes its place there. Far
        from it the groups of the two sides stay unlike, and the band is wider than that of shuffled images. Only like
        units can change sides: slides with slides, or independent images with images that pass as such.
        """
        if (real.slides is None) != (synthetic.slides is None):
            return {}
        from tasks.metrics import kernel

        null = kernel.kernel_null(sums, seed=seed, permutations=self.permutations)
        band = null.band()
        return {"null_low": band.low, "null_high": band.high, "null_p": null.p_value()}


def _frechet(extractor: str, real: Features, synthetic: Features) -> Value:
    from tasks.metrics import frechet

    drift = precision.drift(real, synthetic)
    replicates = frechet.frechet_replicates(
        real=real.values,
        synthetic=synthetic.values,
        real_groups=groups.of_real(real),
        synthetic_groups=groups.of_synthetic(synthetic),
    )
    return Value(
        metric="fd",
        extractor=extractor,
        value=replicates.full,
        interval=replicates.interval(bounds=(0.0, float("inf"))),
        n=_n(real, synthetic),
        slides=groups.slides(reference=real, synthetic=synthetic),
        replicates=replicates,
        samples=drift,
        note="; ".join(filter(None, (precision.note(drift), groups.note(real)))) or None,
    )


def _n(real: Features, synthetic: Features) -> dict[str, int]:
    return {"reference": len(real), "synthetic": len(synthetic)}
