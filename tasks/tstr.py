"""Train on synthetic, test on real: whether synthetic images can stand in for real ones in training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from benchmark import seeds
from benchmark.artifacts import arrays
from benchmark.contracts.images import Images
from benchmark.contracts.task import Inputs, Metric, Needs, TaskContext, Value
from benchmark.statistics import auc, jackknife, macro_auc
from benchmark.statistics.jackknife import Replicates
from benchmark.statistics.placements import placements
from tasks import groups

_ESTIMAND = "its expectation over test slides (images where slides are unknown), these classifiers held fixed"
_DEFINITION = (
    "area under the ROC curve on real test images (of more than two classes, the mean over each against all others), "
    "mean over {n} classifiers {how}; ties count half"
)

TSTR = Metric(
    name="auc-tstr",
    title="AUC, trained on synthetic",
    direction="higher",
    bounds=(0.0, 1.0),
    unit="AUC",
    estimand=_ESTIMAND,
    definition=_DEFINITION.format(n="several", how="trained, and their epoch chosen, on synthetic images alone"),
    source="Esteban et al. 2017 (arXiv:1706.02633); variance: DeLong 1988, Obuchowski 1997",
    bounded_by=("real-holdout", "noise"),
    blind_to="images of a kind the test set lacks; what a small network cannot learn",
)

TRTR = Metric(
    name="auc-trtr",
    title="AUC, trained on real",
    direction="reference",
    bounds=(0.0, 1.0),
    unit="AUC",
    estimand=_ESTIMAND,
    definition=_DEFINITION.format(n="several", how="trained likewise on real training images"),
    source="the reference of auc-tstr",
    bounded_by=(),
    blind_to="the generator: it is the same for all variants of a seed",
)

GAP = Metric(
    name="auc-gap",
    title="AUC, synthetic less real",
    direction="higher",
    bounds=(-1.0, 1.0),
    unit="AUC",
    estimand=_ESTIMAND,
    definition="auc-tstr less auc-trtr on the same test images, paired",
    source="DeLong 1988; Obuchowski 1997",
    bounded_by=("real-holdout", "noise"),
    blind_to="the same as auc-tstr",
    compares=False,  # The reference cancels: its differences between variants are those of auc-tstr.
)


@dataclass(frozen=True)
class Tstr:
    """Trains small classifiers on synthetic and on real images and tests both on real ones."""

    classifiers: Annotated[int, Field(ge=1)] = 3
    """Classifiers a set, each from a training seed of its own."""
    epochs: Annotated[int, Field(ge=1)] = 20
    """Passes over the training part."""
    batch: Annotated[int, Field(ge=1)] = 32
    """Images a step."""
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    """Peak learning rate."""
    width: Annotated[int, Field(ge=1)] = 32
    """Channels of the network's first stage."""
    validation: Annotated[float, Field(gt=0, lt=1)] = 0.2
    """Share of the training images on which the epoch is chosen."""
    real_n: Annotated[int, Field(ge=2)] | None = None
    """Real training images of the reference; all of the role where left out."""

    version: ClassVar[int] = 5
    summary: ClassVar[str] = "Train on synthetic, test on real: AUC beside that of training on real."
    needs: ClassVar[Needs] = Needs(images=("train", "test", "synthetic"), baseline=True, labels=True)
    metrics: ClassVar[tuple[Metric, ...]] = (TSTR, TRTR, GAP)

    def baseline(self, inputs: Inputs, context: TaskContext) -> None:
        """Train on real images and leave the test scores."""
        train = inputs.images["train"]
        count = len(train) if self.real_n is None else min(self.real_n, len(train))
        chosen = np.sort(seeds.generator(context.seed, "real training images").permutation(len(train))[:count])
        real = train.take(chosen, digest=f"{count} of {train.digest}")
        arrays.save(context.folder / "scores.npy", self._test(real, inputs.images["test"], context))
        arrays.save(context.folder / "count.npy", np.array(count))

    def measure(self, inputs: Inputs, context: TaskContext) -> list[Value]:
        """Train on synthetic images, test on real ones, and compare with training on real."""
        assert inputs.baseline is not None
        synthetic, test = inputs.images["synthetic"], inputs.images["test"]
        real_n = int(arrays.load(inputs.baseline / "count.npy"))
        n = {"synthetic": len(synthetic), "real training": real_n, "test": len(test)}
        if len(test.classes) < 2:
            reason = f"the dataset has {len(test.classes)} class; there is nothing to tell apart"
            return [Value(metric=metric.name, value=None, n=n, refused=reason) for metric in self.metrics]
        ours = self._test(synthetic, test, context)
        return _values(ours, arrays.load(inputs.baseline / "scores.npy"), test, n, self._fewer(real_n))

    def _fewer(self, real_n: int) -> str | None:
        """Return what is to be said where fewer real training images are there than were asked for."""
        if self.real_n is None or self.real_n <= real_n:
            return None
        return f"{self.real_n} real training images were asked for, {real_n} are there"

    def _test(self, train: Images, test: Images, context: TaskContext) -> NDArray[np.float64]:
        """Return the test scores, shape (classifiers, N); of more than two classes, (classifiers, N, classes)."""
        from tasks.classifier import training

        recipe = training.Recipe(self.epochs, self.batch, self.learning_rate, self.width, self.validation)
        rows = []
        for number in range(self.classifiers):
            seed = seeds.derive(context.seed, "classifier", number)
            network = training.train(train, recipe, seed=seed, device=context.device)
            logits = training.scores(network, test, device=context.device)
            rows.append(logits[:, -1] - logits[:, 0] if len(test.classes) <= 2 else macro_auc.log_odds(logits))
            context.progress(number + 1, self.classifiers, "classifiers trained")
        return np.stack(rows)


def _values(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], test: Images, n: dict[str, int], fewer: str | None
) -> list[Value]:
    """Return the three values, given the test scores of both trainings, as `Tstr._test` returns them.

    `fewer` is said of the values that the real training has a part in.
    """
    told: dict[str, Any] = {"n": n, "slides": groups.slides(test=test), "note": groups.note(test)}
    told_of_real = {**told, "note": "; ".join(filter(None, (fewer, groups.note(test)))) or None}
    first, second = _placed(ours, test), _placed(theirs, test)
    gap = auc.auc_difference(first, second)
    return [
        Value(
            metric="auc-tstr",
            value=first.value,
            interval=auc.auc_interval(first),
            replicates=_replicates(ours, test),
            samples=_spread(ours, test),
            **told,
        ),
        Value(
            metric="auc-trtr",
            value=second.value,
            interval=auc.auc_interval(second),
            samples=_spread(theirs, test),
            **told_of_real,
        ),
        Value(metric="auc-gap", value=gap.value, interval=gap.interval, **told_of_real),
    ]


def _placed(scores: NDArray[np.float64], test: Images) -> Any:
    """Return the placements of the test images: of two classes, or of several, each against all others."""
    if len(test.classes) == 2:
        return placements(labels=test.labels, scores=scores, slides=test.slides)
    return macro_auc.macro_placements(labels=test.labels, scores=scores, classes=len(test.classes), slides=test.slides)


def _replicates(scores: NDArray[np.float64], images: Images) -> Replicates | None:
    """Return the mean AUC without each group of test images; None where some class would be left without two."""
    units = groups.of_real(images)
    held = np.array([np.bincount(units, weights=images.labels == label) for label in range(len(images.classes))])
    if (held.sum(axis=1, keepdims=True) - held).min() < 2:
        return None

    def mean_auc(*, test: NDArray[np.int64]) -> list[float]:
        return [_placed(scores[:, test], replace(images, labels=images.labels[test], slides=None)).value]

    return jackknife.delete_groups(mean_auc, groups={"test": units})[0]


def _spread(scores: NDArray[np.float64], test: Images) -> dict[str, float]:
    """Return the spread over training seeds: a line of variance of its own, never pooled into the interval."""
    each = [_placed(row, test).value for row in scores]
    if len(each) < 2:
        return {}
    return {"classifiers": float(len(each)), "classifiers_sd": float(np.std(each, ddof=1))}
