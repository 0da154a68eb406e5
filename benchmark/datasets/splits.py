"""The three splits of a dataset."""

from __future__ import annotations

from typing import Literal, get_args

Split = Literal["train", "valid", "test"]
"""Name of a split, as the official PCam files spell it."""

SPLITS: tuple[Split, ...] = get_args(Split)
"""All splits, in the order they are written and listed."""
