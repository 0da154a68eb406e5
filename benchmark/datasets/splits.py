"""The three splits of a dataset."""

from __future__ import annotations

from typing import get_args

from benchmark.contracts import dataset

Split = dataset.Split
"""Name of a split, as the official PCam files spell it."""

SPLITS: tuple[Split, ...] = get_args(dataset.Split)
"""All splits, in the order they are written and listed."""

_WORDS: dict[str, Split] = {
    "train": "train", "training": "train", "valid": "valid", "validation": "valid", "val": "valid", "dev": "valid",
    "test": "test", "testing": "test",
}  # fmt: skip


def named(word: str) -> Split | None:
    """Return the split that a folder or a table means by a word, in whatever case; None if it is no split's."""
    return _WORDS.get(word.strip().casefold())
