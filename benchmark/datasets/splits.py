"""The three splits of a dataset."""

from __future__ import annotations

from typing import get_args

from benchmark.contracts import dataset

Split = dataset.Split
"""Name of a split, as the official PCam files spell it."""

SPLITS: tuple[Split, ...] = get_args(dataset.Split)
"""All splits, in the order they are written and listed."""
