"""The PCam layout."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark import digests, errors
from benchmark.datasets import pcam_files, splits


def test_paths_are_the_official_ones() -> None:
    """Spelled out, so that a slip in the template shows."""
    root = Path("data")
    assert pcam_files.split_path(root, "valid", "x") == Path("data/pcam/camelyonpatch_level_2_split_valid_x.h5")
    assert pcam_files.split_path(root, "test", "y") == Path("data/pcam/camelyonpatch_level_2_split_test_y.h5")
    assert pcam_files.split_path(root, "train", "meta") == Path("data/pcam/camelyonpatch_level_2_split_train_meta.csv")


def test_opens_a_split(pcam_root: Path) -> None:
    """Pixels, labels, slides and classes of one split, in file order."""
    images = pcam_files.open_split(pcam_root, "valid", classes=("healthy", "cancer"))
    assert len(images) == 8
    assert images.labels.tolist() == [0, 0, 1, 0, 0, 1, 0, 0]
    assert images.classes == ("healthy", "cancer")
    assert images.slides is not None
    assert images.slides.tolist() == ["slide_0"] * 3 + ["slide_1"] * 3 + ["slide_2"] * 2
    assert images.read(2, 5)[:, 40, 50, 1].tolist() == [2, 3, 4]
    taken = images.take(np.array([6, 0]), digest="some")
    assert taken.read(0, 2)[:, 0, 0, 0].tolist() == [6, 0]


def test_goes_without_slides_where_there_is_no_meta(pcam_root: Path) -> None:
    """The meta file is optional."""
    pcam_files.split_path(pcam_root, "test", "meta").unlink()
    assert pcam_files.open_split(pcam_root, "test", classes=("a", "b")).slides is None


def test_digest_is_that_of_the_contents(pcam_root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A copy elsewhere has the same digest; one changed pixel another; each split its own."""
    elsewhere = tmp_path_factory.mktemp("copy")
    shutil.copytree(pcam_root / "pcam", elsewhere / "pcam")
    first = {split: digest_of(pcam_root, split) for split in splits.SPLITS}
    assert {split: digest_of(elsewhere, split) for split in splits.SPLITS} == first
    assert len(set(first.values())) == 3
    with h5py.File(pcam_files.split_path(elsewhere, "train", "x"), "r+") as file:
        file["x"][19, 95, 95, 2] += 1
    assert digest_of(elsewhere, "train") != first["train"]


def test_digest_uses_the_function_given(pcam_root: Path) -> None:
    """A memo spares a second reading; it is asked once per file."""
    asked: list[str] = []

    def memo(path: Path) -> str:
        asked.append(path.name)
        return path.suffix

    images = pcam_files.open_split(pcam_root, "test", classes=("a", "b"), digest=memo)
    stem = "camelyonpatch_level_2_split_test_"
    assert asked == [stem + "x.h5", stem + "y.h5", stem + "meta.csv"]
    assert images.digest == digests.of_files({stem + "x.h5": ".h5", stem + "y.h5": ".h5", stem + "meta.csv": ".csv"})


@pytest.mark.parametrize("part", ["x", "y"])
def test_missing_file(pcam_root: Path, part: pcam_files.Part) -> None:
    """Pixels and labels are both needed."""
    path = pcam_files.split_path(pcam_root, "train", part)
    path.unlink()
    with pytest.raises(errors.UserError, match=rf"{path.name} is missing. Fetch PatchCamelyon"):
        pcam_files.open_split(pcam_root, "train", classes=("a", "b"))


def test_lengths_that_differ(pcam_root: Path) -> None:
    """Labels of another split under this one's name."""
    shutil.copy(pcam_files.split_path(pcam_root, "test", "y"), pcam_files.split_path(pcam_root, "valid", "y"))
    with pytest.raises(errors.UserError, match=r"valid_y\.h5 has 6 labels but .*valid_x\.h5 has 8 patches"):
        pcam_files.open_split(pcam_root, "valid", classes=("a", "b"))


def test_label_outside_the_classes(pcam_root: Path) -> None:
    """The first such row is named, and how many there are."""
    with pytest.raises(errors.UserError, match=r"label 1 at row 2 is outside the 1 classes \(only\).*2 of 8"):
        pcam_files.open_split(pcam_root, "valid", classes=("only",))


@pytest.mark.needs_shared
def test_torchvision_reads_the_same_real_patches(shared: Path, tmp_path: Path) -> None:
    """Pixels and labels, in any order; of a written copy see `test_pcam_fetch`."""
    from torchvision.datasets import PCAM

    sizes = ["--train", "40", "--valid", "10", "--test", "10"]
    command = [sys.executable, str(shared / "make_pcam_h5.py"), str(tmp_path), *sizes]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    rows = np.random.default_rng(2).permutation(40)
    images = pcam_files.open_split(tmp_path, "train", classes=("a", "b")).take(rows, digest="some")
    theirs = [PCAM(str(tmp_path), "train")[row] for row in rows.tolist()]
    np.testing.assert_array_equal(images.read(0, 40), np.stack([np.asarray(image) for image, _ in theirs]))
    assert images.labels.tolist() == [label for _, label in theirs]
    assert set(images.labels.tolist()) == {0, 1}


def digest_of(root: Path, split: splits.Split) -> str:
    """Return the digest of a split."""
    return pcam_files.open_split(root, split, classes=("a", "b")).digest
