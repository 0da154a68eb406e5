"""What was seen of sets of images, as it is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from toybench import pictures

from benchmark.evaluation import seen


@pytest.fixture
def sets(look, tmp_path: Path):
    """Four synthetic images of which one is a training image and two are bad; real ones that repeat, and are known."""
    look("real", {"a": 4, "b": 4})
    for number, source in enumerate(("a/0000.png", "a/0001.png")):
        shutil.copy(tmp_path / "real" / source, tmp_path / "real" / "a" / f"again{number}.png")
    pictures.write_classes(tmp_path / "train", {"a": 1})
    for name, side in (("set/x/0.png", 1), ("set/x/1.png", 2), ("set/x/2.png", 3), ("set/x/\x1b[31m.png", 4)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "real" / "b" / "0000.png", tmp_path / name)
        pictures.Image.fromarray(pictures.noise(500 + side)).save(tmp_path / name)
    shutil.copy(tmp_path / "train" / "a" / "0000.png", tmp_path / "set" / "x" / "copy.png")
    (tmp_path / "set" / "x" / "empty.png").touch()
    (tmp_path / "set" / "readme.txt").touch()
    return [
        look("set"), look("real", part="real", duplicates=False), look("train", part="train", duplicates=False)
    ]  # fmt: skip


def test_people_see_a_table_and_each_bad_image(sets) -> None:
    """Nothing of it drives a terminal."""
    text = seen.text(sets)
    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[0].split() == ["images", "found", "bad", "usable", "px", "repeats", "blank", "files", "classes", "at"]
    assert lines[2].split()[:8] == ["synthetic", "6", "1", "5", "16", "0", "0", "PNG"]
    assert lines[3].split()[:10] == ["real", "10", "0", "10", "16", "2", "0", "PNG", "a", "6,"]
    assert "synthetic: left out, as no images: 1 x .txt" in lines
    assert lines[-2].endswith("set: 1 of 6 synthetic images cannot be used (1 empty):")
    assert lines[-1] == "  x/empty.png: is empty"


def test_copies_speak_against_the_set_and_the_real_images(sets) -> None:
    """The first image of all folders is the same noise: it is among training, real and synthetic images."""
    assert seen.copies(sets) == {"real": 1, "training": 1}
    assert seen.warnings(sets) == (
        "1 of the synthetic images are real images, pixel by pixel: no generator made them.",
        "1 of the synthetic images are training images, pixel by pixel: no generator made them.",
    )
    assert seen.cautions(sets) == []


def test_programs_get_all_of_it(sets) -> None:
    """As JSON, with every bad image."""
    found = json.loads(json.dumps(seen.plain(sets)))
    assert found["synthetic"]["bad"] == [{"name": "x/empty.png", "kind": "empty", "reason": "is empty"}]
    assert found["synthetic"]["copies"] == {"real": 1, "training": 1}
    assert (found["real"]["classes"], found["real"]["repeats"], found["train"]["found"]) == ({"a": 6, "b": 4}, 2, 1)


def test_duplicates_have_advice_of_their_own(look, tmp_path: Path) -> None:
    """A generator that collapsed made them itself."""
    look("one", {"x": 2})
    assert seen.advice_on_duplicates([look("one")]) == []
    shutil.copy(tmp_path / "one" / "x" / "0000.png", tmp_path / "one" / "x" / "again.png")
    assert "--duplicates keep" in seen.advice_on_duplicates([look("one")])[0]
