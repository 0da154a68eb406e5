"""Arrays of images and labels as a dataset."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toybench import pictures

from benchmark import digests
from benchmark.artifacts import dataset_index
from benchmark.contracts.progress import silent
from benchmark.datasets.arrays import Arrays
from benchmark.datasets.splits import SPLITS
from benchmark.errors import UserError

PIXELS = np.stack([pictures.noise(seed) for seed in range(12)])
LABELS = np.arange(12) % 3


def saved(root: Path, **more: Any) -> Path:
    """Write a file of images, labels and what else is given, and return its folder."""
    np.savez(root / "x.npz", **({"images": PIXELS, "labels": LABELS} | more))
    return root


def test_an_archive_of_images_and_labels(tmp_path: Path) -> None:
    """Classes are the labels, if they have no names; splits are dealt out."""
    dataset = Arrays(path="x.npz", sizes={"train": 6, "valid": 3, "test": 3})
    images = dataset.everything(saved(tmp_path))
    np.testing.assert_array_equal(images.read(0, 12), PIXELS)
    assert (images.labels.tolist(), images.classes) == (LABELS.tolist(), ("0", "1", "2"))
    assert isinstance(images.source.pixels, np.memmap)
    assert [np.bincount(dataset.open(tmp_path, split).labels).tolist() for split in SPLITS] == [
        [2] * 3,
        [1] * 3,
        [1] * 3,
    ]
    layout = dataset.layout(tmp_path)
    assert (layout.classes, layout.side) == (("0", "1", "2"), 16)
    assert dataset.identify(tmp_path).digest == digests.of_files({"x.npz": digests.of_file(tmp_path / "x.npz")})
    assert dataset.codec(tmp_path, dataset.identify(tmp_path)) == "none"


def test_names_slides_and_splits(tmp_path: Path) -> None:
    """A label counts in the order of the names; columns of a table are taken too."""
    slides, split = (
        np.array([f"s{row // 2}" for row in range(12)]),
        np.array(["train"] * 8 + ["val"] * 2 + ["test"] * 2),
    )
    saved(tmp_path, labels=LABELS[:, None].astype(np.uint8), classes=["z", "y", "x"], slides=slides, split=split)
    dataset = Arrays(path="x.npz", classes={"z": "zebra", "x": "xylem", "y": "yeast"})
    assert dataset.layout(tmp_path).classes == ("zebra", "xylem", "yeast")
    valid = dataset.open(tmp_path, "valid")
    assert (valid.rows.tolist(), valid.labels.tolist(), valid.slides.tolist()) == ([8, 9], [1, 0], ["s4", "s4"])


def test_a_file_for_each_array(tmp_path: Path) -> None:
    """All of them decide what the data are."""
    for name, array in {"i": PIXELS, "l": np.array(["b", "a"] * 6), "s": np.arange(12) // 6}.items():
        np.save(tmp_path / f"{name}.npy", array)
    dataset = Arrays(path="i.npy", labels="l.npy", slides="s.npy", sizes={"train": 0.5, "test": 0.5})
    assert dataset.files(tmp_path) == [tmp_path / f"{name}.npy" for name in "ils"]
    train = dataset.open(tmp_path, "train")
    assert len(set(train.slides.tolist())) == 1
    assert dataset.layout(tmp_path).classes == ("a", "b")
    np.testing.assert_array_equal(train.read(0, 6), PIXELS[train.rows])
    before = dataset.identify(tmp_path).digest
    np.save(tmp_path / "l.npy", np.array(["a", "b"] * 6))
    assert dataset.identify(tmp_path).digest != before
    assert (
        Arrays(path="i.npy", labels="l.npy", slides="s.npy", sizes={"train": 0.5, "test": 0.5})
        .open(tmp_path, "train")
        .digest
        != train.digest
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"labels": LABELS[:5]}, r"labels is of shape \(5,\)\. Expected one value for each of 12 images"),
        ({"labels": LABELS.astype(float)}, "labels is of type float64. Expected whole numbers or text"),
        ({"labels": LABELS + 1, "classes": ["a", "b", "c"]}, "labels are whole numbers from 0 to 2"),
        ({"split": ["train"] * 11 + ["rest"]}, "'split' says 'rest'"),
        ({"images": PIXELS.astype(np.float32)}, r"\(images\) is \(12, 16, 16, 3\) float32: expected"),
        ({"slides": np.arange(24).reshape(12, 2)}, "slides is of shape"),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    """Which, and what was expected."""
    with pytest.raises(UserError, match=said):
        Arrays(path="x.npz").files(saved(tmp_path, **more))


def test_files_that_are_not_there_or_hold_something_else(tmp_path: Path) -> None:
    """Told with what would be right."""
    with pytest.raises(UserError, match=r"x\.npz is not there\. Put a \.npz file"):
        Arrays(path="x.npz").files(tmp_path)
    np.savez(tmp_path / "x.npz", images=PIXELS, y=LABELS)
    with pytest.raises(UserError, match="holds images, y. Expected 'images' and 'labels'"):
        Arrays(path="x.npz").files(tmp_path)
    with pytest.raises(UserError, match=r"'x\.npy' needs the file of its labels too"):
        Arrays(path="x.npy")
    with pytest.raises(UserError, match=r"'labels' is for \.npy files"):
        Arrays(path="x.npz", labels="y.npy")


@pytest.mark.parametrize("form", ["npz", "npy"])
def test_thousands_of_images_are_indexed_in_the_memory_of_a_few(tmp_path: Path, form: str) -> None:
    """Together they take 83 MB."""
    pixels = np.random.default_rng(0).integers(0, 256, (3000, 96, 96, 3), np.uint8)
    labels = np.arange(3000) % 9
    if form == "npz":
        saved(tmp_path, images=pixels, labels=labels)
        dataset = Arrays(path="x.npz")
    else:
        np.save(tmp_path / "x.npy", pixels)
        np.save(tmp_path / "y.npy", labels)
        dataset = Arrays(path="x.npy", labels="y.npy")
    (tmp_path / "index").mkdir()
    tracemalloc.start()
    try:
        dataset_index.write(tmp_path / "index", dataset, tmp_path, silent)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 40e6
    assert dataset.layout(tmp_path).classes == tuple("012345678")
