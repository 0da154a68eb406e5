"""The parts of real images: what they share is told, and too few of them are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from toybench import pictures

from benchmark.contracts.progress import silent
from benchmark.datasets.given import Given
from benchmark.errors import UserError
from benchmark.evaluation import looking, place
from benchmark.evaluation.parts import Parts


def parts(tmp_path: Path, *, train: bool = False) -> Parts:
    """What was dealt out of `real`, beside `train` at will."""
    names = ("real", "train") if train else ("real",)
    sets = [looking.look(name, tmp_path / name, labels=None, duplicates=False, progress=silent) for name in names]  # type: ignore[arg-type]
    shutil.rmtree(tmp_path / "root", ignore_errors=True)
    place.link(tmp_path / "root", sets, {})
    return Parts.of(Given(), tmp_path / "root", sets[0], sets[1] if train else None)


def with_slides(folder: Path, slides: int) -> None:
    """Write a table beside images: the class of each by its folder, a slide in turn."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    rows = [f"{name},{name.split('/')[-2]},s{at % slides}" for at, name in enumerate(names)]
    (folder / "metadata.csv").write_text("\n".join(["file_name,label,slide", *rows]))


def test_images_and_slides_in_two_parts_are_told(tmp_path: Path) -> None:
    """Of splits that come with the images; by how many."""
    pictures.write_classes(
        tmp_path / "real", {f"{split}/{word}": 8 for split in ("train", "valid", "test") for word in "ab"}
    )
    shutil.copy(tmp_path / "real" / "train" / "a" / "0000.png", tmp_path / "real" / "test" / "a" / "again.png")
    assert parts(tmp_path).shared() == ["1 of the test images are among the training images, pixel by pixel."]
    (tmp_path / "real" / "test" / "a" / "again.png").unlink()
    assert parts(tmp_path).shared() == []
    with_slides(tmp_path / "real", 3)
    assert parts(tmp_path).shared() == [
        f"3 slides have images among both the {one} and the {other} images."
        for one, other in (
            ("training", "reference and floor"), ("training", "test"), ("reference and floor", "test")
        )
    ]  # fmt: skip


def test_training_images_at_another_place_may_share_slides_too(tmp_path: Path) -> None:
    """And pixels, with each part of the others."""
    pictures.write_classes(tmp_path / "real", {"a": 20, "b": 20})
    shutil.copytree(tmp_path / "real", tmp_path / "train")
    told = parts(tmp_path, train=True).shared()
    assert told == [
        "32 of the reference and floor images are among the training images, pixel by pixel.",
        "8 of the test images are among the training images, pixel by pixel.",
    ]
    for name, slides in (("real", 8), ("train", 4)):
        with_slides(tmp_path / name, slides)
    told = parts(tmp_path, train=True).shared()
    assert any("slides have images among both the training" in line for line in told)


def test_parts_that_can_measure_nothing_are_refused(tmp_path: Path) -> None:
    """Of each class two to learn from and to test on; without learning, four to compare with."""
    pictures.write_classes(tmp_path / "real", {"a": 16, "b": 5})
    found = parts(tmp_path)
    with pytest.raises(UserError, match="for (training|test) 1 are of 'b'. Expected 2 of each class at least. Bring"):
        found.require(Path("here"), learnt=True)
    found.require(Path("here"), learnt=False)
    shutil.rmtree(tmp_path / "real")
    pictures.write_classes(tmp_path / "real", {"a": 6})
    with pytest.raises(UserError, match="here: of its images 2 are for reference and floor. Expected 4 at least"):
        parts(tmp_path).require(Path("here"), learnt=False)
