"""NumPy's files, mapped where that can be."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from toybench import pictures

from benchmark.datasets import array_files
from benchmark.errors import UserError

PIXELS = np.stack([pictures.noise(seed) for seed in range(6)])


@pytest.mark.parametrize("array", [PIXELS, np.asfortranarray(PIXELS), np.arange(5), np.array(["a", "bcd"])])
def test_an_archive_that_is_not_compressed_is_mapped(tmp_path: Path, array: np.ndarray) -> None:
    """Wherever in the file its arrays lie, in whatever order their numbers do."""
    np.savez(tmp_path / "x.npz", first=np.arange(3), array=array)
    with array_files.Archive(tmp_path / "x.npz") as archive:
        assert archive.names == ("array", "first")
        found = archive.array("array")
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, array)


def test_a_compressed_array_is_unpacked_as_long_as_it_is_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot be mapped."""
    np.savez_compressed(tmp_path / "x.npz", images=PIXELS)
    with array_files.Archive(tmp_path / "x.npz") as archive:
        np.testing.assert_array_equal(archive.only_or("other"), PIXELS)
        monkeypatch.setattr(array_files, "MOST_BYTES", PIXELS.nbytes)
        with pytest.raises(UserError, match=r"'images' would take 0\.0 GB of memory\. Save it by np\.savez"):
            archive.array("images")


def test_an_empty_array_is_read(tmp_path: Path) -> None:
    """There is nothing to map."""
    np.savez(tmp_path / "x.npz", images=PIXELS[:0])
    with array_files.Archive(tmp_path / "x.npz") as archive:
        assert archive.array("images").shape == (0, 16, 16, 3)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    """In either kind of file, compressed or not."""
    objects = np.array([{}, {}], object)
    np.save(tmp_path / "x.npy", objects)
    with pytest.raises(UserError, match="could run code"):
        array_files.mapped(tmp_path / "x.npy")
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "x.npz", images=objects)
        with array_files.Archive(tmp_path / "x.npz") as archive, pytest.raises(UserError, match="could run code"):
            archive.array("images")


def test_objects_are_not_mapped_either(tmp_path: Path) -> None:
    """Whatever bytes are said to be some, as many as addresses of them would take."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|O", "fortran_order": False, "shape": (2,)})
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("images.npy", header.getvalue() + bytes(16))
    with array_files.Archive(tmp_path / "x.npz") as opened, pytest.raises(UserError, match="could run code"):
        opened.array("images")


def test_damage_is_one_message(tmp_path: Path) -> None:
    """Files that are not there, and others under their names."""
    for opened in (array_files.mapped, array_files.Archive):
        with pytest.raises(UserError, match="is not there"):
            opened(tmp_path / "x.npz")
    (tmp_path / "x.npz").write_text("x")
    (tmp_path / "x.npy").write_text("x")
    with pytest.raises(UserError, match=r"is damaged or is no \.npz file"):
        array_files.Archive(tmp_path / "x.npz")
    with pytest.raises(UserError, match=r"is damaged or is no \.npy file"):
        array_files.mapped(tmp_path / "x.npy")
    np.savez_compressed(tmp_path / "x.npz", images=PIXELS)
    content = bytearray((tmp_path / "x.npz").read_bytes())
    content[2000:2010] = bytes(10)
    (tmp_path / "x.npz").write_bytes(content)
    with array_files.Archive(tmp_path / "x.npz") as archive, pytest.raises(UserError, match="is damaged"):
        archive.array("images")


def test_only_rgb_of_bytes_is_an_array_of_images() -> None:
    """With one image at least."""
    assert array_files.images(PIXELS, "x") is PIXELS
    for other in (PIXELS[0], PIXELS[..., 0], PIXELS.astype(np.float32), PIXELS[:0], PIXELS.transpose(0, 3, 1, 2)):
        with pytest.raises(UserError, match=r"x is \(.*: expected \(N, H, W, 3\) uint8"):
            array_files.images(other, "x")
