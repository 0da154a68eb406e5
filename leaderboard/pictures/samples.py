"""The first synthetic images of each label, and the prompts they were asked for with."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import image_set
from benchmark.protocol import pixels
from benchmark.protocol.definition import Protocol
from benchmark.records.schema import Record
from benchmark.store.store import Store

UNREADABLE = (OSError, ValueError, TypeError, LookupError, EOFError, csv.Error)
"""What reading a damaged image set raises; such a set is left out."""


@dataclass(frozen=True)
class OfLabel:
    """Images of one label."""

    label: str
    images: NDArray[np.uint8]
    """The first requests of the label at the protocol's common size S, uint8 RGB, shape (n, S, S, 3)."""
    total: int
    """Images of the label in the set, as far as the store holds it."""
    prompts: tuple[tuple[str, int], ...]
    """Prompts and how many images each was used for, the commonest first."""


@dataclass(frozen=True)
class Samples:
    """The first images of a set."""

    seed: int
    labels: tuple[OfLabel, ...]


def read(store: Store, records: Sequence[Record], *, most: int) -> Samples | None:
    """Return the first images of each label, of the least seed whose images the store still holds.

    The first requests, never chosen ones: variants share their requests, so their first images stand side by side.

    Args:
        store: The store.
        records: Records of one variant.
        most: Images a label.

    Returns:
        The images; None where the store holds none that can be read.
    """
    for seed in sorted({record.seed for record in records}):
        folders = _folders(store, [record for record in records if record.seed == seed])
        if folders:
            try:
                return Samples(seed, _read(folders, most, records[0].protocol))
            except UNREADABLE:
                continue
    return None


def _folders(store: Store, records: Iterable[Record]) -> list[Path]:
    """Return the folders of a variant's shards that are in the store."""
    keys = dict.fromkeys(step.key for record in records for step in record.steps if step.kind == "sample")
    return [store.folder_of("sample", key) for key in keys if store.has("sample", key)]


def _read(folders: Sequence[Path], most: int, protocol: Protocol) -> tuple[OfLabel, ...]:
    classes = _labels(folders)
    images = image_set.open_shards(folders, classes)
    rows = image_set.read_rows(folders, classes)
    found = []
    for number, label in enumerate(classes):
        places = sorted(
            (place for place, row in enumerate(rows) if row.label == number), key=lambda place: rows[place].index
        )
        # At the size they are measured at: larger ones beside them would look better than they count.
        made = images.source.read(np.array(places[:most], np.int64))
        shown = made if protocol.side is None else pixels.resize(made, protocol.side, protocol.filter)
        prompts = Counter(rows[place].prompt for place in places if rows[place].prompt)
        ordered = sorted(prompts.items(), key=lambda item: (-item[1], item[0]))
        found.append(OfLabel(label, shown, len(places), tuple(ordered)))
    return tuple(found)


def _labels(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the labels that occur, by name: a record does not list the classes."""
    labels: set[str] = set()
    for folder in folders:
        with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
            labels |= {line["label"] for line in csv.DictReader(stream)}
    return tuple(sorted(labels))
