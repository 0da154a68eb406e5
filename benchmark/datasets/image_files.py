"""Images as users have them: a folder of files, an array file, or an HDF5 file. Unlabelled, and read in blocks."""

from __future__ import annotations

import zipfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from benchmark import digests
from benchmark.contracts.images import ArraySource, Images, PixelSource
from benchmark.datasets import pcam_checks
from benchmark.datasets.hdf5_pixels import Hdf5Pixels
from benchmark.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
"""Image files of a folder; others are left out, and counted."""
KEY = "images"
"""Name of the images among several arrays of an .npz file."""
DATA_SET = "x"
"""Name of the images in an HDF5 file, as in PCam's layout."""
EXPECTED = "Expected a folder of PNG, JPEG or TIFF files, a .npy or .npz file, or a .h5 file with a data set 'x'."

_FORMATS = ("PNG", "JPEG", "TIFF")
_MOST_NAMED = 5


class Opened(NamedTuple):
    """A set of images, and what was left out of it."""

    images: Images
    """Without labels: all of one class without a name."""
    note: str | None
    """What a reader must know, such as files that are no images."""


def opened(place: Path) -> Opened:
    """Return the images at a place; their headers are read, their pixels are not.

    Args:
        place: A folder, taken recursively, in the order of its files' paths; a ``.npy`` or ``.npz`` file of shape
            (N, H, W, 3), uint8, the latter unpacked into memory; or an HDF5 file with such a data set `DATA_SET`.

    Raises:
        UserError: If there is nothing there, an image is no 8-bit RGB, cannot be opened, or has another size.
    """
    if place.is_dir():
        return _of_folder(place)
    if not place.exists():
        raise UserError(f"{place} is not there. {EXPECTED}")
    openers = {".npy": _of_npy, ".npz": _of_npz, ".h5": _of_hdf5, ".hdf5": _of_hdf5}
    if place.suffix.lower() not in openers:
        raise UserError(f"{place} is a {place.suffix or 'suffixless'} file. {EXPECTED}")
    source, shape = openers[place.suffix.lower()](place)
    return Opened(_images(source, shape[0], digests.of_file(place)), None)


@dataclass(frozen=True)
class FilePixels:
    """Images in a file each; a `PixelSource`."""

    files: tuple[Path, ...]
    side: tuple[int, int]
    """Height and width of every one, in pixels."""

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`, uint8, shape (len(rows), H, W, 3).

        Raises:
            UserError: If a file is damaged or cut short, or is not what its header was before.
        """
        found = np.empty((len(rows), *self.side, 3), np.uint8)
        for position, row in enumerate(rows):
            found[position] = self._pixels(self.files[row])
        return found

    def _pixels(self, file: Path) -> NDArray[np.uint8]:
        if ImageFile.LOAD_TRUNCATED_IMAGES:
            raise UserError(
                "PIL.ImageFile.LOAD_TRUNCATED_IMAGES is set, which fills what is cut off with gray. Unset it."
            )
        try:
            with Image.open(file, formats=_FORMATS) as image:
                pixels = np.asarray(image)
        except Exception as error:  # Damage shows as any kind of error, by format.
            raise UserError(
                f"{file} cannot be read: {error or type(error).__name__}. Mend it or take it out."
            ) from None
        if pixels.shape != (*self.side, 3):
            raise UserError(f"{file} changed while it was in use: its shape is {pixels.shape} now.")
        return pixels


def _of_folder(place: Path) -> Opened:
    everything = sorted(path for path in place.rglob("*") if path.is_file())
    files = tuple(path for path in everything if path.suffix.lower() in SUFFIXES)
    if not files:
        inside = f"{len(everything)} other files" if everything else "nothing"
        raise UserError(f"{place} holds {inside} and no image. {EXPECTED}")
    sizes: dict[tuple[int, int], list[Path]] = defaultdict(list)
    faults: dict[str, str] = {}
    for file in files:
        try:
            sizes[_header(file)].append(file)
        except Exception as error:
            faults[str(file.relative_to(place))] = str(error) or type(error).__name__
    if faults:
        raise UserError(f"{place}: {len(faults)} of {len(files)} image files cannot be used: {_named(faults)}. "
                        "Mend them or take them out.")  # fmt: skip
    if len(sizes) > 1:
        found = {f"{w} x {h} px": f"{len(ones)} files, {ones[0].relative_to(place)}" for (h, w), ones in sizes.items()}
        raise UserError(f"{place} mixes sizes: {_named(found)}. Expected one size in a set: give each a folder.")
    (side,) = sizes
    digest = digests.of_files({path.relative_to(place).as_posix(): digests.of_file(path) for path in files})
    notes = (_pooled(files), _left_out(everything))
    return Opened(_images(FilePixels(files, side), len(files), digest), "; ".join(filter(None, notes)) or None)


def _header(file: Path) -> tuple[int, int]:
    """Return height and width of an image file, or refuse it."""
    with Image.open(file, formats=_FORMATS) as image:
        frames = int(getattr(image, "n_frames", 1))
        if image.mode != "RGB" or any(";16" in str(tile) for tile in image.tile):
            what = "16 bits a channel" if image.mode == "RGB" else f"mode {image.mode}"
            raise ValueError(f"{what}, expected 8-bit RGB")
        if frames != 1:
            raise ValueError(f"{frames} images in one file, expected one")
        return image.height, image.width


def _named(found: Mapping[str, str]) -> str:
    """Return the first of some findings in words, and how many more there are."""
    told = [f"{name} ({why})" for name, why in list(found.items())[:_MOST_NAMED]]
    more = len(found) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _pooled(files: Sequence[Path]) -> str | None:
    folders = {path.parent for path in files}
    return f"pooled from {len(folders)} folders" if len(folders) > 1 else None


def _left_out(everything: Sequence[Path]) -> str | None:
    others = Counter(path.suffix.lower() or "no suffix" for path in everything if path.suffix.lower() not in SUFFIXES)
    if not others:
        return None
    return f"left out, as no images: {', '.join(f'{count} x {suffix}' for suffix, count in sorted(others.items()))}"


def _of_npy(place: Path) -> tuple[PixelSource, tuple[int, ...]]:
    return _checked(_loaded(place, mmap_mode="r"), place)


def _of_npz(place: Path) -> tuple[PixelSource, tuple[int, ...]]:
    arrays = _loaded(place)
    names = sorted(arrays.files)
    name = names[0] if len(names) == 1 else KEY
    if name not in names:
        raise UserError(f"{place} holds {', '.join(names) or 'no array'}: expected one array, or one named '{KEY}'.")
    try:
        return _checked(arrays[name], place)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise UserError(_unreadable(place, error)) from None


def _of_hdf5(place: Path) -> tuple[PixelSource, tuple[int, ...]]:
    with pcam_checks.opened(place, DATA_SET) as data:
        _check_layout(data.shape or (), data.dtype, f"{place} (data set '{DATA_SET}')")
        return Hdf5Pixels(place, DATA_SET), data.shape


def _loaded(place: Path, **options: Any) -> Any:
    try:
        return np.load(place, allow_pickle=False, **options)
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(_unreadable(place, error)) from None


def _unreadable(place: Path, error: Exception) -> str:
    if "pickle" in str(error) or "Python objects" in str(error):
        return f"{place} holds objects, not pixels; they would have to be unpickled, which could run code."
    return f"{place} is damaged or is no {place.suffix} file ({error})."


def _checked(array: NDArray[Any], place: Path) -> tuple[PixelSource, tuple[int, ...]]:
    _check_layout(array.shape, array.dtype, str(place))
    return ArraySource(array), array.shape


def _check_layout(shape: tuple[int, ...], dtype: np.dtype[Any], where: str) -> None:
    if len(shape) != 4 or shape[3] != 3 or 0 in shape or dtype != np.uint8:
        raise UserError(f"{where} is {shape} {dtype}: expected (N, H, W, 3) uint8, RGB, with an image at least.")


def _images(source: PixelSource, count: int, digest: str) -> Images:
    return Images(source, np.arange(count), np.zeros(count, np.int64), ("",), None, digest=digest)
