"""Sizes of a phantom dataset."""

from __future__ import annotations

import dataclasses

import pytest

from benchmark import errors
from benchmark.datasets.phantom import spec


def test_each_split_has_its_own_sizes() -> None:
    """Six different numbers, none exchanged."""
    made = spec.PhantomSpec(seed=0, train=12, valid=14, test=16, slides_train=7, slides_valid=8, slides_test=9)
    assert [made.count(split) for split in ("train", "valid", "test")] == [12, 14, 16]
    assert [made.slides(split) for split in ("train", "valid", "test")] == [7, 8, 9]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**63}, "seed is"),
        ({"train": 0}, "train is 0; expected an even number"),
        ({"valid": 7}, "valid is 7; expected an even number"),
        ({"test": -2}, "test is -2"),
        ({"slides_valid": 0}, "slides_valid is 0; expected at least 1"),
        ({"test": 4, "slides_test": 5}, "slides_test is 5, but test has 4 patches; expected at most one slide a patch"),
    ],
)
def test_impossible_sizes(small: spec.PhantomSpec, change: dict[str, int], message: str) -> None:
    """The message names the field and the value."""
    with pytest.raises(errors.UserError, match=message):
        dataclasses.replace(small, **change)
