"""What a task is handed: features by extractor and role, images by role, its own baseline."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.artifacts import features
from benchmark.execution.stages import task_inputs
from benchmark.protocol.definition import Protocol
from benchmark.suite.schema import RoleEntry

REFERENCE = RoleEntry(split="valid", part=(0.0, 0.5), by="image")
TEST = RoleEntry(split="test")


class Darkest:
    """The least value of each channel."""

    version, summary, width = 1, "x", 3

    def to(self, device):
        pass

    def embed(self, images):
        return images.min(axis=(1, 2)).astype(np.float32)


@pytest.fixture
def data(toys):
    """Twenty images a split."""
    return toys.data()


def test_features_stand_under_their_extractor_and_their_role(desk, toys, data):
    """Two extractors, two roles: four unlike arrays, each in its own place."""
    shards = (toys.sample(data, toys.generator(), stop=7),)
    embeds = {
        "features/toy-mean/reference": toys.embed(data, role=REFERENCE),
        "features/toy-mean/synthetic": toys.embed(data, shards=shards),
        "features/darkest/reference": toys.embed(data, role=REFERENCE, target=f"{__name__}:Darkest"),
        "features/darkest/synthetic": toys.embed(data, shards=shards, target=f"{__name__}:Darkest"),
    }
    step = toys.task("measure", data, embeds)
    at = desk(step)
    found = task_inputs.gather(at, step.config)
    assert {name: set(by_role) for name, by_role in found.features.items()} == {
        "toy-mean": {"reference", "synthetic"}, "darkest": {"reference", "synthetic"},
    }  # fmt: skip
    for name, result in at.inputs.items():
        if name.startswith("features/"):
            _, extractor, role = name.split("/")
            np.testing.assert_array_equal(found.features[extractor][role].values, features.read(result.folder).values)
    assert len(found.features["darkest"]["synthetic"].values) == 7
    assert found.features["darkest"]["reference"].values.mean() < found.features["toy-mean"]["reference"].values.mean()
    assert (found.images, found.baseline) == ({}, None)


def test_images_come_by_role_and_after_the_protocol(desk, toys, data):
    """Real ones from the dataset, synthetic ones from the shards in their order, all at the common size."""
    shards = {
        f"shard/{number:05d}": toys.sample(data, toys.generator(params={"noise": 0.0}), start=start, stop=start + 4)
        for number, start in enumerate((0, 4))
    }
    step = toys.task("measure", data, shards, images={"test": TEST, "reference": REFERENCE, "synthetic": None})
    at = desk(step)
    images = task_inputs.gather(at, step.config).images
    assert {role: len(found) for role, found in images.items()} == {"test": 20, "reference": 10, "synthetic": 8}
    stored = np.load(at.inputs["data"].folder / "test.npy").astype(float)
    means = stored.reshape(20, 8, 2, 8, 2, 3).mean(axis=(2, 4))
    assert np.abs(images["test"].read(0, 20) - means).max() <= 1  # Rounded along rows, then along columns.
    assert images["reference"].read(2, 5).shape == (3, 8, 8, 3)
    assert images["synthetic"].labels.tolist() == [0, 1] * 4
    assert (images["synthetic"].read(0, 8) == 128).all()


def test_the_protocol_is_that_of_the_task(desk, toys, data):
    """A task of a suite at 4 pixels gets 4 pixels."""
    step = toys.task("baseline", data, images={"test": TEST}, protocol=Protocol(size=4))
    assert task_inputs.gather(desk(step), step.config).images["test"].read(0, 1).shape == (1, 4, 4, 3)


def test_a_measurement_is_handed_its_baseline(desk, toys, data):
    """The folder that the task's own baseline left."""
    baseline = toys.task("baseline", data, images={"test": TEST})
    step = toys.task("measure", data, {"baseline": baseline})
    at = desk(step)
    folder = task_inputs.gather(at, step.config).baseline
    assert folder == at.inputs["baseline"].folder
    assert (folder / "test-images.txt").read_text() == "20"
