"""Which controls bound a metric on a board: the floor, which shows real images, and the ceiling, which shows none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from benchmark.contracts.task import Metric
from benchmark.records.schema import VariantEntry


class Named(Protocol):
    """A row, or an entrant that will become one."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def entry(self) -> VariantEntry | None:
        """What it is, where it was run."""
        ...


def floor(metric: Metric, rows: Sequence[Named]) -> int | None:
    """Return the position of the first control that bounds the metric and reads real images; None where none does."""
    return next((place for place, entry in _bounding(metric, rows) if entry.reads), None)


def ceiling(metric: Metric, rows: Sequence[Named]) -> int | None:
    """Return the position of the first control that bounds the metric and sees no real image."""
    return next((place for place, entry in _bounding(metric, rows) if not entry.reads and not entry.fits_on), None)


def _bounding(metric: Metric, rows: Sequence[Named]) -> Iterator[tuple[int, VariantEntry]]:
    """Yield position and entry of the controls a metric names, in its order; a name of several rows is left out."""
    for name in metric.bounded_by:
        places = [place for place, row in enumerate(rows) if row.name == name]
        entry = rows[places[0]].entry if len(places) == 1 else None
        if entry is not None and entry.kind == "control":
            yield places[0], entry
