"""The splits' names and order."""

from __future__ import annotations

from benchmark.datasets import splits


def test_names_are_those_of_the_official_files() -> None:
    """The order is that of writing and listing."""
    assert splits.SPLITS == ("train", "valid", "test")
