"""The index of a dataset, of real and of made-up ones."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toybench.data import Toy

from benchmark.artifacts import dataset_index
from benchmark.contracts.dataset import Identity
from benchmark.contracts.images import ArraySource, Images


class Small:
    """A made-up dataset: unlike splits, one of them without slides; notes how it is read."""

    version, summary, made, advice = 1, "", True, ""
    classes = ("normal", "tumor")
    sizes = {"train": 1100, "valid": 3, "test": 0}

    def __init__(self) -> None:
        self.blocks: list[int] = []

    def pixels(self, split: str) -> np.ndarray:
        return np.random.default_rng(len(split)).integers(0, 256, (self.sizes[split], 2, 2, 3), np.uint8)

    def open(self, root: Path, split: str) -> Images:
        count, blocks = self.sizes[split], self.blocks

        class Source(ArraySource):
            def read(self, rows):
                blocks.append(len(rows))
                return super().read(rows)

        return Images(
            source=Source(self.pixels(split)),
            rows=np.arange(count),
            labels=np.arange(count) % 2 if split == "train" else np.ones(count, np.int64),
            classes=self.classes,
            slides=None if split == "valid" else np.array([f"{split}-{row % 3}" for row in range(count)], np.str_),
            digest=split,
        )

    def identify(self, root: Path) -> Identity:
        return Identity(name=f"small, in {root.name}", digest="ab" * 32, official=False)

    def codec(self, root: Path, identity: Identity) -> str:
        return f"codec in {root.name} of {identity.name}"


@pytest.fixture
def indexed(tmp_path):
    """A made-up dataset, and the folder of its index."""
    dataset, calls = Small(), []
    dataset_index.write(tmp_path, dataset, tmp_path / "data", lambda *said: calls.append(said))
    dataset.calls = calls
    return dataset, tmp_path


@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_every_image_is_indexed_in_the_order_of_the_files(indexed, split):
    """Label, slide and the digest of its pixels, computed here by hand; more than one block of them, and none."""
    dataset, folder = indexed
    found, images = dataset_index.read(folder, split), dataset.open(folder, split)
    assert found.labels.tolist() == images.labels.tolist()
    assert (found.slides is None) == (split == "valid")
    if images.slides is not None:
        assert found.slides.tolist() == images.slides.tolist()
    assert found.pixels.tolist() == [
        hashlib.sha256(b"2x2x3" + one.tobytes()).hexdigest() for one in dataset.pixels(split)
    ]


def test_images_are_read_once_and_in_blocks(indexed):
    """A dataset larger than memory can be indexed."""
    dataset, _ = indexed
    assert dataset.blocks == [512, 512, 76, 3]


def test_the_progress_counts_over_all_splits(indexed):
    """It ends at the number of images."""
    dataset, _ = indexed
    assert dataset.calls == [(done, 1103, "images indexed") for done in (512, 1024, 1100, 1103)]


def test_the_identity_reads_back_with_the_codec(indexed):
    """Of the folder that was asked about; the codec is that of this very copy."""
    _, folder = indexed
    identity = Identity(name="small, in data", digest="ab" * 32, official=False)
    assert dataset_index.read_identity(folder) == (identity, "codec in data of small, in data")
    assert json.loads((folder / "identity.json").read_text())["official"] is False


def test_a_toy_that_makes_its_own_files(tmp_path):
    """As the first step of a run does it: made and indexed in one folder."""
    toy = Toy(count=12)
    toy.make(tmp_path, lambda *_: None)
    dataset_index.write(tmp_path, toy, tmp_path, lambda *_: None)
    found = dataset_index.read(tmp_path, "valid")
    assert found.labels.tolist() == [0, 1] * 6
    assert found.slides.tolist() == [f"valid-{row // 2 % 4}" for row in range(12)]
    pixels = np.load(tmp_path / "valid.npy")
    assert found.pixels[5] == hashlib.sha256(b"16x16x3" + pixels[5].tobytes()).hexdigest()


def test_an_index_that_is_not_there_is_an_error(tmp_path):
    """No index is not an empty one."""
    with pytest.raises(FileNotFoundError):
        dataset_index.read(tmp_path, "train")
    with pytest.raises(FileNotFoundError):
        dataset_index.read_identity(tmp_path)


def test_all_splits_are_named():
    """In the order in which they are indexed."""
    assert dataset_index.SPLITS == ("train", "valid", "test")


def test_the_digest_of_rows_is_of_pixels_labels_and_order():
    """By hand, and told apart."""
    pixels, labels = np.array(["aa", "bb"]), np.array([0, 1])
    expected = hashlib.sha256(b"aa/0\nbb/1\n").hexdigest()
    digest = dataset_index.digest_of_rows
    assert digest(pixels, labels) == expected
    unlike = [digest(pixels[::-1], labels[::-1]), digest(pixels, labels[::-1]), digest(pixels[:1], labels[:1])]
    assert len({expected, *unlike}) == 4
    assert digest(pixels[:0], labels[:0]) == hashlib.sha256(b"").hexdigest()


def test_rows_and_labels_of_unlike_number_are_a_mistake():
    """Nothing is dropped silently."""
    with pytest.raises(ValueError, match="zip"):
        dataset_index.digest_of_rows(np.array(["aa", "bb"]), np.array([0]))


def test_a_changed_label_or_pixel_shows_in_the_digest(indexed):
    """Of the images that were chosen."""
    _, folder = indexed
    index = dataset_index.read(folder, "train")
    labels = index.labels.copy()
    labels[700] = 1 - labels[700]
    changed = replace(index, labels=labels)
    digest = dataset_index.digest_of_rows
    assert digest(index.pixels[:700], index.labels[:700]) == digest(changed.pixels[:700], changed.labels[:700])
    assert digest(index.pixels[:701], index.labels[:701]) != digest(changed.pixels[:701], changed.labels[:701])
