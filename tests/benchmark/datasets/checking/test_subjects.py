"""What a name or a path is taken for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark.contracts.progress import silent
from benchmark.datasets.checking import subjects
from benchmark.datasets.checking.subjects import Subject
from benchmark.errors import UserError

PIXELS = np.stack([pictures.noise(seed) for seed in range(4)])


@contextmanager
def opened(name: object, data_root: Path | None = None) -> Iterator[Subject]:
    with subjects.opened(str(name), data_root, silent) as subject:
        yield subject


def sizes(subject: Subject) -> dict[str, int]:
    return {split: len(images) for split, images in subject.splits.items()}


def test_a_dataset_that_is_made_is_made_for_the_look_alone() -> None:
    """And is gone afterwards."""
    told: list[tuple[object, ...]] = []
    with subjects.opened("toy", None, lambda *said: told.append(said)) as subject:
        assert sizes(subject) == {"train": 80, "valid": 80, "test": 80}
        identity = subject.identify()
        assert (identity.name, subject.is_labelled) == ("toy", True)
        assert subject.codec is not None
        assert subject.codec(identity) == "none"
    assert told[-1] == (3, 3, "splits")


def test_a_dataset_under_a_data_root(pcam_root: Path) -> None:
    """Its root must be named."""
    with opened("pcam", pcam_root) as subject:
        assert sizes(subject) == {"train": 20, "valid": 8, "test": 6}
    with pytest.raises(UserError, match=r"Dataset 'pcam' needs --data-root"), opened("pcam"):
        pass


def test_the_layout_of_pcam_is_known_with_and_without_its_folder(pcam_root: Path) -> None:
    """Splits that are not there are told; a folder of another name is refused."""
    shutil.rmtree(pcam_root / "pcam" / "camelyonpatch_level_2_split_valid_x.h5", ignore_errors=True)
    (pcam_root / "pcam" / "camelyonpatch_level_2_split_valid_x.h5").unlink()
    for place in (pcam_root, pcam_root / "pcam"):
        with opened(place) as subject:
            assert sizes(subject) == {"train": 20, "test": 6}
            assert subject.notes == ("files of valid are not there",)
            assert subject.identify().name.startswith("PCam, unofficial copy, digest ")
    (pcam_root / "pcam").rename(pcam_root / "other")
    with pytest.raises(UserError, match="Rename the folder to 'pcam'"), opened(pcam_root / "other"):
        pass


def test_a_folder_comes_in_its_splits_or_in_none(tmp_path: Path) -> None:
    """What a suite would deal out is not dealt out here; other files are told."""
    pictures.write_classes(tmp_path / "x", {"a": 2, "b": 1})
    (tmp_path / "x" / "note.txt").touch()
    with opened(tmp_path / "x") as subject:
        assert sizes(subject) == {"all": 3}
        assert subject.splits["all"].classes == ("a", "b")
        assert subject.notes == ("no splits: a suite deals them out at random", "left out, as no images: 1 x .txt")
    pictures.write_classes(tmp_path / "y", {"train/a": 2, "test/a": 1})
    with opened(pictures.pack(tmp_path / "y", tmp_path / "y.zip")) as subject:
        assert sizes(subject) == {"train": 2, "test": 1}
        assert subject.identify().name.startswith("y.zip, digest")


def test_the_place_may_be_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the folder above."""
    pictures.write_classes(tmp_path / "x", {"a": 2, "b": 1})
    for stand, name in (("x", "."), ("x/a", "..")):
        monkeypatch.chdir(tmp_path / stand)
        with opened(name) as subject:
            assert sizes(subject) == {"all": 3}
            assert subject.identify().name.startswith("x, digest")


def test_images_without_labels(tmp_path: Path) -> None:
    """Bad ones among them hide no others."""
    pictures.write_classes(tmp_path, {"x": 3})
    (tmp_path / "x" / "bad.png").touch()
    with opened(tmp_path / "x") as subject:
        assert sizes(subject) == {"all": 4}
        assert not subject.is_labelled
        assert len(subject.identify().digest) == 64


def test_the_layout_of_kaggle(tmp_path: Path) -> None:
    """By its table."""
    (tmp_path / "k" / "train").mkdir(parents=True)
    for name, pixels in zip("xy", PIXELS, strict=False):
        Image.fromarray(pixels).save(tmp_path / "k" / "train" / f"{name}.tif")
    (tmp_path / "k" / "train_labels.csv").write_text("id,label\nx,1\ny,0\n")
    with opened(tmp_path / "k") as subject:
        assert subject.splits["all"].classes == ("healthy", "cancer")
        assert "Kaggle variant" in subject.identify().name


def test_array_files(tmp_path: Path) -> None:
    """With labels, or images alone."""
    np.savez(tmp_path / "x.npz", images=PIXELS, labels=[0, 1, 1, 0], split=["train"] * 3 + ["test"])
    with opened(tmp_path / "x.npz") as subject:
        assert (sizes(subject), subject.is_labelled) == ({"train": 3, "test": 1}, True)
    np.savez(tmp_path / "y.npz", PIXELS)
    np.save(tmp_path / "y.npy", PIXELS)
    with h5py.File(tmp_path / "y.h5", "w") as file:
        file["x"] = PIXELS
    for name in ("y.npz", "y.npy", "y.h5"):
        with opened(tmp_path / name) as subject:
            assert (sizes(subject), subject.is_labelled) == ({"all": 4}, False)
            assert subject.identify().name.startswith(f"{name}, digest ")


def test_a_name_that_is_both_is_the_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless that is a kind of place, which says nothing by itself."""
    for name in ("toy", "folder"):
        pictures.write_classes(tmp_path / name, {"a": 1})
    monkeypatch.chdir(tmp_path)
    with opened("toy") as subject:
        assert sizes(subject) == {"train": 80, "valid": 80, "test": 80}
    for name in ("./toy", "folder"):
        with opened(name) as subject:
            assert sizes(subject) == {"all": 1}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "phantm",
            r"'phantm' is neither a dataset nor a path\. Did you mean 'phantom'\?.*As a path: Expected a folder",
        ),
        ("folder", "Dataset 'folder' is a kind of place: give the path itself. Put the images"),
        ("x.csv", r"x\.csv is a \.csv file\. Expected a folder"),
    ],
)
def test_what_is_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str) -> None:
    """With what would be something."""
    (tmp_path / "x.csv").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=said), opened(name):
        pass
