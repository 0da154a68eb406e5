"""What a prompt builder made: arrays for the generators, and a record for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmark import atomic
from benchmark.artifacts import arrays
from benchmark.contracts.images import Images
from benchmark.contracts.prompts import NO_CLUSTER, PromptSet
from benchmark.strict import Strict

FOLDER = "prompts"
"""Name of the folder inside the step's output."""
RECORD = "record.json"
"""Name of the record inside it."""
_ARRAYS = ("rows", "prompt", "labels", "clusters")


class PromptEntry(Strict):
    """One prompt."""

    text: str
    label: str
    """Class that it names."""
    cluster: int | None
    """Cluster that it names."""
    images: int
    """Training images that it describes."""


class PromptRecord(Strict):
    """How a prompt set came about."""

    builder: str
    version: int
    params: dict[str, Any]
    """Parameters as the entry gives them."""
    guided_by: tuple[str, ...]
    """Extractors that it looked through."""
    images: int
    """Training images that were given."""
    kept: int
    """Of these, how many are learnt from."""
    left_out: dict[str, int]
    """How many are not, by reason."""
    prompts: tuple[PromptEntry, ...]


def write(folder: Path, found: PromptSet, record: PromptRecord) -> None:
    """Write a prompt set and its record below a step's output folder."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    for name in _ARRAYS:
        arrays.save(place / f"{name}.npy", getattr(found, name))
    for number, rows in enumerate(found.left_out.values()):
        arrays.save(place / f"left-out-{number}.npy", rows)
    atomic.write_json(place / "texts.json", {"texts": list(found.texts), "left_out": list(found.left_out)})
    atomic.write_json(place / RECORD, record.model_dump(mode="json"))


def read(folder: Path) -> PromptSet:
    """Return the prompt set below a step's output folder."""
    place = folder / FOLDER
    told = json.loads((place / "texts.json").read_text(encoding="utf-8"))
    return PromptSet(
        **{name: arrays.load(place / f"{name}.npy") for name in _ARRAYS},
        texts=tuple(told["texts"]),
        left_out={
            reason: arrays.load(place / f"left-out-{number}.npy") for number, reason in enumerate(told["left_out"])
        },
    )


def read_record(folder: Path) -> PromptRecord:
    """Return the record below a step's output folder."""
    return PromptRecord.model_validate_json((folder / FOLDER / RECORD).read_text(encoding="utf-8"))


def entries(found: PromptSet, images: Images) -> tuple[PromptEntry, ...]:
    """Return what a record tells of each prompt."""
    return tuple(
        PromptEntry(
            text=text,
            label=images.classes[label],
            cluster=None if cluster == NO_CLUSTER else int(cluster),
            images=int(count),
        )
        for text, label, cluster, count in zip(found.texts, found.labels, found.clusters, found.counts(), strict=True)
    )
