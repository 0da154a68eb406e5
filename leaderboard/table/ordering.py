"""Which metrics order the variants: a column that a control can top says little of who is better."""

from __future__ import annotations

import re
from collections.abc import Sequence

from benchmark.contracts.task import Metric
from leaderboard.table import bounds
from leaderboard.table.bounds import Named
from leaderboard.table.model import Cell

_RECALL = re.compile(r"\brecall\b")


def caution(metric: Metric, rows: Sequence[Named], cells: Sequence[Cell]) -> str | None:
    """Return why a metric does not order the variants, or None where it does.

    Args:
        metric: The metric.
        rows: The rows of the board.
        cells: The metric's cell in each.
    """
    if metric.direction == "target":
        return "does not order the variants: neither more nor less of it is better"
    if metric.direction == "reference":
        return "does not order the variants: measured on real images alone, it is what the others are held against"
    if _RECALL.search(metric.name):
        return "does not order the variants: images spread far beyond the real ones reach full recall"
    floor, ceiling = bounds.floor(metric, rows), bounds.ceiling(metric, rows)
    if floor is None or ceiling is None or not _better(cells[ceiling], cells[floor], metric):
        return None
    off_domain, real = rows[ceiling].name, rows[floor].name
    return f"does not order the variants here: '{off_domain}', which shows no tissue, beats '{real}', real images"


def _better(first: Cell, second: Cell, metric: Metric) -> bool:
    if first.value is None or second.value is None or not (first.compared and second.compared):
        return False
    return first.value > second.value if metric.direction == "higher" else first.value < second.value
