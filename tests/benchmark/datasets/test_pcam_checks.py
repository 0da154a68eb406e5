"""Every way a file of the layout can be wrong."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import h5py
import numpy as np
import pytest

from benchmark import errors
from benchmark.datasets import pcam_checks

SHAPE = (96, 96, 3)


def test_missing_file_says_what_to_fetch_from_where_and_where_to_put_it(tmp_path: Path) -> None:
    """The message is enough to get the data."""
    with pytest.raises(errors.UserError) as caught:
        pcam_checks.require_file(tmp_path / "pcam" / "camelyonpatch_level_2_split_train_x.h5")
    message = str(caught.value)
    for part in ("PatchCamelyon", "'PCam'", "Zenodo record 2546921", "PCam GitHub page", str(tmp_path / "pcam"), ".gz"):
        assert part in message


def test_packed_file_beside_the_missing_one_is_named(tmp_path: Path) -> None:
    """The commonest slip is to leave the .gz packed."""
    (tmp_path / "a.h5.gz").write_bytes(b"")
    with pytest.raises(errors.UserError, match="Unpack it"):
        pcam_checks.require_file(tmp_path / "a.h5")


def test_gzip_under_the_name_of_hdf5(tmp_path: Path) -> None:
    """A packed file that was only renamed."""
    path = tmp_path / "x.h5"
    path.write_bytes(gzip.compress(b"anything"))
    with pytest.raises(errors.UserError, match=r"x\.h5 is still compressed"):
        pcam_checks.patch_count(path, SHAPE)


@pytest.mark.parametrize("content", [b"", b"<html>quota exceeded</html>" * 100])
def test_not_hdf5(tmp_path: Path, content: bytes) -> None:
    """An empty file, or an error page saved in its place."""
    path = tmp_path / "x.h5"
    path.write_bytes(content)
    with pytest.raises(errors.UserError, match=rf"x\.h5 is not an HDF5 file \({len(content):,} bytes\)"):
        pcam_checks.patch_count(path, SHAPE)


@pytest.mark.parametrize("kept", [0.5, 0.999])
def test_truncated(tmp_path: Path, kept: float) -> None:
    """A download that stopped."""
    path = write(tmp_path, "x", np.zeros((4, *SHAPE), np.uint8))
    os.truncate(path, int(path.stat().st_size * kept))
    with pytest.raises(errors.UserError, match=r"x\.h5 is cut short .*Fetch or write it again"):
        pcam_checks.patch_count(path, SHAPE)


def test_unreadable(tmp_path: Path) -> None:
    """A folder in the file's place cannot be opened."""
    (tmp_path / "x.h5").mkdir()
    with pytest.raises(errors.UserError, match=r"x\.h5 cannot be read: Is a directory"):
        pcam_checks.patch_count(tmp_path / "x.h5", SHAPE)


def test_missing_key_names_the_keys_found(tmp_path: Path) -> None:
    """Pixels and labels exchanged, for instance."""
    path = write(tmp_path, "y", np.zeros((4, 1, 1, 1), np.uint8))
    with pytest.raises(errors.UserError, match=r"no data set 'x'; its keys: y\."):
        pcam_checks.patch_count(path, SHAPE)


def test_group_in_the_place_of_a_data_set(tmp_path: Path) -> None:
    """A group is no data set."""
    path = tmp_path / "g.h5"
    with h5py.File(path, "w") as file:
        file.create_group("x")
    with pytest.raises(errors.UserError, match="no data set 'x'"):
        pcam_checks.patch_count(path, SHAPE)


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.zeros((4, 3, 96, 96), np.uint8), r"\(4, 3, 96, 96\) uint8"),
        (np.zeros((4, 96, 96), np.uint8), r"\(4, 96, 96\) uint8"),
        (np.zeros((4, 96, 96, 3), np.float32), r"\(4, 96, 96, 3\) float32"),
        (np.zeros((4, 64, 64, 3), np.uint8), r"\(4, 64, 64, 3\) uint8"),
    ],
)
def test_wrong_shape_or_type_of_pixels(tmp_path: Path, array: np.ndarray, found: str) -> None:
    """The message shows what is there and what was expected."""
    path = write(tmp_path, "x", array)
    with pytest.raises(errors.UserError, match=rf"key 'x'\) is {found}; expected \(N, 96, 96, 3\) uint8"):
        pcam_checks.patch_count(path, SHAPE)


@pytest.mark.parametrize("array", [np.zeros(4, np.uint8), np.zeros((4, 1, 1, 1), np.int64), np.uint8(3)])
def test_wrong_shape_or_type_of_labels(tmp_path: Path, array: np.ndarray) -> None:
    """Labels are (N, 1, 1, 1) uint8."""
    path = write(tmp_path, "y", array)
    with pytest.raises(errors.UserError, match=r"key 'y'\) is .*; expected \(N, 1, 1, 1\) uint8"):
        pcam_checks.read_labels(path)


def test_empty_split(tmp_path: Path) -> None:
    """No patches are no split."""
    path = write(tmp_path, "x", np.zeros((0, *SHAPE), np.uint8))
    with pytest.raises(errors.UserError, match="is empty"):
        pcam_checks.patch_count(path, SHAPE)


def test_sound_files_are_read(tmp_path: Path) -> None:
    """Count and labels of a sound file."""
    assert pcam_checks.patch_count(write(tmp_path, "x", np.zeros((5, *SHAPE), np.uint8)), SHAPE) == 5
    labels = np.array([0, 1, 1, 7, 255], np.uint8).reshape(-1, 1, 1, 1)
    assert pcam_checks.read_labels(write(tmp_path, "y", labels)).tolist() == [0, 1, 1, 7, 255]


def write(folder: Path, key: str, array: np.ndarray) -> Path:
    """Write one data set to `folder`/key.h5."""
    path = folder / f"{key}.h5"
    with h5py.File(path, "w") as file:
        file[key] = array
    return path


def test_a_file_in_a_folder_that_may_not_be_read_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a cluster, where the data are somebody else's."""

    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(errors.UserError, match=r"x.h5 cannot be read: Permission denied"):
        pcam_checks.require_file(tmp_path / "x.h5")
