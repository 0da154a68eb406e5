"""The names of the array types stand for what they say, and results keep to them whatever goes in."""

from __future__ import annotations

import typing

import numpy as np
import pytest

from benchmark.statistics import arrays
from benchmark.statistics.groups import check_groups
from benchmark.statistics.placements import placements


@pytest.mark.parametrize(
    ("name", "dtype"), [("Floats", np.float64), ("Ints", np.int64), ("Bools", np.bool_), ("Features", typing.Any)]
)
def test_a_name_stands_for_one_dtype(name, dtype):
    """And `Features` for any."""
    alias = getattr(arrays, name)
    assert typing.get_origin(alias) is np.ndarray
    assert typing.get_args(typing.get_args(alias)[1]) == (dtype,)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint16])
def test_results_do_not_inherit_the_dtype_of_what_comes_in(dtype):
    """Half floats and whole numbers are computed with in float64; numbers of groups and slides are int64."""
    placed = placements(labels=np.arange(12) % 2, scores=np.arange(12).astype(dtype), slides=np.arange(12) % 5)
    assert placed.positives.dtype == placed.negatives.dtype == np.float64
    assert placed.positive_slides.dtype == placed.negative_slides.dtype == np.int64
    if np.issubdtype(dtype, np.integer):
        assert check_groups(np.arange(12).astype(dtype) % 3, rows=12, role="real").dtype == np.int64
