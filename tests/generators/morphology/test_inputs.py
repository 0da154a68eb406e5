"""Which images a command names, and what tells an extractor from others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from generators.morphology import inputs
from generators.morphology.inputs import Wanted


def wanted(**changed):
    return Wanted(**{
        "place": None, "dataset": None, "split": "train", "data_root": None, "labels": None, "limit": None, "seed": 1,
        **changed,
    })  # fmt: skip


def test_files_are_named_by_their_path(tmp_path: Path):
    """Below the folder; what else lies there is told."""
    for name in ("b/2.png", "a/1.png"):
        (tmp_path / name).parent.mkdir()
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / name)
    (tmp_path / "a" / "notes.txt").write_text("x")
    with inputs.opened(wanted(place=tmp_path), silent) as given:
        assert given.names == ("a/1.png", "b/2.png")
        assert not given.labelled
        assert dict(given.facts)["Files"] == "pooled from 2 folders; left out, as no images: 1 x .txt"


def test_a_limit_takes_names_labels_and_pixels_along(folder):
    """Drawn by the seed, in their order; and said."""
    place, labels = folder / "patches.npy", folder / "labels.txt"
    pixels, words = np.load(place), labels.read_text().split()
    with inputs.opened(wanted(place=place, labels=labels, limit=10), silent) as given:
        rows = [int(name) for name in given.names]
        assert rows == sorted(set(rows))
        assert len(rows) == 10 != rows[-1] + 1
        assert [given.images.classes[label] for label in given.images.labels] == [words[row] for row in rows]
        np.testing.assert_array_equal(given.images.read(0, 10), pixels[rows])
        assert dict(given.facts)["Limit"] == "10 of 48 images, drawn with seed 1"
    with inputs.opened(wanted(place=place, limit=10, seed=2), silent) as other:
        assert other.names != given.names
        assert other.images.digest != given.images.digest


@pytest.mark.parametrize("name", ["folder", "arrays"])
def test_kinds_of_places_are_no_datasets(name, tmp_path):
    """They have no images without a path, which PLACE gives."""
    told = f"Dataset '{name}' is a kind of place: give the path itself as PLACE"
    with pytest.raises(UserError, match=told), inputs.opened(wanted(dataset=name, data_root=tmp_path), silent):
        pass


def test_a_made_dataset_is_gone_afterwards(monkeypatch, tmp_path):
    """Its files are below the temporary folder while they are needed, and no longer."""
    from benchmark.datasets.phantom.dataset import Phantom

    whole = Phantom.__init__
    small = {"train": 6, "valid": 6, "test": 6, "slides_train": 2, "slides_valid": 2, "slides_test": 2}
    monkeypatch.setattr(Phantom, "__init__", lambda self: whole(self, **small))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with inputs.opened(wanted(dataset="phantom", split="valid"), silent) as given:
        assert given.images.read(0, 6).shape == (6, 96, 96, 3)
        assert list(tmp_path.rglob("*.h5"))
        assert "show no tissue" in dict(given.facts)["Caution"]
    assert not list(tmp_path.iterdir())


def test_identity_tells_extractors_apart(tmp_path: Path):
    """By the code of one's own too: what it computes may have changed under one name."""
    source = "import numpy as np\nclass Mine:\n    version = 1\n    summary = 'x'\n    width = 1\n"
    source += "    def to(self, device): pass\n    def embed(self, images): return images[:, :1, 0, 0].astype('f4')\n"
    (tmp_path / "mine.py").write_text(source)
    (tmp_path / "mine.yaml").write_text("extractors:\n  mine:\n    extractor: mine.py:Mine\n")
    options = {"registries": [tmp_path / "mine.yaml"], "offline": True, "device": "cpu"}
    one = inputs.extractor("mine", **options)
    assert one.extractor.embed(np.full((2, 8, 8, 3), 7, np.uint8)).tolist() == [[7.0], [7.0]]
    assert one.identity == inputs.extractor("mine", **options).identity
    (tmp_path / "mine.py").write_text(source + "# changed\n")
    assert inputs.extractor("mine", **options).identity["source"] != one.identity["source"]
    with pytest.raises(UserError, match="Did you mean 'mine'"):
        inputs.extractor("mime", **options)
