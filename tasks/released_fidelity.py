"""The Fréchet distance as the released code of the study computes it, beside which the exact one shows its bias."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from benchmark.contracts.task import Features, Inputs, Metric, Needs, TaskContext, Value
from tasks import groups, too_few
from tasks.fidelity import FRECHET

STOPPED = replace(
    FRECHET,
    name="fd-newton-schulz",
    title="Fréchet distance, root stopped early",
    estimand="none of interest: the exact distance, more by an amount that hangs on the spectrum",
    definition="as fd, the root by Newton-Schulz steps that stop at a relative Frobenius error of 1e-5, at most 100",
    source="piq 0.7.1, as used by the released code of Osorio et al. 2024; Higham 2008, eq. 6.35",
    blind_to="what fd is blind to; and it exceeds 0 for identical sets",
)

BIAS = "what it has above fd is bias"
"""Said of every value."""


@dataclass(frozen=True)
class ReleasedFidelity:
    """Fréchet distance between the reference and the synthetic images, its root stopped early as in piq 0.7.1."""

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Fréchet distance with the early-stopped root of the released code, for comparison."
    needs: ClassVar[Needs] = Needs(features=("reference", "synthetic"), root="newton-schulz")
    metrics: ClassVar[tuple[Metric, ...]] = (STOPPED,)

    def baseline(self, inputs: Inputs, context: TaskContext) -> None:
        """Compute nothing beforehand."""

    def measure(self, inputs: Inputs, context: TaskContext) -> list[Value]:
        """Return the distance under every extractor."""
        return [_under(name, by_role["reference"], by_role["synthetic"]) for name, by_role in inputs.features.items()]


def _under(extractor: str, real: Features, synthetic: Features) -> Value:
    from tasks.metrics import stopped_root

    full, root = stopped_root.stopped_root_distance(real=real.values, synthetic=synthetic.values)
    width = real.values.shape[1]
    replicates = None
    if width <= stopped_root.WIDEST:
        replicates = stopped_root.stopped_root_replicates(
            real=real.values,
            synthetic=synthetic.values,
            real_groups=groups.of_real(real),
            synthetic_groups=groups.of_synthetic(synthetic),
        )
    few = too_few.shortfall(FRECHET.name, real=real, synthetic=synthetic)
    missing = None if replicates is not None else f"no interval: it would take a root of {width} columns for each group"
    return Value(
        metric=STOPPED.name,
        extractor=extractor,
        value=full,
        interval=None if replicates is None else replicates.interval(bounds=(0.0, float("inf"))),
        n={"reference": len(real), "synthetic": len(synthetic)},
        slides=groups.slides(reference=real, synthetic=synthetic),
        replicates=replicates,
        samples={"steps": root.steps, "relative error at the stop": root.error},
        note="; ".join(filter(None, (missing, few, groups.note(real), BIAS))),
    )
