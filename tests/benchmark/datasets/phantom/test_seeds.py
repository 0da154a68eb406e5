"""Generators of patches, pairs and slides."""

from __future__ import annotations

import itertools

import numpy as np

from benchmark.datasets import splits
from benchmark.datasets.phantom import seeds


def test_every_part_of_the_name_counts() -> None:
    """No two names share their first number, large seeds included."""
    names = itertools.product((0, 1, 2**32, 2**62 + 1), ("patch", "pair", "slide"), splits.SPLITS, (0, 1, 2**20))
    drawn = [seeds.generator(*name).integers(2**63) for name in names]
    assert len(set(drawn)) == 4 * 3 * 3 * 3


def test_same_name_same_numbers() -> None:
    """And the global state is left alone."""
    np.random.seed(3)  # noqa: NPY002
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    first, again = (seeds.generator(5, "patch", "valid", 9).random(4) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002


def test_banks_differ() -> None:
    """Each bank has its own numbers."""
    assert seeds.bank_generator(1).random() != seeds.bank_generator(2).random()
