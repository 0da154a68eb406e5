"""What all datasets of a user's own images share, by way of one made of numbers alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource
from benchmark.datasets.gathered import Gathered, Gathering
from benchmark.datasets.labels import Table
from benchmark.errors import UserError


class Numbers(Gathered):
    """Ten images, counted how often they are looked for."""

    name, summary, advice = "numbers", "x", "Bring some."

    def __init__(self, splits=None) -> None:
        super().__init__(path="x", classes=None, sizes=None, seed=0, codec="detect")
        self.splits, self.asked = splits, 0

    def _gather(self, root: Path) -> Gathering:
        self.asked += 1
        if root.name == "closed":
            raise PermissionError(13, "Permission denied", str(root))
        pixels = np.arange(10, dtype=np.uint8)[:, None, None, None].repeat(3, 3)
        table = Table([f"{row}" for row in range(10)], ["b", "a"] * 5, None, self.splits)
        return Gathering(root, ArraySource(pixels), table, [], lambda: "state", lambda: (1, 1))


def test_everything_is_there_in_one_piece(tmp_path: Path) -> None:
    """Beside the splits, in the order of the names."""
    dataset = Numbers()
    images = dataset.everything(tmp_path)
    assert images.read(0, 10)[:, 0, 0, 0].tolist() == list(range(10))
    assert (images.labels.tolist(), images.classes) == ([1, 0] * 5, ("a", "b"))
    parts = [dataset.open(tmp_path, split).rows.tolist() for split in ("train", "valid", "test")]
    assert sorted(row for part in parts for row in part) == list(range(10))


def test_splits_that_are_brought_are_kept(tmp_path: Path) -> None:
    """And those that are dealt out are known as such."""
    brought = Numbers(["train"] * 4 + ["test"] * 6)
    assert (brought.brings_splits(tmp_path), Numbers().brings_splits(tmp_path)) == (True, False)
    assert [len(brought.open(tmp_path, split)) for split in ("train", "valid", "test")] == [4, 0, 6]


def test_a_place_is_looked_at_once(tmp_path: Path) -> None:
    """Another root is another place."""
    dataset = Numbers()
    for _ in range(3):
        dataset.layout(tmp_path), dataset.open(tmp_path, "train"), dataset.files(tmp_path)
    assert dataset.asked == 1
    dataset.layout(tmp_path / "other")
    assert dataset.asked == 2


def test_what_may_not_be_read_is_one_message(tmp_path: Path) -> None:
    """With the place and the reason."""
    with pytest.raises(UserError, match=r"closed cannot be read: Permission denied\."):
        Numbers().layout(tmp_path / "closed")


def test_the_base_knows_no_images() -> None:
    """Where they come from is each dataset's own: one that does not say is told so when it is made."""

    class Nowhere(Gathered):
        name = "nowhere"
        summary = "Says nothing."

    with pytest.raises(TypeError, match="_gather"):
        Nowhere(path=".", classes=None, sizes=None, seed=0, codec="none")  # type: ignore[abstract]
