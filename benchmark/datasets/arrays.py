"""Labelled images in NumPy's array files as a dataset a suite can name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.images import ArraySource
from benchmark.datasets import array_files, dealing, file_state, splits, stored_codec
from benchmark.datasets.gathered import Gathered, Gathering
from benchmark.datasets.labels import ClassWords, Table
from benchmark.datasets.splits import Split
from benchmark.errors import UserError, nearest

KEYS = ("images", "labels", "classes", "slides", "split")
"""Arrays of a .npz file; all but the first two need not be there."""


class Arrays(Gathered):
    """Images in one array and their labels in another: a .npz file, or a .npy file for each."""

    name: ClassVar[str] = "arrays"
    summary: ClassVar[str] = "A .npz file of images and labels, or .npy files of them; any number of classes."
    advice: ClassVar[str] = (
        "Put a .npz file with the arrays 'images' (uint8, N x H x W x 3) and 'labels' (at will also 'classes', "
        "'slides', 'split') below the data root, and name it in the suite: dataset: {name: arrays, params: {path: "
        "FILE.npz}}; or .npy files: params: {path: IMAGES.npy, labels: LABELS.npy}."
    )

    def __init__(
        self,
        *,
        path: str,
        labels: str | None = None,
        slides: str | None = None,
        split: str | None = None,
        classes: ClassWords | None = None,
        sizes: dealing.Sizes | None = None,
        seed: int = 0,
        codec: stored_codec.Codec | Literal["detect"] = "detect",
    ) -> None:
        """Say where the arrays are.

        Args:
            path: A .npz file with all of them, or a .npy file of images; below the data root.
            labels: Where path is a .npy file, that of the labels, whole numbers or text.
            slides: Where path is a .npy file, that of the slides, if there is one.
            split: Where path is a .npy file, that of the splits, if there is one.
            classes: Order of the classes, or class as it is found: the word of prompts; found ones sorted if left out.
            sizes: Where the data bring no splits, shares of each, or numbers of images; `dealing.DEFAULT` if left out.
            seed: Of dealing out.
            codec: 'none' or 'jpeg-75', checked against the pixels; 'detect' is 'none' for arrays.

        Raises:
            UserError: If a path leads out of the data root, or files are named that do not belong together.
        """
        super().__init__(path=path, classes=classes, sizes=sizes, seed=seed, codec=codec)
        self._others = {
            key: place for key, place in (("labels", labels), ("slides", slides), ("split", split)) if place is not None
        }
        is_archive = path.lower().endswith(".npz")
        if is_archive and self._others:
            raise UserError(
                f"dataset 'arrays': '{path}' holds all arrays; '{next(iter(self._others))}' is for .npy files."
            )
        if not is_archive and labels is None:
            raise UserError(f"dataset 'arrays': '{path}' needs the file of its labels too. {self.advice}")

    def _gather(self, root: Path) -> Gathering:
        place = root / self._path
        if not place.is_file():
            raise UserError(f"{place} is not there. {self.advice}")
        files = [place, *(root / other for other in self._others.values())]
        if self._others:
            arrays = {"images": array_files.mapped(place)}
            arrays |= {key: array_files.mapped(root / other) for key, other in self._others.items()}
        else:
            with array_files.Archive(place) as archive:
                arrays = _known(archive)
                if not {"images", "labels"} <= arrays.keys():
                    raise UserError(
                        f"{place} holds {', '.join(archive.names) or 'no array'}. Expected 'images' and 'labels', and "
                        f"at will {', '.join(KEYS[2:])}."
                    )
        pixels = array_files.images(arrays["images"], f"{place} (images)")
        return Gathering(
            place=place,
            source=ArraySource(pixels),
            table=_table(arrays, str(place)),
            files=files,
            state=lambda: digests.of_value([file_state.of_file(path) for path in files]),
            size=lambda: (pixels.shape[1], pixels.shape[2]),
        )


def of_archive(place: Path) -> tuple[NDArray[np.uint8], Table | None]:
    """Return the images of a ``.npz`` file, and what it tells of them, if it tells labels.

    Raises:
        UserError: If it is damaged, holds no images, or tells what does not fit.
    """
    with array_files.Archive(place) as archive:
        arrays = _known(archive)
        if "images" not in arrays:
            arrays["images"] = archive.only_or("images")
    pixels = array_files.images(arrays["images"], f"{place} (images)")
    return pixels, _table(arrays, str(place)) if "labels" in arrays else None


def of_mapped(place: Path) -> NDArray[np.uint8]:
    """Return the images of a ``.npy`` file, mapped.

    Raises:
        UserError: If it is damaged or holds none.
    """
    return array_files.images(array_files.mapped(place), str(place))


def _known(archive: array_files.Archive) -> dict[str, NDArray[Any]]:
    return {name: archive.array(name) for name in archive.names if name in KEYS}


def _table(arrays: dict[str, NDArray[Any]], where: str) -> Table:
    count = len(arrays["images"])
    for key in ("labels", "slides", "split"):
        if key in arrays:
            arrays[key] = _flat(arrays[key], count, f"{where}, {key}")
    found = _words(arrays["labels"], f"{where}, labels")
    if "classes" in arrays:
        found = _named(arrays["labels"], arrays["classes"], where)
    slides = _words(arrays["slides"], f"{where}, slides") if "slides" in arrays else None
    chosen = [_split(word, where) for word in _words(arrays["split"], f"{where}, split")] if "split" in arrays else None
    return Table([f"row {row}" for row in range(count)], found, slides, chosen)


def _flat(array: NDArray[Any], count: int, where: str) -> NDArray[Any]:
    """Return a value an image: a column of them may be one of a table, and PCam's have a shape of four."""
    if array.size == count == (array.shape or (0,))[0]:
        array = array.reshape(-1)
    if array.shape != (count,):
        raise UserError(f"{where} is of shape {array.shape}. Expected one value for each of {count:,} images.")
    return array


def _words(array: NDArray[Any], where: str) -> list[str]:
    if array.dtype.kind not in "iuUb":
        raise UserError(f"{where} is of type {array.dtype}. Expected whole numbers or text.")
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    return [str(value) for value in array.tolist()]


def _named(labels: NDArray[Any], classes: NDArray[Any], where: str) -> list[str]:
    """Return the class of each image, where labels are numbers and their names are given."""
    names: list[str] = _words(classes.reshape(-1), f"{where}, classes")
    if labels.dtype.kind not in "iub" or (len(labels) and not 0 <= labels.min() <= labels.max() < len(names)):
        raise UserError(f"{where}: with 'classes', labels are whole numbers from 0 to {len(names) - 1}.")
    return [names[label] for label in labels.astype(np.int64).tolist()]


def _split(word: str, where: str) -> Split:
    split = splits.named(word)
    if split is None:
        raise UserError(f"{where}: 'split' says '{word}'. {nearest(word, splits.SPLITS)}")
    return split
