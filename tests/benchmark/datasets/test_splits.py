"""The splits' names and order."""

from __future__ import annotations

import pytest

from benchmark.datasets import splits


def test_names_are_those_of_the_official_files() -> None:
    """The order is that of writing and listing."""
    assert splits.SPLITS == ("train", "valid", "test")


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("train", "train"),
        ("Training", "train"),
        (" VAL ", "valid"),
        ("validation", "valid"),
        ("test", "test"),
        ("rest", None),
        ("", None),
    ],
)
def test_usual_words_for_splits_are_known(word: str, split: str | None) -> None:
    """In whatever case; others are none of them."""
    assert splits.named(word) == split
