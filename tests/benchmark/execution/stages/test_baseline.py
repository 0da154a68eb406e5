"""The stage in which a task works on real images, once for all variants."""

from __future__ import annotations

import json

import numpy as np

from benchmark import seeds
from benchmark.execution.stages import baseline
from benchmark.suite.schema import RoleEntry

TEST = RoleEntry(split="test")


class Noting:
    """Writes down what it is given."""

    def __init__(self, scale=1.0):
        self.scale = scale

    def baseline(self, inputs, context):
        noted = {
            "scale": self.scale, "seed": context.seed, "images": {role: len(found) for role, found in inputs.images.items()},
            "features": {name: sorted(by_role) for name, by_role in inputs.features.items()},
            "baseline": inputs.baseline,
        }  # fmt: skip
        (context.folder / "noted.json").write_text(json.dumps(noted))


def test_a_baseline_leaves_what_the_task_leaves(desk, toys):
    """The toy task counts the test images."""
    at = desk(toys.task("baseline", toys.data(count=12), images={"test": TEST}))
    baseline.run(at)
    assert {path.name: path.read_text() for path in at.out.iterdir()} == {"test-images.txt": "12"}


def test_a_baseline_is_given_parameters_images_features_and_seed(desk, toys):
    """And no baseline, since it is one."""
    data = toys.data()
    inputs = {"features/toy-mean/reference": toys.embed(data, role=RoleEntry(split="valid"))}
    step = toys.task(
        "baseline", data, inputs, target=f"{__name__}:Noting", images={"test": TEST}, seed=2, scale=3.0,
    )  # fmt: skip
    at = desk(step)
    baseline.run(at)
    assert json.loads((at.out / "noted.json").read_text()) == {
        "scale": 3.0, "seed": seeds.derive(2, "task/toy-distance"), "images": {"test": 20},
        "features": {"toy-mean": ["reference"]}, "baseline": None,
    }  # fmt: skip
    assert np.load(at.inputs["features/toy-mean/reference"].folder / "features.npy").shape == (20, 3)
