"""The Kaggle variant of PCam, in its own layout."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark.contracts import progress
from benchmark.datasets import pcam_kaggle
from benchmark.datasets.pcam_kaggle import PcamKaggle
from benchmark.datasets.splits import SPLITS
from benchmark.errors import UserError

IDS = [hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest() for number in range(50)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Fifty labelled patches, three in five healthy, and unlabelled ones beside them, which do not count."""
    for folder in ("train", "test"):
        (tmp_path / "pcam-kaggle" / folder).mkdir(parents=True)
        for number, name in enumerate(IDS):
            Image.fromarray(pictures.noise(number, 96)).save(tmp_path / "pcam-kaggle" / folder / f"{name}.tif")
    write_table(tmp_path, {name: number % 5 // 3 for number, name in enumerate(IDS)})
    return tmp_path


def write_table(root: Path, labels: dict[str, object]) -> None:
    rows = "".join(f"{name},{label}\n" for name, label in labels.items())
    (root / "pcam-kaggle" / "train_labels.csv").write_text(f"id,label\n{rows}")


def test_patches_are_those_of_train_with_the_labels_of_the_table(root: Path) -> None:
    """In the words of the study; pixel by pixel."""
    dataset = PcamKaggle()
    layout = dataset.layout(root)
    assert (layout.classes, layout.side) == (("healthy", "cancer"), 96)
    images = dataset.everything(root)
    names = sorted(IDS)
    assert images.labels.tolist() == [IDS.index(name) % 5 // 3 for name in names]
    np.testing.assert_array_equal(images.read(3, 4)[0], pictures.noise(IDS.index(names[3]), 96))
    assert len(dataset.files(root)) == 51
    assert dataset.codec(root, dataset.identify(root)) == "none"


def test_splits_are_ours_by_label_and_said_to_be(root: Path) -> None:
    """Of the sizes asked for; another seed deals otherwise."""
    dataset = PcamKaggle(sizes={"train": 30, "valid": 10, "test": 10}, seed=7)
    opened = {split: dataset.open(root, split) for split in SPLITS}
    assert [np.bincount(images.labels).tolist() for images in opened.values()] == [[18, 12], [6, 4], [6, 4]]
    assert all(images.slides is None for images in opened.values())
    again = PcamKaggle(sizes={"train": 30, "valid": 10, "test": 10}, seed=8).open(root, "train")
    assert again.rows.tolist() != opened["train"].rows.tolist()
    identity = dataset.identify(root)
    assert identity.name.startswith("PCam, Kaggle variant, 50 of 220,025 patches, digest ")
    assert "ours (at random, by label, seed 7)" in identity.caution
    assert "patches of one slide may lie in several splits" in identity.caution


def test_the_whole_release_is_named_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its count: its checksums are not known."""
    monkeypatch.setattr(pcam_kaggle, "COUNT", 50)
    identity = PcamKaggle().identify(root)
    assert identity.name == f"PCam, Kaggle variant, digest {identity.digest[:12]}"
    assert not identity.official


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda place: (place / "train" / f"{IDS[0]}.tif").unlink(), rf"1 patches of the table are not there \(such as train/{IDS[0]}"),
        (lambda place: (place / "train" / "x.tif").touch(), r"1 files are not in the table \(such as train/x\.tif\)"),
        (lambda place: (place / "train_labels.csv").unlink(), r"holds no train_labels\.csv\. Fetch the data of the Kaggle"),
        (lambda place: (place / "train").rename(place / "patches"), r"holds no train/\*\.tif"),
        (lambda place: (place / "train_labels.csv").write_text("name,y\n"), r"has the columns \['name', 'y'\]\. Expected id,label"),
        (lambda place: (place / "train_labels.csv").write_text("id,label\nx,2\n"), r"the label of x is '2'"),
        (lambda place: (place / "train_labels.csv").write_bytes(b"\xff\xfe"), "cannot be read"),
        (lambda place: place.rename(place.with_name("other")), r"pcam-kaggle is not there\. Fetch"),
    ],
)  # fmt: skip
def test_what_is_not_the_release_is_told(root: Path, change, said: str) -> None:
    """Where, and what to do."""
    change(root / "pcam-kaggle")
    with pytest.raises(UserError, match=said):
        PcamKaggle().files(root)


def test_cannot_be_made(tmp_path: Path) -> None:
    """The files are the user's."""
    with pytest.raises(UserError, match="Dataset 'pcam-kaggle' cannot be made"):
        PcamKaggle().make(tmp_path, progress.silent)
