"""The files that go with a row: its records, samples, prompts, and the clusters its prompts were made from."""

from __future__ import annotations

import contextlib
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic
from benchmark.artifacts import clustering, image_set, packed_index, pictures
from benchmark.artifacts.clustering import Clustering
from benchmark.contracts.images import Images
from benchmark.errors import UserError
from benchmark.execution.desk import open_dataset
from benchmark.plan.specs import DatasetSpec
from benchmark.records.schema import Record
from benchmark.registry import discovery
from benchmark.store.store import Damaged, Result, Store
from benchmark.tracking.rows import Row

_COLUMNS = 8
_LINES = 4


class Unavailable(Exception):
    """Something a picture needs is not there; says what."""


def records(row: Row, folder: Path) -> None:
    """Write the records of a row to ``records/``, as they stand in the store."""
    for record in row.records:
        atomic.write_text(folder / "records" / f"{record.task.name}.json", record.model_dump_json(indent=2) + "\n")


def training(paths: Iterable[Path], folder: Path) -> None:
    """Copy the pictures of a training, as far as they are still there, to ``training/``."""
    for path in paths:
        with contextlib.suppress(OSError):
            atomic.write_bytes(folder / "training" / path.name, path.read_bytes())


def pictured(row: Row, store: Store, folder: Path, *, data_root: Path | None) -> list[str]:
    """Write samples, prompts and clusters of a row, as far as its steps got.

    Args:
        row: The row.
        store: Where its steps are.
        folder: Where to.
        data_root: Folder of the real images, for datasets that do not make their own.

    Returns:
        What could not be written, and why.
    """
    record = max(row.records, key=lambda one: len(one.steps))
    makers: tuple[Callable[[], None], ...] = (
        lambda: _samples(record, store, folder, data_root),
        lambda: _clusters(record, store, folder, data_root),
    )
    missing = []
    for make in makers:
        try:
            make()
        # A picture is never worth a number: whatever is wrong with it, the row is sent without it.
        except Exception as error:
            missing.append(f"{error}" if isinstance(error, Unavailable) else f"{type(error).__name__}: {error}")
    return missing


def _samples(record: Record, store: Store, folder: Path, data_root: Path | None) -> None:
    """Write one sheet of samples a label, and how often each prompt was used."""
    shards = sorted(_results(record, store, "sample"), key=lambda one: int(one.manifest.recipe["config"]["start"]))
    if not shards:
        return
    classes = _classes(record, store, data_root)
    places = [shard.folder for shard in shards]
    images = image_set.open_shards(places, classes)
    for label, name in enumerate(classes):
        positions = np.flatnonzero(images.labels == label)
        if len(positions):
            path = folder / "samples" / f"{label}-{pictures.file_name(name)}.png"
            atomic.write_bytes(path, _sheet(record, images, name, positions))
    counts = Counter((row.prompt, classes[row.label]) for row in image_set.read_rows(places, classes))
    atomic.write_text(folder / "prompts.csv", _table(counts))


def _classes(record: Record, store: Store, data_root: Path | None) -> tuple[str, ...]:
    """Return the class names in the order of the label; some datasets know them without looking at a file."""
    made = next(store.folder_of("data", step.key) for step in record.steps if step.kind == "data")
    if (packed := packed_index.read_layout(made)) is not None:
        return packed.classes
    dataset = discovery.datasets().load(record.dataset.name)(**record.dataset.params)
    try:
        return dataset.layout(data_root or made).classes
    except UserError as error:
        raise Unavailable(f"no samples: the classes of the real images are not known (--data-root): {error}") from None


def _sheet(record: Record, images: Images, label: str, positions: NDArray[np.int64]) -> bytes:
    shown = positions[: _COLUMNS * _LINES]
    pixels = images.source.read(images.rows[shown])
    side = pixels.shape[2]
    title = (
        f"{record.variant.name}, seed {record.seed}, label '{label}'\n"
        f"the first {len(shown)} of {len(positions)} images, {side} px shown at {pictures.shown_side(side)} px"
    )
    return pictures.sheet(title, pictures.lines_of(pixels, _COLUMNS))


def _table(counts: Counter[tuple[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["prompt", "label", "count"])
    for (prompt, label), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        writer.writerow([prompt, label, count])
    return text.getvalue()


def _clusters(record: Record, store: Store, folder: Path, data_root: Path | None) -> None:
    """Write a sheet of the real training images of each cluster, where the prompts or the fit left a clustering."""
    for result in (*_results(record, store, "prompts"), *_results(record, store, "fit")):
        found = clustering.read(result.folder)
        if found is not None:
            images = _fitted_on(record, store, data_root)
            atomic.write_bytes(folder / "clusters.png", _cluster_sheet(record, found, images))


def _fitted_on(record: Record, store: Store, data_root: Path | None) -> Images:
    """Return the images that the fit was given."""
    data = next(_results(record, store, "data"), None)
    if data is None or record.variant.fits_on is None:
        raise Unavailable("no sheet of clusters: the record names no images that were fitted on")
    spec = DatasetSpec(name=record.dataset.name, root=data_root, **data.manifest.recipe["config"]["dataset"])
    if data_root is None and spec.files is not None:
        raise Unavailable("no sheet of clusters: the folder of real images is not known (--data-root)")
    return open_dataset(spec, data.folder).role(record.dataset.roles[record.variant.fits_on])


def _cluster_sheet(record: Record, found: Clustering, images: Images) -> bytes:
    if len(images) != len(found.assignments):
        raise Unavailable(f"no sheet of clusters: {len(found.assignments)} images were clustered, {len(images)} found")
    sizes = found.sizes()
    title = (
        f"Real images that {record.variant.name}, seed {record.seed}, was fitted on, by cluster\n"
        f"K = {found.about.k}, features of {found.about.extractor}, {len(images)} images"
    )
    return pictures.sheet(title, list(_cluster_lines(found, images, sizes)))


def _cluster_lines(found: Clustering, images: Images, sizes: NDArray[np.int64]) -> Iterator[pictures.Line]:
    for cluster in range(found.about.k):
        members = np.flatnonzero(found.assignments == cluster)
        # Spread over the whole role, since neighbours in a file often come from one slide.
        shown = members[np.unique(np.linspace(0, len(members) - 1, min(_COLUMNS, len(members))).astype(np.int64))]
        label = f"cluster {cluster}\n{sizes[cluster]} images\n{sizes[cluster] / len(images):.1%}"
        yield pictures.Line(label, images.source.read(images.rows[shown]))


def _results(record: Record, store: Store, kind: str) -> Iterator[Result]:
    for step in record.steps:
        if step.kind == kind:
            try:
                found = store.read(kind, step.key)
            except Damaged as error:
                raise Unavailable(f"no pictures: {error}") from None
            if found is None:
                raise Unavailable(f"no pictures: '{step.title}' is no longer in the store")
            yield found
