"""Whether a generator draws the labels it is asked for, as far as its prompts and plain colors tell."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SURE = 8.0
"""Distance of two means, in standard errors, from which it is no chance."""


def shared_prompts(prompts: Sequence[str], labels: NDArray[np.int64]) -> set[str]:
    """Return the prompts that stand under more than one label."""
    by_label = [set(_of(label, prompts, labels)) for label in np.unique(labels)]
    return {prompt for one, other in itertools.combinations(by_label, 2) for prompt in one & other}


def misnamed(prompts: Sequence[str], labels: NDArray[np.int64], classes: tuple[str, ...]) -> list[str]:
    """Return the classes whose every prompt names another class and never its own.

    One such class may be told from the others in words of its own ("tissue without cancer"); two were swapped.
    """
    found = []
    for label in np.unique(labels):
        texts = [prompt.lower() for prompt in _of(label, prompts, labels)]
        others = [name.lower() for name in classes if name != classes[label]]
        own = any(classes[label].lower() in text for text in texts)
        if not own and all(any(name in text for name in others) for text in texts):
            found.append(classes[label])
    return found


def swapped(
    real: tuple[NDArray[np.uint8], NDArray[np.int64]], made: tuple[NDArray[np.uint8], NDArray[np.int64]]
) -> tuple[int, int] | None:
    """Return two labels that differ in made images as clearly as in real ones, but the other way round.

    It tells only where the classes differ in plain colors, and nothing where they are alike.

    Args:
        real: Images, uint8 RGB, and their labels.
        made: The same of a generator that learnt from the real ones.
    """
    for pair in itertools.combinations(range(int(real[1].max()) + 1), 2):
        there, here = _distances(*real, pair), _distances(*made, pair)
        sure = (np.abs(there) > _SURE) & (np.abs(here) > _SURE)
        if sure.any() and (there * here < 0)[sure].all():
            return pair
    return None


def _of(label: int, prompts: Sequence[str], labels: NDArray[np.int64]) -> list[str]:
    return [prompt for prompt, one in zip(prompts, labels, strict=True) if one == label]


def _distances(images: NDArray[np.uint8], labels: NDArray[np.int64], pair: tuple[int, int]) -> NDArray[np.float64]:
    """Return by channel how many standard errors the mean of one label lies above that of another."""
    colors = images.astype(np.float64).mean(axis=(1, 2))
    one, other = (colors[labels == label] for label in pair)
    if min(len(one), len(other)) < 2:
        return np.zeros(colors.shape[1])
    error = np.sqrt(one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other))
    return (one.mean(axis=0) - other.mean(axis=0)) / np.maximum(error, 1e-9)
