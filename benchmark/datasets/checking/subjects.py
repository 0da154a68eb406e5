"""What is to be checked: a dataset by its name, or whatever lies at a path."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmark import digests
from benchmark.contracts.dataset import Dataset, Identity
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.datasets import (
    array_files,
    checksums,
    file_sets,
    file_state,
    image_files,
    image_folder,
    pcam_files,
    splits,
)
from benchmark.datasets.arrays import Arrays
from benchmark.datasets.checking import hdf5
from benchmark.datasets.folder import Folder
from benchmark.datasets.gathered import Gathered
from benchmark.datasets.image_files import FilePixels
from benchmark.datasets.pcam_kaggle import TABLE, PcamKaggle
from benchmark.datasets.splits import Split
from benchmark.errors import UserError, nearest
from benchmark.registry import discovery

WHOLE = "all"
"""Stands for the split of images that come in none."""

_PCAM = re.compile(r"camelyonpatch_level_2_split_(train|valid|test)_x\.h5")


@dataclass(frozen=True)
class Subject:
    """Images, and what is known of them as a whole."""

    splits: Mapping[str, Images]
    """By name; one, named `WHOLE`, where they come in none. Those without an image are left out."""
    is_labelled: bool
    identify: Callable[[], Identity]
    """Reads every file."""
    codec: Callable[[Identity], str] | None = None
    """Reads some pixels; None where nothing is known to be asked."""
    notes: tuple[str, ...] = ()
    """What else is to be said."""


@contextmanager
def opened(name: str, data_root: Path | None, progress: Progress) -> Iterator[Subject]:
    """Yield what a name of `bench list datasets` or a path stands for; the name comes first where it is both.

    Args:
        name: Name or path.
        data_root: Where the files of a named dataset are.
        progress: Is told how far a dataset is that has to be made, in a folder that is gone afterwards.

    Raises:
        UserError: If there is no such thing, or its images cannot be found.
    """
    known, place = discovery.datasets(), Path(name)
    if name in known and not (discovery.is_kind_of_place(name) and place.exists()):
        with _named(name, data_root, progress) as subject:
            yield subject
        return
    if not place.exists():
        raise UserError(
            f"'{name}' is neither a dataset nor a path. {nearest(name, [entry.name for entry in known])} "
            f"As a path: {image_files.EXPECTED}"
        )
    yield at(place)


def at(place: Path) -> Subject:
    """Return what lies at a path, recognized by what is in it.

    Raises:
        UserError: If it is nothing that can be read.
    """
    place = place if place.name not in ("", "..") else place.resolve()
    suffix = place.suffix.lower()
    if place.is_dir() and (found := _pcam_at(place)) is not None:
        return found
    if place.is_dir() or suffix == ".zip":
        return _of_files(place)
    if suffix in (".h5", ".hdf5"):
        return Subject({WHOLE: hdf5.labelled(place)}, hdf5.has_labels(place), lambda: _identity(place))
    if suffix == ".npz":
        with array_files.Archive(place) as archive:
            is_labelled = {"images", "labels"} <= set(archive.names)
        if is_labelled:
            return _of_gathered(Arrays(path=place.name), place.parent)
    images = image_files.opened(place).images
    return Subject({WHOLE: images}, False, lambda: _identity(place))


@contextmanager
def _named(name: str, data_root: Path | None, progress: Progress) -> Iterator[Subject]:
    loaded = discovery.datasets().load(name)
    if discovery.is_kind_of_place(name):
        raise UserError(f"Dataset '{name}' is a kind of place: give the path itself. {loaded.advice}")
    dataset: Dataset = loaded()
    if not loaded.made:
        if data_root is None:
            raise UserError(f"Dataset '{name}' needs --data-root (or BENCH_DATA_ROOT). {loaded.advice}")
        dataset.files(data_root)
        yield _of_dataset(dataset, data_root)
        return
    with tempfile.TemporaryDirectory(prefix="bench-check-") as folder:
        dataset.make(Path(folder), progress)
        yield _of_dataset(dataset, Path(folder))


def _of_dataset(dataset: Dataset, root: Path) -> Subject:
    opened: dict[str, Images] = {split: images for split in splits.SPLITS if len(images := dataset.open(root, split))}
    return Subject(opened, True, lambda: dataset.identify(root), lambda identity: dataset.codec(root, identity))


def _of_files(place: Path) -> Subject:
    """Return the images of a folder or an archive: labelled if something in it tells labels."""
    files = file_sets.opened(place)
    is_kaggle = TABLE in files.names and any(name.startswith("train/") for name in files.names)
    try:
        found = _of_gathered((PcamKaggle if is_kaggle else Folder)(path=place.name), place.parent)
    except image_folder.Unlabelled:
        names = file_sets.images_of(files)
        images = image_files.unlabelled(FilePixels(files, names), len(names), digest="")
        found = Subject({WHOLE: images}, False, lambda: _identity(place, files.on_disk(names)))
    note = image_files.left_out(files)
    return found if note is None else Subject(
        found.splits, found.is_labelled, found.identify, found.codec, (*found.notes, note)
    )  # fmt: skip


def _of_gathered(dataset: Gathered, root: Path) -> Subject:
    """Return the images in the splits they come in, and in none where a suite would deal them out."""
    if dataset.brings_splits(root):
        return _of_dataset(dataset, root)
    note = "no splits: a suite deals them out at random"
    return Subject(
        {WHOLE: dataset.everything(root)}, True, lambda: dataset.identify(root),
        lambda identity: dataset.codec(root, identity), (note,),
    )  # fmt: skip


def _pcam_at(place: Path) -> Subject | None:
    """Return the splits of PCam's files that are there; None where there are none.

    Raises:
        UserError: If they lie in a folder of another name than the layout wants.
    """
    for folder in (place / "pcam", place):
        names = [path.name for path in folder.glob("*.h5")] if folder.is_dir() else []
        present = {found[1] for name in names if (found := _PCAM.fullmatch(name))}
        if present and folder.name != "pcam":
            raise UserError(f"{folder} holds files of PCam's layout. Rename the folder to 'pcam', as the layout wants.")
        if present:
            return _of_pcam(folder.parent, [split for split in splits.SPLITS if split in present])
    return None


def _of_pcam(root: Path, there: Sequence[Split]) -> Subject:
    lacking = [split for split in splits.SPLITS if split not in there]
    opened: dict[str, Images] = {
        split: pcam_files.open_split(root, split, classes=pcam_files.CLASSES, digest=file_state.of_file)
        for split in there
    }
    files = [path for split in there for path in pcam_files.split_files(root, split)]
    return Subject(
        opened,
        True,
        lambda: checksums.identify(checksums.digest_file(path) for path in files),
        notes=(f"files of {', '.join(lacking)} are not there",) if lacking else (),
    )


def _identity(place: Path, files: list[Path] | None = None) -> Identity:
    """Return which images lie at a place that is no dataset."""
    if files is None or files == [place]:
        digest = digests.of_file(place)
    else:
        digest = digests.of_files({path.relative_to(place).as_posix(): digests.of_file(path) for path in files})
    return Identity(name=f"{place.resolve().name}, digest {digest[:12]}", digest=digest, official=False)
