"""Images as users have them: a folder or a zip of files, an array file, or an HDF5 file. Unlabelled, read in blocks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.images import ArraySource, Images, PixelSource
from benchmark.datasets import array_files, file_sets, image_reader, pcam_checks
from benchmark.datasets.file_sets import FileSet
from benchmark.datasets.hdf5_pixels import Hdf5Pixels
from benchmark.datasets.image_reader import SUFFIXES, Unusable
from benchmark.errors import UserError

DATA_SET = "x"
"""Name of the images in an HDF5 file, as in PCam's layout."""
EXPECTED = (
    "Expected a folder of PNG, JPEG or TIFF files or a .zip of one, a .npy or .npz file, or a .h5 file with a data set "
    "'x'."
)

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
        place: A folder, taken recursively, in the order of its files' paths, or a zip archive of one; a ``.npy`` or
            ``.npz`` file of shape (N, H, W, 3), uint8; or an HDF5 file with such a data set `DATA_SET`. Hidden files
            are left out.

    Raises:
        UserError: If there is nothing there, an image is no 8-bit RGB, cannot be opened, or has another size.
    """
    suffix = place.suffix.lower()
    if place.is_dir() or (place.is_file() and suffix == ".zip"):
        return _of_files(file_sets.opened(place))
    if not place.exists():
        raise UserError(f"{place} is not there. {EXPECTED}")
    openers = {".npy": _of_npy, ".npz": _of_npz, ".h5": _of_hdf5, ".hdf5": _of_hdf5}
    if suffix not in openers:
        raise UserError(f"{place} is a {place.suffix or 'suffixless'} file. {EXPECTED}")
    source, count = openers[suffix](place)
    return Opened(unlabelled(source, count, digests.of_file(place)), None)


def unlabelled(source: PixelSource, count: int, digest: str) -> Images:
    """Return images of one class without a name."""
    return Images(source, np.arange(count), np.zeros(count, np.int64), ("",), None, digest=digest)


@dataclass(frozen=True)
class FilePixels:
    """Images in a file each; a `PixelSource` that holds no file open and no image in memory."""

    files: FileSet
    names: tuple[str, ...]
    """Of each row, in `files`."""
    side: tuple[int, int] | None = None
    """Height and width of every one, in pixels; those of the first where left out."""

    @cached_property
    def size(self) -> tuple[int, int]:
        """Return height and width of every image, in pixels.

        Raises:
            UserError: If that is for the first to tell, and it cannot be used.
        """
        if self.side is not None:
            return self.side
        try:
            with file_sets.reading(self.files, self.names[0]) as stream:
                found = image_reader.header(stream)
            return found.height, found.width
        except Unusable:
            return common_side(self.files, self.names)

    def read(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the images at `rows`, uint8, shape (len(rows), H, W, 3).

        Raises:
            UserError: If a file is damaged or cut short, or has another size than it should.
        """
        found = np.empty((len(rows), *self.size, 3), np.uint8)
        for position, row in enumerate(rows):
            try:
                _, pixels = self.look(int(row))
            except Unusable as fault:
                place = (self.files.place / self.names[row]).resolve()  # Of a link, whose name says nothing.
                raise UserError(
                    f"{place} cannot be read: {fault}. Mend it or take it out; `bench data check {self.files.place}` "
                    "names all such files."
                ) from None
            if pixels.shape[:2] != self.size:
                raise UserError(self._odd(int(row), pixels.shape))
            found[position] = pixels
        return found

    def look(self, row: int) -> tuple[image_reader.Header, NDArray[np.uint8]]:
        """Return an image of whatever size, uint8, shape (H, W, 3), and what its file announces.

        Raises:
            Unusable: If it is none.
        """
        with file_sets.reading(self.files, self.names[row]) as stream:
            return image_reader.pixels(stream)

    def _odd(self, row: int, shape: tuple[int, ...]) -> str:
        """Return what is to be said of an image of another size: of all sizes, where files have several."""
        common_side(self.files, self.names)
        return f"{self.files.place / self.names[row]} changed while it was in use: its shape is {shape} now."


def common_side(files: FileSet, names: Sequence[str]) -> tuple[int, int]:
    """Return height and width of image files, by the headers of all.

    Raises:
        UserError: If one cannot be used, or they have several sizes.
    """
    sizes: dict[tuple[int, int], list[str]] = defaultdict(list)
    faults: dict[str, str] = {}
    for name in names:
        try:
            with file_sets.reading(files, name) as stream:
                found = image_reader.header(stream)
            sizes[found.height, found.width].append(name)
        except Unusable as fault:
            faults[name] = str(fault)
    if faults:
        raise UserError(
            f"{files.place}: {len(faults)} of {len(names)} image files cannot be used: {_named(faults)}. Mend them or "
            "take them out."
        )
    if len(sizes) > 1:
        raise UserError(f"{files.place} mixes sizes: {_named(in_words(sizes))}. "
                        "Expected one size in a set: give each a folder.")  # fmt: skip
    return next(iter(sizes))


def in_words(sizes: Mapping[tuple[int, int], Sequence[str]]) -> dict[str, str]:
    """Return what is to be said of files of each size: how many there are, and the first of them."""
    ordered = sorted(sizes.items(), key=lambda size: -len(size[1]))
    return {f"{width} x {height} px": f"{len(names)} files, {names[0]}" for (height, width), names in ordered}


def _of_files(files: FileSet) -> Opened:
    names = file_sets.images_of(files)
    if not names:
        inside = f"{len(files.names)} other files" if files.names else "nothing"
        raise UserError(f"{files.place} holds {inside} and no image. {EXPECTED}")
    side = common_side(files, names)
    if isinstance(files, file_sets.Archive):
        digest = digests.of_file(files.place)
    else:
        digest = digests.of_files({name: digests.of_file(files.place / name) for name in names})
    notes = (pooled(names), left_out(files))
    source = FilePixels(files, names, side)
    return Opened(unlabelled(source, len(names), digest), "; ".join(filter(None, notes)) or None)


def left_out(files: FileSet) -> str | None:
    """Return which files are neither images, by their names, nor tables of labels; None where all are."""
    names = [name for name in files.names if PurePosixPath(name).name not in file_sets.TABLES]
    suffixes = [PurePosixPath(name).suffix.lower() for name in names]
    others = Counter(suffix or "no suffix" for suffix in suffixes if suffix not in SUFFIXES)
    if not others:
        return None
    return f"left out, as no images: {', '.join(f'{count} x {suffix}' for suffix, count in sorted(others.items()))}"


def _named(found: Mapping[str, str]) -> str:
    """Return the first of some findings in words, and how many more there are."""
    told = [f"{name} ({why})" for name, why in list(found.items())[:_MOST_NAMED]]
    more = len(found) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def pooled(names: Sequence[str]) -> str | None:
    """Return from how many folders files are taken as one set, or None where all lie in one."""
    folders = {name.rpartition("/")[0] for name in names}
    return f"pooled from {len(folders)} folders" if len(folders) > 1 else None


def _of_npy(place: Path) -> tuple[PixelSource, int]:
    array = array_files.images(array_files.mapped(place), str(place))
    return ArraySource(array), len(array)


def _of_npz(place: Path) -> tuple[PixelSource, int]:
    with array_files.Archive(place) as arrays:
        array = array_files.images(arrays.only_or("images"), str(place))
    return ArraySource(array), len(array)


def _of_hdf5(place: Path) -> tuple[PixelSource, int]:
    with pcam_checks.opened(place, DATA_SET) as data:
        array_files.check_images(data.shape or (), data.dtype, f"{place} (data set '{DATA_SET}')")
        return Hdf5Pixels(place, DATA_SET), len(data)
