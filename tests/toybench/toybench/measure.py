"""An extractor and a task."""

from __future__ import annotations

import numpy as np

from benchmark.contracts.task import Metric, Needs, Value


class MeanColor:
    """The mean of each channel."""

    version = 1
    summary = "Mean of each channel."
    width = 3

    def to(self, device):
        pass

    def embed(self, images):
        return images.reshape(len(images), -1, 3).mean(axis=1).astype(np.float32)


class Guide(MeanColor):
    """The same by a class of its own, since what steers may not score."""


class Distance:
    """How far the mean features are apart."""

    version = 1
    summary = "Distance of mean features."
    needs = Needs(features=("reference", "synthetic"), images=("test",), baseline=True)
    metrics = (
        Metric(
            name="gap", title="Gap of means", direction="lower", bounds=(0.0, None), unit="grey levels",
            estimand="distance of the means at this N", definition="Euclidean distance of mean features",
            source="the toy package", bounded_by=("toy-real",), blind_to="everything but the mean",
        ),
    )  # fmt: skip

    def __init__(self, scale: float = 1.0):
        self.scale = scale

    def baseline(self, inputs, context):
        (context.folder / "test-images.txt").write_text(str(len(inputs.images["test"])))

    def measure(self, inputs, context):
        assert inputs.baseline is not None
        count = int((inputs.baseline / "test-images.txt").read_text())
        values = []
        for extractor, by_role in inputs.features.items():
            real, synthetic = by_role["reference"].values, by_role["synthetic"].values
            gap = float(np.linalg.norm(real.mean(axis=0) - synthetic.mean(axis=0))) * self.scale
            n = {"reference": len(real), "synthetic": len(synthetic), "test": count}
            values.append(Value(metric="gap", value=gap, n=n, extractor=extractor, note="a toy has no interval"))
        return values
