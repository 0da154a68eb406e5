"""The stage that makes or indexes a dataset."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
from toybench.data import Toy

from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.progress import silent
from benchmark.execution.stages import data


class Fetched(Toy):
    """The same squares, as files that a user has fetched."""

    made = False

    def make(self, folder, progress):
        raise AssertionError("nothing is to be made")

    def open(self, root, split):
        images = super().open(root, split)
        return Images(
            ArraySource(images.source.pixels), images.rows, images.labels, images.classes, None, digest=images.digest
        )

    def codec(self, root, identity):
        return "jpeg-90"


def test_a_made_dataset_is_written_and_indexed(desk, toys, told):
    """Files, labels, slides, a digest of every image's pixels and who it is, all in the output's folder."""
    at = desk(toys.data(count=12))
    data.run(at)
    pixels = np.load(at.out / "valid.npy")
    assert pixels.shape == (12, 16, 16, 3)
    assert np.load(at.out / "valid-labels.npy").tolist() == [0, 1] * 6
    assert np.load(at.out / "valid-slides.npy").tolist() == [f"valid-{row // 2 % 4}" for row in range(12)]
    expected = [hashlib.sha256(b"16x16x3" + image.tobytes()).hexdigest() for image in pixels]
    assert np.load(at.out / "valid-pixels.npy").tolist() == expected
    assert json.loads((at.out / "identity.json").read_text()) == {
        "name": "toy", "digest": f"{12:064d}", "official": True, "caution": "", "codec": "none",
    }  # fmt: skip
    assert told.of("advance") == [
        (1, 3, "splits"), (2, 3, "splits"), (3, 3, "splits"),
        (12, 36, "images indexed"), (24, 36, "images indexed"), (36, 36, "images indexed"),
    ]  # fmt: skip


def test_a_fetched_dataset_is_indexed_where_it_lies(desk, toys, tmp_path: Path):
    """Its files are neither made nor copied, nor is anything written beside them."""
    root = tmp_path / "root"
    root.mkdir()
    Toy(count=10).make(root, silent)
    before = sorted(path.name for path in root.iterdir())
    at = desk(toys.data(f"{__name__}:Fetched", root=root))
    data.run(at)
    assert sorted(path.name for path in root.iterdir()) == before
    assert {path.suffix for path in at.out.glob("*.npy")} == {".npy"}
    assert not any((at.out / name).exists() for name in before)
    assert np.load(at.out / "test-labels.npy").tolist() == [0, 1] * 5
    assert not list(at.out.glob("*-slides.npy"))
    assert json.loads((at.out / "identity.json").read_text())["codec"] == "jpeg-90"
