"""The datasets, generators, extractors and tasks that come with the project, at sizes that take moments."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.artifacts import dataset_index
from benchmark.contracts.context import Context
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.progress import silent
from benchmark.contracts.task import Features, Inputs, TaskContext
from benchmark.registry import discovery, targets
from benchmark.registry.variants import Catalogue, Listed
from scripts.goldens.watched import Watched, digits, exact, rounded

EXEMPT = {
    "dataset pcam": "it makes nothing; what it reads is the user's",
    "generator imageset": "it makes nothing; what it hands out is the user's",
    "generator imageset-unlabelled": "it makes nothing; what it hands out is the user's",
    "dataset pcam-kaggle": "likewise",
    "dataset folder": "likewise; how it deals out splits has a golden in its own tests",
    "dataset arrays": "likewise",
    "dataset given": "likewise",
    "generator small-vae-roundtrip": "it trains a network, whose weights move with the processor; tested at toy size",
    "task tstr": "it trains networks, whose numbers move with the processor; its parts are tested against references",
}
"""Parts without a golden, and why. Generators with pretrained weights have none either: they compute with networks."""

_COUNT = 40


def watched() -> dict[str, Watched]:
    """Return the parts that have a golden, by name."""
    return {f"{noun} {name}": one for noun, made in _MAKERS.items() for name, one in made().items()}


def all_names() -> set[str]:
    """Return the names of all parts that come with the project, generators with pretrained weights aside."""
    registries = {"dataset": discovery.datasets(), "extractor": discovery.extractors(), "task": discovery.tasks()}
    named = {f"{noun} {one.name}" for noun, known in registries.items() for one in known if one.origin == "histobench"}
    return named | {f"generator {one.name}" for one in _variants()}


def _datasets() -> dict[str, Watched]:
    made = discovery.datasets().load("phantom")
    small = {"seed": 5, "train": 12, "valid": 2, "test": 2, "slides_train": 3, "slides_valid": 1, "slides_test": 1}
    return {"phantom": Watched(made.version, "Phantom.version", functools.partial(_indexed, made(**small)))}


def _indexed(dataset: Any) -> dict[str, Any]:
    """Return labels, slides and the digest of every patch; the files' bytes are the HDF5 library's affair."""
    with tempfile.TemporaryDirectory() as folder:
        dataset.make(Path(folder), silent)
        dataset_index.write(Path(folder), dataset, Path(folder), silent)
        return {path.name: exact(np.load(path)) for path in sorted(Path(folder).glob("*.npy"))}


def _variants() -> list[Listed]:
    return [one for one in Catalogue.discover() if one.origin == "histobench" and not one.variant.weights]


def _generators() -> dict[str, Watched]:
    return {
        one.name: Watched(
            one.variant.version,
            f"the version of '{one.name}' in generators/variants.yaml",
            functools.partial(_drawn, one),
        )
        for one in _variants()
        if f"generator {one.name}" not in EXEMPT
    }


def _drawn(listed: Listed) -> list[Any]:
    """Return the images that a generator without weights draws for eight requests."""
    generator: Any = targets.load(listed.variant.generator)(**listed.variant.params)  # type: ignore[operator]
    place = np.arange(8)
    requests = Requests(index=place, labels=place % 2, seeds=place + 1000, ranks=place // 2, classes=("a", "b"))
    with tempfile.TemporaryDirectory() as folder:
        context = Context(
            seed=7, device="cpu", folder=Path(folder), scratch=Path(folder), classes=("a", "b"),
            _images=dict.fromkeys(listed.variant.reads, _images),
            _extractors={name: discovery.extractors().load(name) for name in listed.variant.guided_by},
        )  # fmt: skip
        if listed.variant.fits_on:
            generator.fit(_images(), context)
        return exact(np.concatenate([batch.images for batch in generator.sample(requests, context)]))


def _extractors() -> dict[str, Watched]:
    made = {name: discovery.extractors().load(name) for name in ("random-network", "texture-statistics")}
    return {
        name: Watched(one.version, f"{one.__name__}.version", functools.partial(_embedded, one))
        for name, one in made.items()
    }


def _embedded(extractor: Any) -> list[Any]:
    return rounded(extractor().embed(_images().read(0, 2)))


def _tasks() -> dict[str, Watched]:
    made = {name: discovery.tasks().load(name) for name in ("fidelity", "coverage", "released-fidelity")}
    return {
        name: Watched(one.version, f"{one.__name__}.version", functools.partial(_measured, one))
        for name, one in made.items()
    }


def _measured(task: Any) -> dict[str, Any]:
    """Return value and interval of each metric on small sets of features that differ in mean and spread."""
    sets = {"reference": _features(1.0, 0.0), "synthetic": _features(1.2, 0.15)}
    inputs = Inputs(features={"sums": sets}, images={}, baseline=None)
    with tempfile.TemporaryDirectory() as folder:
        context = TaskContext(seed=7, device="cpu", folder=Path(folder), classes=("a", "b"))
        values = task().measure(inputs, context)
    return {
        value.key: [digits(number) for number in (value.value, value.interval.low, value.interval.high)]
        for value in values
    }


def _images() -> Images:
    """Return images of noise on slopes of unlike steepness, labels in turn."""
    from toybench import echo

    slopes = np.arange(32)[None, :, None, None] * np.arange(_COUNT)[:, None, None, None] % 97
    pixels = (echo.noise("goldens", _COUNT, 32, 32, 3) // 2 + slopes + [0, 10, 30]).astype(np.uint8)
    rows = np.arange(_COUNT)
    return Images(ArraySource(pixels), rows, rows % 2, ("a", "b"), None, digest="goldens")


def _features(spread: float, shift: float) -> Features:
    from toybench import echo

    values = echo.noise(f"features {shift}", _COUNT, 4).astype(np.float32) / 255 * np.float32(spread) + np.float32(
        shift
    )
    slides = np.array([f"slide-{row % 10}" for row in range(_COUNT)]) if shift == 0 else None
    return Features(values=values, labels=np.arange(_COUNT) % 2, slides=slides)


_MAKERS: dict[str, Callable[[], dict[str, Watched]]] = {
    "dataset": _datasets,
    "generator": _generators,
    "extractor": _extractors,
    "task": _tasks,
}
