"""A look at every image before any work is done."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image
from toybench import pictures

from benchmark.errors import UserError
from benchmark.evaluation import looking


def test_bad_images_are_named_and_the_others_counted(look, tmp_path: Path) -> None:
    """By class and size; a repeated one is bad, or is counted where it may stay."""
    pictures.write_classes(tmp_path / "set", {"a": 8, "b": 5})
    expected = pictures.plant_bad(tmp_path / "set" / "b", tmp_path / "set" / "a" / "0003.png")
    found = look("set")
    assert {one.name: one.kind for one in found.bad} == {f"b/{name}": kind for name, kind in expected.items()}
    assert (found.counts, found.side, len(found.usable), found.redundant) == ({"a": 8, "b": 5}, 16, 13, 0)
    assert found.skip["b/b-empty.png"] == "empty: is empty"
    kept = look("set", duplicates=False)
    assert len(kept.bad) == len(found.bad) - 1
    assert (kept.counts, kept.redundant) == ({"a": 8, "b": 6}, 1)


def test_copies_are_counted_by_their_pixels(look, tmp_path: Path) -> None:
    """Whatever their names and files; of the first set, not of the second."""
    first, second = look("one", {"a": 6}), look("two", {"x": 2})
    assert looking.copies(first, second) == 2
    for number in range(3):
        shutil.copy(tmp_path / "one" / "a" / "0005.png", tmp_path / "two" / "x" / f"more{number}.png")
    assert looking.copies(look("one"), look("two", part="real", duplicates=False)) == 3
    assert looking.copies(look("two", part="real", duplicates=False), look("one")) == 5


def test_a_set_that_cannot_be_used_at_all_is_one_message(look, tmp_path: Path) -> None:
    """With the first fault; images that are not square; several sizes."""
    (tmp_path / "set" / "a").mkdir(parents=True)
    (tmp_path / "set" / "a" / "0.png").touch()
    with pytest.raises(UserError, match=r"set: none of 1 images can be used \(1 empty\): a/0.png is empty. Expected 8"):
        look("set")
    Image.new("RGB", (9, 8)).save(tmp_path / "set" / "a" / "0.png")
    with pytest.raises(UserError, match="set: the images are 9 x 8 px. Expected square ones"):
        look("set")
    Image.new("RGB", (8, 8)).save(tmp_path / "set" / "a" / "1.png")
    with pytest.raises(UserError, match="set: The images mix sizes"):
        look("set")


def test_progress_says_whose_images_are_looked_at(tmp_path: Path) -> None:
    """One line of it a block."""
    pictures.write_classes(tmp_path / "set", {"a": 3})
    told: list[tuple[object, ...]] = []
    looking.look("train", tmp_path / "set", labels=None, duplicates=True, progress=lambda *said: told.append(said))
    assert told == [(3, 3, "training images looked at")]
