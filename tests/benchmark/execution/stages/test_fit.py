"""The stage in which a generator learns."""

from __future__ import annotations

import json

import numpy as np

from benchmark import seeds
from benchmark.execution.stages import fit
from benchmark.suite.schema import RoleEntry


class Noting:
    """Writes down what it is given."""

    def fit(self, train, context):
        noted = {
            "images": len(train), "digest": train.digest, "seed": context.seed, "classes": context.classes,
            "device": context.device, "before": sorted(path.name for path in context.scratch.iterdir()),
        }  # fmt: skip
        (context.folder / "noted.json").write_text(json.dumps(noted))
        (context.scratch / "checkpoint").touch()
        context.log("loss", 0.5, 3)


def test_a_generator_learns_from_the_role_it_fits_on_alone(desk, toys):
    """The mean colors are those of half of the training images, computed here from the files."""
    on = RoleEntry(split="train", part=(0.0, 0.5), by="image")
    at = desk(toys.fit(toys.data(), toys.generator(), on=on))
    fit.run(at)
    data = at.inputs["data"].folder
    train = at.dataset().role(on)
    pixels, labels = np.load(data / "train.npy")[train.rows], train.rows % 2
    assert len(pixels) == 10
    expected = [pixels[labels == label].mean(axis=(0, 1, 2)) for label in (0, 1)]
    np.testing.assert_allclose(np.load(at.out / "means.npy"), expected)
    assert sorted(path.name for path in at.out.iterdir()) == ["means.npy"]


def test_a_fit_s_surroundings(desk, toys, told):
    """Its seed is one of its own, checkpoints go to scratch, curves and progress are passed on."""
    at = desk(toys.fit(toys.data(), toys.generator(f"{__name__}:Noting"), seed=3))
    (at.scratch / "checkpoint").touch()
    fit.run(at)
    assert json.loads((at.out / "noted.json").read_text()) == {
        "images": 20, "digest": at.dataset().role(toys.TRAIN).digest, "seed": seeds.derive(3, "fit"),
        "classes": ["dark", "bright"], "device": "cpu", "before": ["checkpoint"],
    }  # fmt: skip
    assert told.of("log") == [("loss", 0.5, 3)]


def test_progress_of_a_fit_is_passed_on(desk, toys, told):
    """Three steps of three."""
    fit.run(desk(toys.fit(toys.data(), toys.generator())))
    assert told.of("advance") == [(1, 3, "steps"), (2, 3, "steps"), (3, 3, "steps")]
