"""Writing the PCam layout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark import errors
from benchmark.datasets import pcam_files, pcam_meta, pcam_writer


def test_writes_the_official_layout(tmp_path: Path, images: np.ndarray) -> None:
    """Keys, shapes, types and rows, read back with h5py alone."""
    pcam_writer.write_splits(tmp_path, {"test": source(images, 2)})
    with h5py.File(tmp_path / "pcam/camelyonpatch_level_2_split_test_x.h5") as file:
        assert list(file) == ["x"]
        assert file["x"].dtype == np.uint8
        np.testing.assert_array_equal(file["x"][:], images)
    with h5py.File(tmp_path / "pcam/camelyonpatch_level_2_split_test_y.h5") as file:
        assert file["y"].shape == (5, 1, 1, 1)
        assert file["y"].dtype == np.uint8
        assert file["y"][:, 0, 0, 0].tolist() == [0, 1, 0, 1, 0]
    table = (tmp_path / "pcam/camelyonpatch_level_2_split_test_meta.csv").read_text().splitlines()
    assert table[0] == ",coord_y,coord_x,tumor_patch,center_tumor_patch,wsi"
    assert table[5] == "4,4,0,True,False,slide_4"


def test_reader_reads_what_the_writer_wrote(tmp_path: Path, images: np.ndarray) -> None:
    """Both ends agree."""
    pcam_writer.write_splits(tmp_path, {"valid": source(images, 3)})
    found = pcam_files.open_split(tmp_path, "valid", classes=("a", "b"))
    np.testing.assert_array_equal(found.read(0, 5), images)
    assert found.labels.tolist() == [0, 1, 0, 1, 0]


def test_bytes_do_not_depend_on_blocks_or_time(tmp_path: Path, images: np.ndarray) -> None:
    """Equal patches give equal files."""
    pcam_writer.write_splits(tmp_path / "a", {"test": source(images, 1)})
    pcam_writer.write_splits(tmp_path / "b", {"test": source(images, 4)})
    for path in sorted((tmp_path / "a/pcam").iterdir()):
        assert path.read_bytes() == (tmp_path / "b/pcam" / path.name).read_bytes()


def test_failure_in_the_second_split_leaves_nothing(tmp_path: Path, images: np.ndarray) -> None:
    """Not even the split that was complete, nor a temporary file."""

    def failing() -> Iterator[pcam_writer.PatchBlock]:
        yield next(iter(source(images, 2).blocks))
        raise KeyboardInterrupt

    broken = pcam_writer.SplitSource(5, failing())
    with pytest.raises(KeyboardInterrupt):
        pcam_writer.write_splits(tmp_path, {"train": source(images, 2), "valid": broken})
    assert list((tmp_path / "pcam").iterdir()) == []


def test_temporary_files_only_while_writing(tmp_path: Path, images: np.ndarray) -> None:
    """No final name is there before the last block."""
    seen: list[str] = []

    def watching() -> Iterator[pcam_writer.PatchBlock]:
        for block in source(images, 2).blocks:
            seen.extend(path.name for path in (tmp_path / "pcam").iterdir())
            yield block

    pcam_writer.write_splits(tmp_path, {"train": pcam_writer.SplitSource(5, watching())})
    assert seen
    assert all(name.startswith(".") and name.endswith(".part") for name in seen)
    assert len(list((tmp_path / "pcam").iterdir())) == 3


@pytest.mark.parametrize("said", [4, 6])
def test_wrong_size_is_a_bug_of_the_caller(tmp_path: Path, images: np.ndarray, said: int) -> None:
    """Too few or too many patches."""
    with pytest.raises(ValueError, match=str(said)):
        pcam_writer.write_splits(tmp_path, {"test": source(images, 2)._replace(size=said)})
    assert list((tmp_path / "pcam").iterdir()) == []


def test_existing_files_are_not_replaced(tmp_path: Path, images: np.ndarray) -> None:
    """A phantom must not overwrite somebody's PCam."""
    path = pcam_files.split_path(tmp_path, "test", "x")
    path.parent.mkdir()
    path.write_bytes(b"precious")
    with pytest.raises(errors.UserError, match="exists already"):
        pcam_writer.write_splits(tmp_path, {"train": source(images, 2), "test": source(images, 2)})
    assert path.read_bytes() == b"precious"
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_folder_that_cannot_be_written(tmp_path: Path, images: np.ndarray) -> None:
    """A file where the folder should be is the user's to mend."""
    (tmp_path / "pcam").write_text("")
    with pytest.raises(errors.UserError, match="could not be written there"):
        pcam_writer.write_splits(tmp_path, {"test": source(images, 2)})


def source(images: np.ndarray, size: int) -> pcam_writer.SplitSource:
    """Return `images` in blocks of `size`, with labels 0, 1, 0, ..."""
    labels = (np.arange(len(images)) % 2).astype(np.uint8)
    meta = tuple(pcam_meta.MetaRow(n, 0, True, bool(labels[n]), f"slide_{n}") for n in range(len(images)))
    cuts = [slice(start, start + size) for start in range(0, len(images), size)]
    return pcam_writer.SplitSource(
        len(images), [pcam_writer.PatchBlock(images[cut], labels[cut], meta[cut]) for cut in cuts]
    )


@pytest.fixture
def images() -> np.ndarray:
    """Five images of noise."""
    return np.random.default_rng(0).integers(0, 256, (5, 96, 96, 3), dtype=np.uint8)
