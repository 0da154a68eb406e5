"""The conformance checks of a generator."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.conformance.trial import Trial
from benchmark.session import Choice


class Finding(NamedTuple):
    """What one check found."""

    generator: str
    check: str
    kept: bool
    what: str


TOLERANCE = 2
"""Grey levels by which an image may change with the batch it was made in: kernels round differently by shape."""


def of_generator(choice: Choice, name: str) -> Iterator[Finding]:
    """Yield the findings on one generator.

    Args:
        choice: Suite whose data it is tried on.
        name: The generator.
    """
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial.prepare(choice, name, Path(folder))
        try:
            whole = trial.sample(0, trial.count)
        except Exception as error:
            yield Finding(name, "fits and samples", False, f"{type(error).__name__}: {error}")
            return
        yield Finding(name, "fits and samples", True, f"{len(whole.images)} images of {whole.images.shape[1:]}")
        yield _try(name, "same seeds, same images", lambda: _same_again(name, trial, whole.images))
        yield _try(name, "independent of the batch", lambda: _any_batch(name, trial, whole.images))
        yield _seeds_matter(name, whole.images)
        yield _labels_told(name, trial, whole.prompts)


def _try(name: str, check: str, run: Callable[[], Finding]) -> Finding:
    """Return what a check finds; that the generator breaks down in it is a finding too."""
    try:
        return run()
    except Exception as error:
        return Finding(name, check, False, f"{type(error).__name__}: {error}")


def _same_again(name: str, trial: Trial, before: NDArray[np.uint8]) -> Finding:
    again = trial.fresh().sample(0, trial.count).images
    same = np.array_equal(before, again)
    return Finding(name, "same seeds, same images", same, "equal" if same else _difference(before, again))


def _any_batch(name: str, trial: Trial, before: NDArray[np.uint8]) -> Finding:
    cut = trial.count // 3
    parts = [trial.sample(0, cut).images, trial.sample(cut, trial.count).images]
    joined = np.concatenate(parts)
    furthest = int(np.abs(joined.astype(int) - before.astype(int)).max())
    return Finding(name, "independent of the batch", furthest <= TOLERANCE, _difference(before, joined))


def _seeds_matter(name: str, images: NDArray[np.uint8]) -> Finding:
    distinct = len(np.unique(images.reshape(len(images), -1), axis=0))
    return Finding(name, "each image its own", distinct == len(images), f"{distinct} of {len(images)} are distinct")


def _labels_told(name: str, trial: Trial, prompts: list[str]) -> Finding:
    """Check that the prompts, where there are any, tell the classes apart."""
    by_label = [{prompt for prompt, label in zip(prompts, trial.labels, strict=True) if label == one}
                for one in np.unique(trial.labels)]  # fmt: skip
    if not any(prompts):
        return Finding(name, "labels in the prompts", True, "no prompts")
    shared = set.intersection(*by_label)
    return Finding(
        name,
        "labels in the prompts",
        not shared,
        f"shared by all classes: {shared}" if shared else "told apart",
    )


def _difference(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> str:
    distance = np.abs(before.astype(int) - after.astype(int))
    return f"largest difference {distance.max()} grey levels, in {np.mean(distance > 0):.2%} of the values"
