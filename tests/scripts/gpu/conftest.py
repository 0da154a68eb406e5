"""A pack of small images for two variants, at toy size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from scripts.gpu import packed

PARAMS = {
    "side": 32, "vae_widths": [16, 32], "vae_steps": 3, "vae_batch": 4, "unet_widths": [8, 16], "heads": 2, "steps": 3,
    "batch": 4, "sampling_steps": 2, "guidance": 1.5,
}  # fmt: skip


@pytest.fixture(scope="session")
def patches() -> Images:
    """Thirty soft images of 32 pixels, labelled in turn."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(40, 220, (30, 4, 4, 3))
    pixels = coarse.repeat(8, axis=1).repeat(8, axis=2).astype(np.uint8)
    return Images(ArraySource(pixels), np.arange(30), np.arange(30) % 2, ("healthy", "cancer"), None, "thirty")


@pytest.fixture(scope="session")
def pack(patches: Images, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed, with prompts of two variants."""
    path = tmp_path_factory.mktemp("pack") / "pack.zip"
    of = patches.labels.tolist()
    variants = {
        "small-baseline": {"params": PARAMS, "prompts": {"texts": ["of healthy tissue", "of cancer tissue"], "of": of}},
        "small-morphology": {
            "params": {**PARAMS, "per_prompt": "equal"},
            "prompts": {"texts": ["type one", "type two", "type three"], "of": [row % 3 for row in range(30)]},
        },
    }
    packed.write(path, patches, {"suite": "toy", "commit": "c0ffee", "variants": variants}, quality=75)
    return path
