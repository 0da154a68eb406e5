"""Random generators of a phantom dataset: one per patch, per pair of patches, per slide and per texture bank."""

from __future__ import annotations

from typing import Literal

import numpy as np

from benchmark.datasets import splits

_STREAMS = {"patch": 0, "pair": 1, "slide": 2}


def generator(
    seed: int, stream: Literal["patch", "pair", "slide"], split: splits.Split, index: int
) -> np.random.Generator:
    """Return the generator of one patch, pair of patches or slide.

    Args:
        seed: Dataset seed.
        stream: What is drawn.
        split: Split the thing belongs to. Slides are numbered within their split, so splits share none.
        index: Position in the split, from 0.

    Returns:
        A generator that depends on these four values only.
    """
    key = (_STREAMS[stream], splits.SPLITS.index(split), index)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def bank_generator(number: int) -> np.random.Generator:
    """Return the generator of texture bank `number`; banks are the same for every dataset."""
    return np.random.default_rng(np.random.SeedSequence(0, spawn_key=(9, number)))
