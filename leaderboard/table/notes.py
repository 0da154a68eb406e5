"""What a reader must know of a board as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from benchmark.records.schema import NOT_MADE, Record
from leaderboard.table import columns, names

IMAGES = "images"
"""Under which name variants have the images that someone brought, among their weights."""


def of(records: Sequence[Record], *, superseded: Sequence[str]) -> tuple[str, ...]:
    """Return the notes of a board.

    Args:
        records: Its records, one a cell.
        superseded: Cells of which the store holds several unlike records.
    """
    return tuple(_notes(records, superseded))


def primary_of(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the comparison named beforehand; empty where none is, or the records disagree on it."""
    named = {record.suite.primary for record in records}
    return named.pop() if len(named) == 1 else ()


def _notes(records: Sequence[Record], superseded: Sequence[str]) -> Iterator[str]:
    identity = records[0].dataset.identity
    if identity.digest == NOT_MADE:
        yield "The dataset could not be made or read, so nothing here was measured."
    elif not identity.official:
        yield f"The data are not the official release: {names.dataset(identity)}."
    # Records of an older version of a dataset do not say it yet.
    yield from dict.fromkeys(one.dataset.identity.caution for one in records if one.dataset.identity.caution)
    limited = sum(record.suite.limit is not None for record in records)
    if limited:
        yield f"{limited} of {len(records)} records are of limited runs: trials, not for reporting."
    dirty = sum(bool(record.provenance.dirty) for record in records)
    if dirty:
        yield f"{dirty} of {len(records)} records come from a checkout with uncommitted changes."
    yield from _imported(records)
    yield from _brought(records)
    if len({record.suite.primary for record in records}) > 1:
        yield "Records disagree on which comparison was named beforehand, so none is taken as such."
    yield from _unlike("commits", {(record.provenance.commit or "none recorded")[:12] for record in records})
    yield from _unlike("machines", {record.provenance.accelerator or record.provenance.processor for record in records})
    yield from _unlike("numbers of threads", {str(record.provenance.threads) for record in records})
    yield from _unlike("versions of torch", {record.provenance.packages.get("torch", "none") for record in records})
    for cell in superseded:
        yield f"The store holds several unlike records of {cell}; the one finished last is shown."
    for record in records:
        for key in columns.undeclared(record):
            yield (
                f"The record of {record.variant.name}, {record.task.name}, seed {record.seed} holds a value "
                f"'{key}' that it does not describe; it is left out."
            )


def _imported(records: Sequence[Record]) -> Iterator[str]:
    """Yield a note on each imported reference that stood in for real images."""
    counts = Counter(record.dataset.reference for record in records if record.dataset.reference is not None)
    for found, count in counts.items():
        here = {record.device for record in records if record.dataset.reference == found}
        told = f"on {found.device}" + (
            "" if here == {found.device} else f", synthetic images on {', '.join(sorted(here))}"
        )
        yield (
            f"{count} of {len(records)} records stand on an imported reference ({found.digest[:12]}, of "
            f"{found.suite}): no real image was here. Real images were embedded elsewhere, {told}; histobench "
            f"{found.histobench}, torch {found.torch}."
        )


def _brought(records: Sequence[Record]) -> Iterator[str]:
    """Yield what was said of each set of images that someone brought: how many are copies, repeats or left out."""
    variants = {record.variant.name: record.variant.summary for record in records if IMAGES in record.variant.weights}
    yield from (f"{name}: {summary}" for name, summary in sorted(variants.items()))


def _unlike(what: str, found: set[str]) -> Iterator[str]:
    if len(found) > 1:
        yield f"Records come from {len(found)} {what}: {', '.join(sorted(found))}."
