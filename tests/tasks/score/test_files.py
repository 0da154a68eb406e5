"""Files of features: what is read, and what is refused in one message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from benchmark.errors import UserError
from tasks.score import files


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)


def test_an_array_is_read_as_it_is_needed(tmp_path: Path, rows):
    """Half a gigabyte stays on the disk."""
    np.save(tmp_path / "a.npy", rows)
    found = files.read_features(tmp_path / "a.npy", role="real")
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, rows)


@pytest.mark.parametrize("names", [["anything"], ["labels", "features"]])
@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_of_several_arrays_the_named_one_is_read(tmp_path: Path, rows, suffix, names):
    """Or the only one."""
    arrays = {name: rows if name == names[-1] else np.zeros(2) for name in names}
    path = tmp_path / f"a{suffix}"
    np.savez(path, **arrays) if suffix == ".npz" else save_file(arrays, path)
    np.testing.assert_array_equal(files.read_features(path, role="real"), rows)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_several_without_a_name_to_go_by(tmp_path: Path, rows, suffix):
    """They are listed."""
    path = tmp_path / f"a{suffix}"
    arrays = {"b": rows, "a": rows}
    np.savez(path, **arrays) if suffix == ".npz" else save_file(arrays, path)
    with pytest.raises(UserError, match=r"--synthetic .* holds a, b: expected one array, or one named 'features'"):
        files.read_features(path, role="synthetic")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".PT"])
def test_pickles_are_not_opened(tmp_path: Path, suffix):
    """Not even to look what is in them."""
    with pytest.raises(UserError, match="could run code, and is not read"):
        files.read_features(tmp_path / f"a{suffix}", role="real")


def test_objects_in_an_array_are_pickles(tmp_path: Path):
    """NumPy would unpickle them."""
    np.save(tmp_path / "a.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match="holds objects, not numbers"):
        files.read_features(tmp_path / "a.npy", role="real")


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".safetensors"])
@pytest.mark.parametrize("content", [b"", b"not an array at all, by far"])
def test_what_is_damaged_says_so(tmp_path: Path, suffix, content):
    """The file and the role."""
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(UserError, match=rf"--real .*a{suffix} (is damaged or is no|holds objects)"):
        files.read_features(tmp_path / f"a{suffix}", role="real")


def test_what_is_not_there_or_of_another_kind(tmp_path: Path):
    """One message each."""
    with pytest.raises(UserError, match=r"a.npy cannot be read: No such file"):
        files.read_features(tmp_path / "a.npy", role="real")
    with pytest.raises(UserError, match=r"a.csv: expected a .npy, .npz or .safetensors file"):
        files.read_features(tmp_path / "a.csv", role="real")


def test_an_array_of_other_than_two_dimensions_is_refused(tmp_path: Path):
    """With its shape."""
    np.save(tmp_path / "a.npy", np.array(5.0))
    with pytest.raises(UserError, match=r"a.npy holds an array of shape \(\): expected \(images, columns\)"):
        files.read_features(tmp_path / "a.npy", role="real")
