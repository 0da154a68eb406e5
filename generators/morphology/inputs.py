"""The images and the extractor that a command names."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.dataset import Split
from benchmark.contracts.extractor import Extractor
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.datasets import image_files, name_file
from benchmark.errors import UserError, nearest


@dataclass(frozen=True)
class Wanted:
    """Which images a command names: a place, or a dataset and its split."""

    place: Path | None
    dataset: str | None
    split: str
    data_root: Path | None
    labels: Path | None
    """File with the label of each image, a line each."""
    limit: int | None
    seed: int
    """Of the images that are taken where there is a limit."""


@dataclass(frozen=True)
class Given:
    """Images, and what they are called."""

    images: Images
    names: tuple[str, ...]
    """Path of each file below its folder, or the number of its row."""
    facts: tuple[tuple[str, str], ...]
    """Where they are from, as name and value."""

    @property
    def labelled(self) -> bool:
        """Tell whether labels are known."""
        return self.images.classes != ("",)

    def take(self, rows: NDArray[np.int64]) -> Given:
        """Return some of the images."""
        digest = digests.of_value([self.images.digest, rows.tolist()])
        return replace(self, images=self.images.take(rows, digest=digest), names=tuple(self.names[row] for row in rows))


@contextmanager
def opened(wanted: Wanted, progress: Progress) -> Iterator[Given]:
    """Yield the images; a dataset that is made is made in a folder that is gone afterwards.

    Raises:
        UserError: If both or neither of place and dataset are given, or the images cannot be used.
    """
    if (wanted.place is None) == (wanted.dataset is None):
        raise UserError("Give the images once: as a PLACE (a folder or an array file), or with --dataset NAME.")
    if wanted.place is not None:
        found = image_files.opened(wanted.place)
        facts = (("Images", wanted.place.name), *((("Files", found.note),) if found.note else ()))
        yield _limited(_labelled(Given(found.images, _names(found.images), facts), wanted), wanted)
        return
    with tempfile.TemporaryDirectory(prefix="bench-morphology-") as folder:
        yield _limited(_labelled(_of_dataset(wanted, Path(folder), progress), wanted), wanted)


def _of_dataset(wanted: Wanted, folder: Path, progress: Progress) -> Given:
    from benchmark.registry import discovery

    assert wanted.dataset is not None
    splits = get_args(Split)
    if wanted.split not in splits:
        raise UserError(f"--split {wanted.split}: there is no such split. {nearest(wanted.split, splits)}")
    factory = discovery.datasets().load(wanted.dataset)
    if discovery.is_kind_of_place(wanted.dataset):
        raise UserError(f"Dataset '{wanted.dataset}' is a kind of place: give the path itself as PLACE.")
    dataset = factory()
    root = folder
    facts = [("Images", f"dataset {wanted.dataset}, split {wanted.split}")]
    if dataset.made:
        dataset.make(folder, progress)
        if caution := dataset.identify(folder).caution:
            facts.append(("Caution", caution))
    elif wanted.data_root is None:
        raise UserError(f"Dataset '{wanted.dataset}' needs --data-root (or BENCH_DATA_ROOT). {dataset.advice}")
    else:
        root = wanted.data_root
        dataset.files(root)
    images = dataset.open(root, wanted.split)  # type: ignore[arg-type]
    return Given(images, tuple(map(str, range(len(images)))), tuple(facts))


def _names(images: Images) -> tuple[str, ...]:
    if isinstance(images.source, image_files.FilePixels):
        return images.source.names
    return tuple(map(str, range(len(images))))


def _labelled(given: Given, wanted: Wanted) -> Given:
    if wanted.labels is None:
        return given
    found = name_file.read(wanted.labels, option="--labels", rows=len(given.images))
    classes, labels = np.unique(found, return_inverse=True)
    images = replace(given.images, labels=labels.astype(np.int64), classes=tuple(map(str, classes)))
    return replace(given, images=images)


def _limited(given: Given, wanted: Wanted) -> Given:
    if wanted.limit is None or wanted.limit >= len(given.images):
        return given
    rows = np.sort(np.random.default_rng(wanted.seed).choice(len(given.images), wanted.limit, replace=False))
    taken = given.take(rows)
    note = ("Limit", f"{wanted.limit} of {len(given.images)} images, drawn with seed {wanted.seed}")
    return replace(taken, facts=(*taken.facts, note))


@dataclass(frozen=True)
class Tool:
    """An extractor on its device, and what tells it from others."""

    extractor: Extractor
    identity: dict[str, Any] = field(hash=False)
    """Name, version, parameters and digests of code and weights: equal ones, equal features."""
    device: str

    @property
    def name(self) -> str:
        """Return the extractor's name."""
        return str(self.identity["name"])


def extractor(name: str, *, registries: Sequence[Path], offline: bool, device: str) -> Tool:
    """Return an extractor, ready to embed.

    Raises:
        UserError: If there is none of the name, or its weights are not there or not the known ones.
    """
    from benchmark.execution.desk import Toolbox
    from benchmark.plan import platform
    from benchmark.plan.resolve import Resolver
    from benchmark.registry.variants import Catalogue

    resolver = Resolver(Catalogue.discover(registries), None, digests.of_file, offline=offline)
    spec = resolver.extractor(name)
    found = platform.current(device).device
    identity = {
        "name": spec.name,
        "version": spec.version,
        "params": dict(spec.params),
        "source": spec.source,
        "weights": None if spec.weights is None else spec.weights.digest,
    }
    return Tool(Toolbox(found).extractor(spec), identity, found)
