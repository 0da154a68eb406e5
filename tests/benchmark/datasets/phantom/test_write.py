"""A phantom dataset on disk."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark.datasets import pcam_files, splits
from benchmark.datasets.phantom import patch, spec, write


def test_files_hold_the_patches_in_order(written: Path, small: spec.PhantomSpec) -> None:
    """Pixels, labels and slide table agree with the patches drawn one by one, in every split."""
    for split in splits.SPLITS:
        images = pcam_files.open_split(written, split, classes=("healthy", "cancer"))
        drawn = [patch.draw(small, split, index) for index in range(small.count(split))]
        np.testing.assert_array_equal(images.read(0, len(images)), np.stack([one.image for one in drawn]))
        assert images.labels.tolist() == [one.label for one in drawn]
        assert images.slides is not None
        assert images.slides.tolist() == [f"phantom_{split}_{one.slide:03d}" for one in drawn]
        table = list(csv.DictReader(pcam_files.split_path(written, split, "meta").open()))
        assert [row["tumor_patch"] for row in table] == [str(one.tumor.any()) for one in drawn]
        assert [row["center_tumor_patch"] for row in table] == [str(one.label == 1) for one in drawn]
        assert len({(row["wsi"], row["coord_x"], row["coord_y"]) for row in table}) == len(table)


def test_slides_are_disjoint_between_splits(written: Path) -> None:
    """No slide name is in two splits."""
    names = [set(pcam_files.open_split(written, s, classes=("a", "b")).slides.tolist()) for s in splits.SPLITS]  # type: ignore[union-attr]
    assert sum(map(len, names)) == len(set.union(*names))


def test_half_of_each_split_carries_each_label(written: Path) -> None:
    """Exactly."""
    for split in splits.SPLITS:
        assert pcam_files.open_split(written, split, classes=("a", "b")).labels.mean() == 0.5


def test_bytes_do_not_depend_on_the_block(
    written: Path, small: spec.PhantomSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of 3 instead of 128."""
    monkeypatch.setattr(write, "_BLOCK", 3)
    write.write(tmp_path / "again", small)
    for path in sorted((written / "pcam").iterdir()):
        assert path.read_bytes() == (tmp_path / "again/pcam" / path.name).read_bytes()


def test_nothing_written_tells_the_morphology(written: Path) -> None:
    """Nine files, one data set each, and the official columns only."""
    files = sorted((written / "pcam").iterdir())
    assert len(files) == 9
    for path in files:
        if path.suffix == ".h5":
            with h5py.File(path) as file:
                (key,) = file
                assert key == path.stem[-1]
                assert not file.attrs
                assert not file[key].attrs
        else:
            assert path.read_text().splitlines()[0] == ",coord_y,coord_x,tumor_patch,center_tumor_patch,wsi"


def test_progress_counts_all_splits(tmp_path: Path, small: spec.PhantomSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """It rises to the number of all patches."""
    monkeypatch.setattr(write, "_BLOCK", 4)
    seen: list[tuple[int, int]] = []
    few = dataclasses.replace(small, train=6)
    write.write(tmp_path, few, lambda done, total, note="": seen.append((done, total)))
    assert seen == [(4, 22), (6, 22), (10, 22), (14, 22), (18, 22), (22, 22)]


def test_an_interruption_leaves_nothing(
    tmp_path: Path, small: spec.PhantomSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the last split."""
    plain = patch.draw

    def stopping(dataset: spec.PhantomSpec, split: splits.Split, index: int) -> patch.Patch:
        if split == "test":
            raise KeyboardInterrupt
        return plain(dataset, split, index)

    monkeypatch.setattr(patch, "draw", stopping)
    with pytest.raises(KeyboardInterrupt):
        write.write(tmp_path, small)
    assert list((tmp_path / "pcam").iterdir()) == []


@pytest.fixture
def written(tmp_path: Path, small: spec.PhantomSpec) -> Path:
    """The small dataset on disk."""
    write.write(tmp_path / "phantom", small)
    return tmp_path / "phantom"
