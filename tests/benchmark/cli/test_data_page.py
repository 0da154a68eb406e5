"""What `bench data check` tells people."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark.cli import data_page
from benchmark.contracts.progress import silent
from benchmark.datasets.checking import report, subjects


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two splits of two classes."""
    pictures.write_classes(tmp_path / "x", {f"{split}/{name}": 4 for split in ("train", "test") for name in "ab"})
    return tmp_path / "x"


def text(place: Path) -> str:
    return data_page.text(report.of(subjects.at(place), silent))


def test_facts_a_table_and_findings(folder: Path) -> None:
    """In that order."""
    shutil.copy(folder / "train" / "a" / "0000.png", folder / "train" / "a" / "x.png")
    said = text(folder)
    assert said.startswith("x, digest ")
    assert "Sizes: 16 x 16 px (17 images)\nOfficial release, by checksums: no; digest " in said
    assert "Stored as: pixels as they are, as far as is known\nSlides: not known\nNote: There is no release" in said
    rows = [line.split() for line in said.splitlines() if line.startswith(("train ", "test "))]
    assert rows == [
        ["train", "a", "5", "55.6%", "1", "0", "0", "0"], ["train", "b", "4", "44.4%", "0", "0", "0", "0"],
        ["test", "a", "4", "50.0%", "0", "0", "0", "0"], ["test", "b", "4", "50.0%", "0", "0", "0", "0"],
    ]  # fmt: skip
    assert "\n- 1 redundant exact duplicate inside splits, which a suite leaves out.\n- No images in several" in said


def test_what_spoils_is_marked_and_listed_by_name(folder: Path) -> None:
    """The first of each kind; how many there are besides."""
    for number in range(25):
        (folder / "train" / "a" / f"z{number:02d}.png").write_text("x")
    shutil.copy(folder / "train" / "b" / "0000.png", folder / "test" / "a" / "x.png")
    Image.new("RGB", (16, 16)).save(folder / "test" / "b" / "dark.png")
    said = text(folder)
    assert "\n! 25 images cannot be used.\n" in said
    assert "\n  train: train/a/z00.png: is no PNG, JPEG or TIFF, whatever its name says\n" in said
    assert "z19.png" in said
    assert "z20.png" not in said
    assert "\n  and 5 more (--json has all)\n" in said
    assert "Same pixels in several splits:\n  train: train/b/0000.png (b) = test: test/a/x.png (a)" in said
    assert "Blank images:\n  test: test/b/dark.png" in said


def test_names_cannot_drive_a_terminal(tmp_path: Path) -> None:
    """Whoever made the files chose them."""
    pictures.write_classes(tmp_path / "x", {"a\x1b[31m": 1})
    (tmp_path / "x" / "a\x1b[31m" / "\x1b[2Jbad.png").write_text("x")
    said = text(tmp_path / "x")
    assert "\x1b" not in said
    assert "bad.png: is no PNG" in said


def test_slides_and_missing_labels(tmp_path: Path) -> None:
    """Slides are counted by split, those of several named; images alone have no class."""
    pixels = np.stack([pictures.noise(seed) for seed in range(4)])
    np.savez(tmp_path / "x.npz", images=pixels, labels=[0, 1] * 2, slides=list("aabb"), split=["train"] * 3 + ["test"])
    said = text(tmp_path / "x.npz")
    assert "Slides: train 2, test 1" in said
    assert "! 1 slide in several splits." in said
    assert "Slides in several splits:\n  b: train 1, test 1" in said
    np.save(tmp_path / "y.npy", pixels)
    assert "all      (no labels)         4   100.0%" in text(tmp_path / "y.npy")
