"""A Stable Diffusion pipeline of real diffusers classes at toy size, saved by diffusers itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from toybench import pipeline

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images

SIDE = pipeline.SIDE


class Drawn(NamedTuple):
    """What a generator drew."""

    images: np.ndarray
    prompts: list[str]


@pytest.fixture(scope="session")
def toy_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a pipeline with random weights, latents 4x8x8, images 16x16."""
    return pipeline.save(tmp_path_factory.mktemp("toy-sd"))


@pytest.fixture
def toy_with(toy_pipeline: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copies the toy pipeline and changes keys of one of its JSON files."""

    def change(file: str = "model_index.json", **changes: Any) -> Path:
        place = tmp_path / f"toy-{len(list(tmp_path.glob('toy-*')))}"
        shutil.copytree(toy_pipeline, place)
        settings = json.loads((place / file).read_text())
        (place / file).write_text(json.dumps(settings | changes))
        return place

    return change


@pytest.fixture
def draw() -> Callable[[Any, Requests, Context], Drawn]:
    """Lets a generator answer requests."""

    def drawn(generator: Any, requests: Requests, context: Context) -> Drawn:
        batches = list(generator.sample(requests, context))
        return Drawn(
            np.concatenate([batch.images for batch in batches]),
            [prompt for batch in batches for prompt in batch.prompts or ()],
        )

    return drawn


@pytest.fixture
def images() -> Images:
    """Forty dark and bright images of 16 pixels, labelled in turn."""
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    pixels = np.clip(
        np.where(labels == 1, 190, 60)[:, None, None, None] + rng.normal(0, 25, (40, SIDE, SIDE, 3)), 0, 255
    )
    return Images(
        source=ArraySource(pixels.astype(np.uint8)), rows=np.arange(40), labels=labels,
        classes=("healthy", "cancer"), slides=None, digest="forty",
    )  # fmt: skip


@pytest.fixture
def requests() -> Requests:
    """Six requests, labels in turn."""
    return Requests(
        index=np.arange(6), labels=np.arange(6) % 2, seeds=np.arange(6) + 1000, ranks=np.arange(6) // 2,
        classes=("healthy", "cancer"),
    )  # fmt: skip


@pytest.fixture
def context(tmp_path: Path, toy_pipeline: Path, images: Images) -> Context:
    """A context with the toy pipeline as base, and an encoder under both names that generators ask for."""
    from benchmark.extractors.texture_statistics import TextureStatistics

    for name in ("fitted", "scratch"):
        (tmp_path / name).mkdir()
    return Context(
        seed=5,
        device="cpu",
        folder=tmp_path / "fitted",
        scratch=tmp_path / "scratch",
        classes=images.classes,
        _images={"floor": lambda: images},
        _extractors={"texture-statistics": TextureStatistics},
        _weights={"base": lambda: toy_pipeline},
    )
