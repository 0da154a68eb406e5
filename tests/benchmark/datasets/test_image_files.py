"""Images as users have them, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image, ImageFile
from toybench import pictures

from benchmark import digests
from benchmark.datasets import file_sets, image_files
from benchmark.errors import UserError


@pytest.fixture
def pixels() -> np.ndarray:
    """Five images of noise, 24 x 20 px, so that height and width cannot be swapped."""
    return np.random.default_rng(0).integers(0, 256, (5, 24, 20, 3), np.uint8)


@pytest.fixture
def folder(tmp_path: Path, pixels: np.ndarray) -> Path:
    """The same as lossless files of several kinds, one in a folder of its own; in the order of their paths."""
    place = tmp_path / "images"
    (place / "c").mkdir(parents=True)
    for name, image in zip(("a.png", "b.PNG", "c/a.tiff", "c/z.tif", "d.png"), pixels, strict=True):
        Image.fromarray(image).save(place / name, "TIFF" if "tif" in name else "PNG")
    return place


def test_a_folder_is_read_recursively_in_the_order_of_its_paths(folder: Path, pixels: np.ndarray) -> None:
    """Any rows in any order."""
    images, note = image_files.opened(folder)
    assert note == "pooled from 2 folders"
    assert (len(images), images.classes, images.slides) == (5, ("",), None)
    np.testing.assert_array_equal(images.read(0, 5), pixels)
    np.testing.assert_array_equal(images.source.read(np.array([3, 0, 3])), pixels[[3, 0, 3]])
    assert images.read(2, 2).shape == (0, 24, 20, 3)


def test_jpeg_is_read_as_pillow_does(tmp_path: Path, pixels: np.ndarray) -> None:
    """Whatever its suffix says."""
    for name in ("a.jpg", "b.jpeg", "c.png"):
        Image.fromarray(pixels[0]).save(tmp_path / name, "JPEG")
    expected = np.asarray(Image.open(tmp_path / "a.jpg"))
    np.testing.assert_array_equal(image_files.opened(tmp_path).images.read(0, 3), [expected] * 3)


def test_what_is_no_image_is_left_out_and_told(folder: Path) -> None:
    """By suffix."""
    for name in ("notes.txt", "c/labels.csv", "c/more.csv", "README"):
        (folder / name).write_text("x")
    images, note = image_files.opened(folder)
    assert len(images) == 5
    assert note == "pooled from 2 folders; left out, as no images: 2 x .csv, 1 x .txt, 1 x no suffix"


@pytest.mark.parametrize("name", ["x.npy", "x.npz", "named.npz", "x.h5"])
def test_arrays_are_read_in_any_of_their_files(tmp_path: Path, pixels: np.ndarray, name: str) -> None:
    """Row by row as they stand."""
    path = tmp_path / name
    if name == "x.npy":
        np.save(path, pixels)
    elif name == "x.npz":
        np.savez_compressed(path, pixels)
    elif name == "named.npz":
        np.savez(path, images=pixels, labels=np.arange(5))
    else:
        with h5py.File(path, "w") as file:
            file["x"] = pixels
    images, note = image_files.opened(path)
    np.testing.assert_array_equal(images.source.read(np.array([4, 1])), pixels[[4, 1]])
    assert (len(images), note, images.digest) == (5, None, digests.of_file(path))


def test_an_array_file_is_not_taken_into_memory(tmp_path: Path, pixels: np.ndarray) -> None:
    """It stays mapped; only the rows asked for are read."""
    np.save(tmp_path / "x.npy", pixels)
    source = image_files.opened(tmp_path / "x.npy").images.source
    assert isinstance(source.pixels, np.memmap)


def test_the_digest_is_of_every_file_and_its_place(folder: Path) -> None:
    """A byte more, or another name, is another set."""
    before = image_files.opened(folder).images.digest
    assert image_files.opened(folder).images.digest == before
    (folder / "a.png").rename(folder / "aa.png")
    renamed = image_files.opened(folder).images.digest
    with (folder / "aa.png").open("ab") as stream:
        stream.write(b"\0")
    assert len({before, renamed, image_files.opened(folder).images.digest}) == 3


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff"])
def test_a_file_that_is_cut_short_is_never_filled_up(tmp_path: Path, suffix: str) -> None:
    """Its name is told, when its pixels are read; others before it are fine."""
    noise = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3), np.uint8)
    for name, image in zip("ab", noise, strict=True):
        Image.fromarray(image).save(tmp_path / f"{name}.{suffix}")
    bad = tmp_path / f"b.{suffix}"
    bad.write_bytes(bad.read_bytes()[:-2000])
    images = image_files.opened(tmp_path).images
    assert images.read(0, 1).shape == (1, 64, 64, 3)
    with pytest.raises(UserError, match=rf"b\.{suffix} cannot be read: .*(truncated|broken)"):
        images.read(0, 2)


def test_a_process_that_fills_up_cut_images_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some other library may have set Pillow's switch."""
    images = image_files.opened(folder).images
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(UserError, match="LOAD_TRUNCATED_IMAGES is set"):
        images.read(0, 1)


def test_a_file_that_changes_is_noticed(folder: Path) -> None:
    """Between its header and its pixels: alone among others, or together with all of them."""
    images = image_files.opened(folder).images
    Image.new("RGB", (9, 9)).save(folder / "d.png")
    with pytest.raises(UserError, match=r"mixes sizes: 20 x 24 px \(4 files, a\.png\), 9 x 9 px \(1 files, d\.png\)"):
        images.read(0, 5)
    for name in images.source.names:
        Image.new("RGB", (9, 9)).save(folder / name, "PNG")
    with pytest.raises(UserError, match=r"a\.png changed while it was in use: its shape is \(9, 9, 3\) now"):
        images.read(0, 5)


def test_the_size_is_that_of_the_first_where_none_is_given(folder: Path, pixels: np.ndarray) -> None:
    """Another is noticed when it is read; a first one that is damaged is named with all others that are."""
    files = file_sets.opened(folder)
    source = image_files.FilePixels(files, file_sets.images_of(files))
    assert source.size == (24, 20)
    np.testing.assert_array_equal(source.read(np.arange(5)), pixels)
    for name in ("a.png", "d.png"):
        (folder / name).write_text("no image")
    with pytest.raises(UserError, match=r"2 of 5 image files cannot be used: a\.png \(is no PNG.*d\.png"):
        _ = image_files.FilePixels(files, file_sets.images_of(files)).size


def test_a_zip_archive_is_read_in_place(folder: Path, pixels: np.ndarray, tmp_path: Path) -> None:
    """As the folder it was made of."""
    path = pictures.pack(folder, tmp_path / "x.zip")
    images, note = image_files.opened(path)
    np.testing.assert_array_equal(images.read(0, 5), pixels)
    assert (note, images.digest) == ("pooled from 2 folders", digests.of_file(path))


@pytest.mark.parametrize(
    ("mode", "said"), [("L", "mode L"), ("RGBA", "mode RGBA"), ("P", "mode P"), ("I;16", "mode I;16"), ("1", "mode 1")]
)
def test_what_is_not_rgb_is_named(folder: Path, mode: str, said: str) -> None:
    """What an alpha channel or a gray level means is the user's to say."""
    Image.new(mode, (20, 24)).save(folder / "c" / "odd.png")
    with pytest.raises(
        UserError, match=rf"1 of 6 image files cannot be used: c/odd\.png \({said}, expected 8-bit RGB\)"
    ):
        image_files.opened(folder)


def test_sixteen_bits_a_channel_are_not_cut_to_eight(tmp_path: Path) -> None:
    """Pillow would, and call it RGB."""
    import struct
    import zlib

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    rows = zlib.compress(2 * (b"\0" + bytes(range(12))))
    (tmp_path / "deep.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    with pytest.raises(UserError, match=r"deep\.png \(16 bits a channel, expected 8-bit RGB\)"):
        image_files.opened(tmp_path)


def test_several_images_in_one_file_are_refused(tmp_path: Path) -> None:
    """The first alone would be a choice nobody made."""
    pages = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    pages[0].save(tmp_path / "two.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(UserError, match=r"two\.tif \(2 images in one file, expected one\)"):
        image_files.opened(tmp_path)


def test_bad_files_are_counted_and_the_first_named(folder: Path) -> None:
    """Text under an image's name, in many files."""
    for number in range(7):
        (folder / f"bad{number}.png").write_text("no image")
    with pytest.raises(UserError) as caught:
        image_files.opened(folder)
    said = str(caught.value)
    assert "7 of 12 image files cannot be used: bad0.png (" in said
    assert "bad4.png" in said
    assert "bad5.png" not in said
    assert said.endswith("and 2 more. Mend them or take them out.")


def test_mixed_sizes_are_named_by_size(folder: Path) -> None:
    """How many of each and the first of them."""
    Image.new("RGB", (24, 20)).save(folder / "turned.png")
    with pytest.raises(UserError) as caught:
        image_files.opened(folder)
    assert "mixes sizes: 20 x 24 px (5 files, a.png), 24 x 20 px (1 files, turned.png)" in str(caught.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.mkdir(), "holds nothing and no image. Expected a folder of PNG"),
        (lambda path: None, "is not there. Expected a folder"),
        (lambda path: (path.mkdir(), (path / "x.gif").write_text("")), "holds 1 other files and no image"),
    ],
)
def test_a_place_without_images_says_what_would_be_one(tmp_path: Path, make, said: str) -> None:
    """Nothing there, nothing in it, other things in it."""
    make(tmp_path / "place")
    with pytest.raises(UserError, match=said):
        image_files.opened(tmp_path / "place")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "x.npy",
            np.zeros((2, 8, 8, 3), np.float32),
            r"x\.npy is \(2, 8, 8, 3\) float32: expected \(N, H, W, 3\) uint8",
        ),
        ("x.npy", np.zeros((2, 3, 8, 8), np.uint8), r"is \(2, 3, 8, 8\) uint8"),
        ("x.npy", np.zeros((0, 8, 8, 3), np.uint8), "with an image at least"),
        ("x.npy", np.array([{}, {}], object), "would have to be unpickled"),
        ("x.npz", {"a": np.zeros(1), "b": np.zeros(1)}, "holds a, b: expected one array, or one named 'images'"),
        ("x.npz", {"a": np.array([{}], object)}, "would have to be unpickled"),
        ("x.npy", b"\x93NUMPY", r"x\.npy is damaged or is no \.npy file"),
        ("x.npz", b"PK\x03\x04", r"x\.npz is damaged or is no \.npz file"),
        ("x.pt", b"x", r"x\.pt is a \.pt file. Expected a folder"),
        ("x.h5", b"x", "is not an HDF5 file"),
    ],
)
def test_wrong_files_are_one_message(tmp_path: Path, name: str, value: object, said: str) -> None:
    """What it is, what was expected; nothing is unpickled."""
    path = tmp_path / name
    if isinstance(value, bytes):
        path.write_bytes(value)
    elif isinstance(value, dict):
        np.savez(path, **value)
    else:
        np.save(path, value)
    with pytest.raises(UserError, match=said):
        image_files.opened(path)


def test_an_hdf5_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    """Key and shape are told."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.zeros((2, 8, 8), np.uint8)
    with pytest.raises(UserError, match=r"data set 'x'\) is \(2, 8, 8\) uint8: expected"):
        image_files.opened(tmp_path / "x.h5")
