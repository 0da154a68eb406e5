"""Real images as someone has them: one place that is dealt out, or one for training and one for all else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark.datasets.given import Given, place_of
from benchmark.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root that links to a folder of 16 and 8 images of two classes."""
    pictures.write_classes(tmp_path / "mine", {"a": 16, "b": 8})
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "real").symlink_to(tmp_path / "mine")
    return tmp_path / "root"


@pytest.fixture
def trained(root: Path, tmp_path: Path) -> Callable[..., Path]:
    """The root with training images too, of the counts given."""

    def link(counts: dict[str, int], side: int = 16) -> Path:
        pictures.write_classes(tmp_path / "old", counts, side)
        (root / "train").symlink_to(tmp_path / "old")
        return root

    return link


def sizes(dataset: Given, root: Path) -> dict[str, int]:
    return {split: len(dataset.open(root, split)) for split in ("train", "valid", "test")}


def test_one_place_is_dealt_out_in_the_proportion_of_its_classes(root: Path) -> None:
    """A quarter trains, a half is reference and floor, a quarter tests; no image is in two of them."""
    dataset = Given()
    assert sizes(dataset, root) == {"train": 6, "valid": 12, "test": 6}
    rows = np.concatenate([dataset.open(root, split).rows for split in ("train", "valid", "test")])
    assert sorted(rows.tolist()) == list(range(24))
    assert np.bincount(dataset.open(root, "valid").labels).tolist() == [8, 4]
    assert (dataset.layout(root).classes, dataset.layout(root).side) == (("a", "b"), 16)
    assert sizes(Given(sizes={"train": 4, "valid": 8, "test": 2}), root) == {"train": 4, "valid": 8, "test": 2}


def test_training_images_at_a_place_of_their_own_are_all_for_training(trained: Callable[..., Path]) -> None:
    """The rest is dealt out to the other two splits; its name says both."""
    root = trained({"a": 3, "b": 2})
    dataset = Given()
    assert sizes(dataset, root) == {"train": 5, "valid": 19, "test": 5}
    assert {path.relative_to(root).parts[0] for path in dataset.files(root)} == {"real", "train"}
    identity = dataset.identify(root)
    assert identity.name == f"mine, trained on old, digest {identity.digest[:12]}"
    assert (identity.official, dataset.codec(root, identity)) == (False, "none")


def test_splits_that_come_with_the_images_stay(root: Path, tmp_path: Path) -> None:
    """All three where it is one place; a fourth of them lacking is told."""
    (root / "real").unlink()
    pictures.write_classes(tmp_path / "split", {"train/a": 3, "valid/a": 2, "test/a": 1})
    (root / "real").symlink_to(tmp_path / "split")
    assert sizes(Given(), root) == {"train": 3, "valid": 2, "test": 1}
    assert "dealt out" not in Given().identify(root).caution
    (tmp_path / "split" / "valid").rename(tmp_path / "gone")
    with pytest.raises(
        UserError, match=r"split comes in the splits test, train\. Expected train, valid, test, or none"
    ):
        Given().open(root, "test")


def test_a_train_split_beside_training_images_is_refused(root: Path, tmp_path: Path) -> None:
    """Which of them the generator learnt from is not for us to guess."""
    (root / "real").unlink()
    pictures.write_classes(tmp_path / "split", {"train/a": 3, "valid/a": 2, "test/a": 1})
    pictures.write_classes(tmp_path / "old", {"a": 2})
    (root / "real").symlink_to(tmp_path / "split")
    (root / "train").symlink_to(tmp_path / "old")
    with pytest.raises(UserError, match="Expected valid, test beside training images at a place of their own"):
        Given().layout(root)


def test_classes_and_sizes_of_both_places_belong_together(trained: Callable[..., Path], tmp_path: Path) -> None:
    """A class too many, one too few, another size."""
    root = trained({"a": 2, "c": 1})
    with pytest.raises(UserError, match="old holds the class 'c', which the real images lack. Expected the same"):
        Given().layout(root)
    (tmp_path / "old" / "c").rename(tmp_path / "c")
    with pytest.raises(UserError, match="old holds no image of 'b'"):
        Given().layout(root)
    pictures.write_classes(tmp_path / "old", {"b": 1})
    Given().layout(root)
    for path in (tmp_path / "old").rglob("*.png"):
        Image.new("RGB", (8, 8)).save(path)
    with pytest.raises(UserError, match="The training images are 8 x 8 px, the other real ones 16 x 16 px"):
        Given().layout(root)


def test_images_may_be_left_out_and_labels_unused(root: Path) -> None:
    """By name, with a reason that is kept; what was told stands in the caution."""
    dataset = Given(skip={"real": {"a/0000.png": "bad"}}, told=["One was left out."])
    assert sum(sizes(dataset, root).values()) == 23
    assert dataset.identify(root).caution.endswith("One was left out.")
    assert not any(path.name == "0000.png" and path.parent.name == "a" for path in dataset.files(root))
    assert Given(labelled=False).layout(root).classes == ("unlabelled",)


def test_a_place_may_be_a_file_or_two(tmp_path: Path) -> None:
    """An HDF5 file with labels beside it, arrays with a table."""
    pixels = np.stack([pictures.noise(seed) for seed in range(16)])
    for part, content in (("x", pixels), ("y", np.arange(16).reshape(16, 1, 1, 1) % 2)):
        with h5py.File(tmp_path / f"real_{part}.h5", "w") as file:
            file[part] = content.astype(np.uint8)
    assert place_of(tmp_path, "real") == tmp_path / "real_x.h5"
    assert Given().layout(tmp_path).classes == ("0", "1")
    assert {path.name for path in Given().files(tmp_path)} == {"real_x.h5", "real_y.h5"}
    other = tmp_path / "other"
    other.mkdir()
    np.save(other / "real.npy", pixels)
    with pytest.raises(UserError, match="nothing tells the classes"):
        Given().layout(other)
    (other / "real.labels.csv").write_text("label\n" + "x\ny\n" * 8)
    assert Given().layout(other).classes == ("x", "y")


def test_nothing_is_made_and_a_root_names_a_place(tmp_path: Path) -> None:
    """Its images are the user's."""
    with pytest.raises(UserError, match="names no place of real images"):
        Given().files(tmp_path)
    with pytest.raises(UserError, match="cannot be made"):
        Given().make(tmp_path, lambda *_: None)
    wrong: Any = {"train": 2.5}
    with pytest.raises(UserError, match="key 'sizes'"):
        Given(sizes=wrong)


def test_images_that_are_not_square_are_refused(root: Path, tmp_path: Path) -> None:
    """They would be stretched."""
    for path in (tmp_path / "mine").rglob("*.png"):
        Image.new("RGB", (16, 8)).save(path)
    with pytest.raises(UserError, match="mine: the images are 16 x 8 px. Expected square ones"):
        Given().layout(root)
