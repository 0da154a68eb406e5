"""Tables as text, shared by all renderings: what stands in each cell, and the notes below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from leaderboard.rendering import axis, numbers, qualifiers
from leaderboard.rendering.marks import Marks
from leaderboard.table import bounds, names
from leaderboard.table.model import Cell, Column, Group, Row, State

DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "target": "neither side is better",
    "reference": "of real images, the same for all variants",
}
"""A metric's direction in words."""


@dataclass(frozen=True)
class CellView:
    """What stands in a cell."""

    state: State
    value: str
    """The number, or the state in words."""
    interval: str
    """``[low, high]``, ``no interval``, or empty where there is no number."""
    small: str
    """Seeds behind it where some are missing, N where it is not that of the column's head; empty else."""
    marks: tuple[str, ...]
    """Marks of the notes it points to."""
    compared: bool
    bar: Markup
    order: float | None
    """What the column is sorted by; None goes last."""

    @property
    def text(self) -> str:
        """Return the cell in one line."""
        return " ".join(part for part in (self.value, self.interval, self.small, ",".join(self.marks)) if part)


@dataclass(frozen=True)
class RowView:
    """One row of a table."""

    row: Row
    badges: tuple[str, ...]
    cells: tuple[CellView, ...]
    whole: Cell | None
    """A cell that speaks for all, where the row has no number for one and the same reason; None else."""


@dataclass(frozen=True)
class ColumnView:
    """The head of a column."""

    column: Column
    direction: str
    """Which side is better, or that the column does not order."""
    marks: tuple[str, ...]
    """Marks of the notes it points to."""
    n: str
    """Images behind its numbers, or where to find them."""
    ruler: Markup
    sortable: bool


@dataclass(frozen=True)
class TableView:
    """One task's table."""

    task: str
    columns: tuple[ColumnView, ...]
    generators: tuple[RowView, ...]
    controls: tuple[RowView, ...]
    notes: tuple[tuple[str, str], ...]
    """Mark and text; those that only a row without any number points to come last."""
    notes_of_cells: int
    """How many of the notes a head or a single cell points to."""

    @property
    def rows(self) -> tuple[RowView, ...]:
        """Return all rows, controls last."""
        return self.generators + self.controls


def tables(group: Group) -> tuple[TableView, ...]:
    """Return the tables of a group, one a task."""
    return tuple(_table(group, task) for task in group.tasks)


def badges(row: Row, group: Group) -> tuple[str, ...]:
    """Return what marks a row as a whole; what holds of every row of its group is said of the board instead."""
    run = [one for one in group.rows if one.records]
    found = {
        "TRIAL": row.trial,
        "uncommitted changes": row.dirty and not all(one.dirty for one in run),
        "imported reference": row.imported and not all(one.imported for one in run),
    }
    return tuple(text for text, holds in found.items() if holds)


def _table(group: Group, task: str) -> TableView:
    marks = Marks()
    places = [place for place, column in enumerate(group.columns) if column.task == task]
    axes = {place: axis.of(group.columns[place], _cells(group, place)) for place in places}
    heads = tuple(_head(group, place, axes[place], marks) for place in places)
    views: dict[int, RowView] = {}
    notes_of_cells = 0
    # Rows with numbers first, so that the notes of the others come last.
    for number in sorted(range(len(group.rows)), key=lambda number: _whole(group.rows[number], places) is not None):
        row = group.rows[number]
        cells = tuple(_cell(group, row, place, axes[place], marks) for place in places)
        views[number] = RowView(row, badges(row, group), cells, _whole(row, places))
        if views[number].whole is None:
            notes_of_cells = len(marks.all())
    ordered = [views[number] for number in range(len(group.rows))]
    return TableView(
        task=task,
        columns=heads,
        generators=tuple(view for view in ordered if view.row.kind == "generator"),
        controls=tuple(view for view in ordered if view.row.kind == "control"),
        notes=marks.all(),
        notes_of_cells=notes_of_cells,
    )


def _whole(row: Row, places: Sequence[int]) -> Cell | None:
    cells = [row.cells[place] for place in places]
    same = len({(cell.state, cell.reason) for cell in cells}) == 1
    return cells[0] if same and cells[0].value is None else None


def _head(group: Group, place: int, drawn: axis.Axis | None, marks: Marks) -> ColumnView:
    column = group.columns[place]
    return ColumnView(
        column=column,
        direction=DIRECTIONS[column.metric.direction] if column.caution is None else "orders nothing",
        marks=() if column.caution is None else (marks.of(column.caution),),
        n=_n(group, place),
        ruler=Markup() if drawn is None else axis.ruler(drawn),
        sortable=column.caution is None and drawn is not None,
    )


def _n(group: Group, place: int) -> str:
    """Return the images behind a column's numbers: said once where all have the same, else in each cell."""
    if all(row.cells[place].value is None for row in group.rows):
        return "no number"
    common = names.n_in_words(_common_n(group, place), _common_slides(group, place))
    return f"N: {common}" if common else "N in each cell"


def _cell(group: Group, row: Row, place: int, drawn: axis.Axis | None, marks: Marks) -> CellView:
    cell = row.cells[place]
    bar = Markup() if drawn is None else axis.bar(drawn, cell, row.kind)
    if cell.value is None:
        found = () if cell.reason is None else (marks.of(f"{cell.state}: {cell.reason}"),)
        return CellView(cell.state, cell.state, "", "", found, False, bar, None)
    value, interval = numbers.shown(cell.value, cell.interval)
    notes = (cell.method, *cell.notes, *_own_slides(group, row, place), *_further(group, row, place))
    return CellView(
        state=cell.state,
        value=value,
        interval=interval,
        small="; ".join(_small(cell, _common_n(group, place))),
        marks=tuple(marks.of(text) for text in notes),
        compared=cell.compared,
        bar=bar,
        order=cell.value if cell.compared else None,
    )


def _small(cell: Cell, common: Mapping[str, int]) -> Iterator[str]:
    if len(cell.seeds) < len(cell.outcomes):
        yield f"{len(cell.seeds)} of {len(cell.outcomes)} seeds"
    if cell.n != common:
        yield f"N: {names.n_in_words(cell.n, cell.slides)}"


def _common_n(group: Group, place: int) -> Mapping[str, int]:
    """Return the images behind a column's compared numbers, where all have the same; nothing else."""
    found = [row.cells[place].n for row in group.rows if row.cells[place].compared]
    return found[0] if found and all(n == found[0] for n in found) else {}


def _common_slides(group: Group, place: int) -> Mapping[str, int]:
    """Return the slides behind all of a column's compared numbers: those of the real images, not of a control's own."""
    found = [row.cells[place].slides for row in group.rows if row.cells[place].compared]
    shared = set.intersection(*(set(slides.items()) for slides in found)) if found else set()
    return dict(shared)


def _own_slides(group: Group, row: Row, place: int) -> tuple[str, ...]:
    """Return what is to be said of slides that the column's head does not tell of."""
    cell, common = row.cells[place], _common_slides(group, place)
    if cell.n != _common_n(group, place):
        return ()  # Its own N stands in the cell, slides and all.
    own = {role: cell.n[role] for role in cell.slides if role not in common}
    return (f"N: {names.n_in_words(own, cell.slides)}",) if own else ()


def _further(group: Group, row: Row, place: int) -> tuple[str, ...]:
    """Return what qualifies a number of one seed: how far classifiers differ; of the floor's, all there is.

    At the floor some statistics are degenerate, and a null tells more.
    """
    column, cell = group.columns[place], row.cells[place]
    if len(cell.seeds) != 1:
        return ()
    value = next(outcome.value for outcome in cell.outcomes if outcome.seed == cell.seeds[0])
    if value is None:
        return ()
    floor = bounds.floor(column.metric, group.rows)
    is_floor = floor is not None and group.rows[floor] is row
    return qualifiers.of(value) if is_floor else qualifiers.of_trainings(value)


def _cells(group: Group, place: int) -> list[tuple[Row, Cell]]:
    return [(row, row.cells[place]) for row in group.rows]
