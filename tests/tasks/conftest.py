"""Fixtures for the tests of the tasks: their surroundings, features and patches of known order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.task import Features, Inputs, TaskContext, Value


@pytest.fixture
def context(tmp_path: Path) -> TaskContext:
    """A task's surroundings, its folder empty."""
    return TaskContext(seed=1, device="cpu", folder=tmp_path, classes=("healthy", "cancer"))


@pytest.fixture
def features() -> Callable[..., Features]:
    """Wraps feature vectors as the engine hands them over."""

    def wrap(values: NDArray[np.floating], *, slides: int | None = None) -> Features:
        """Rows are dealt out to `slides` slides in turn."""
        named = None if slides is None else np.array([f"slide-{row % slides:02}" for row in range(len(values))])
        return Features(values=values.astype(np.float32), labels=np.arange(len(values)) % 2, slides=named)

    return wrap


@pytest.fixture
def measured() -> Callable[..., dict[str, Value]]:
    """Measures one task on the features of two roles under one extractor; values by metric."""

    def measure(task: object, reference: Features, synthetic: Features, context: TaskContext) -> dict[str, Value]:
        given = Inputs(
            features={"toy": {"synthetic": synthetic, "reference": reference}}, images={}, baseline=None
        )  # fmt: skip
        return {value.metric: value for value in task.measure(given, context)}

    return measure


@pytest.fixture
def patches() -> Callable[..., Images]:
    """Patches of 8 px whose second class has a bright middle, or (told = False) whose labels mean nothing."""

    def draw(
        count: int, seed: int, *, told: bool = True, contrast: float = 60, slides: int | None = 10, classes: int = 2
    ) -> Images:
        rng = np.random.default_rng(seed)
        labels = np.arange(count) % classes
        bright = labels if told else rng.integers(0, classes, count)
        pixels = rng.normal(100, 30, (count, 8, 8, 3))
        pixels[:, 2:6, 2:6] += (contrast * bright)[:, None, None, None]
        return Images(
            source=ArraySource(np.clip(pixels, 0, 255).astype(np.uint8)),
            rows=np.arange(count),
            labels=labels,
            classes=("healthy", "cancer", "other")[:classes],
            slides=None if slides is None else np.array([f"s{row // classes % slides}" for row in range(count)]),
            digest=f"{seed}",
        )

    return draw
