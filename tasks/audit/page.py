"""A report as tables for people, as Markdown and as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tabulate import tabulate

from benchmark.protocol import operations
from benchmark.statistics.interval import Interval
from tasks import coverage
from tasks.audit.measuring import METRICS, Number
from tasks.audit.report import Line, Report, Table

CAVEAT = "Stars are not adjusted for how many choices there are."
"""What the JSON says too, where a star is `starred`."""
EXPLAINED = (
    "Each cell: value, 95 % interval and in brackets the difference on the same images to the line it is held against, "
    f"with a star where its paired 95 % interval leaves out 0 and images are not too few. {CAVEAT}"
)
"""What stands below the tables."""
ABOUT = {
    "real against real": "Real images on both sides, split at random. The second half is treated as the images of a "
    "perfect generator would be. Each line is held against its floor: both halves treated as it treats real images "
    "(root and reference: against clean). The difference is the protocol's doing.",
    "real against synthetic": "Each line is held against clean, which leaves codecs as the files have them. Paper as "
    "a whole is its pixels and its root, under the features named above and with the reference given. Without a common "
    "size, and in paper as a whole, images reach the extractor at other sizes, and FD and KD are in other "
    "units: see what they add to their floors above.",
}
"""What each comparison is."""
_STOPPED = "†"
_COLUMNS = (("FD", "KD"), ("precision k3", "recall k3", "density k5", "coverage k5"))
_MARKED: dict[str, Callable[[Number], str | None]] = {
    "‡": lambda one: one.few,
    "§": lambda one: coverage.CAUTION if coverage.CAUTION in one.notes else None,
    "¶": lambda one: one.missing,
}
"""Notes that stand below a table, each once with where it holds, and their marks in its cells."""


def plain(report: Report) -> dict[str, Any]:
    """Return a report as JSON values."""
    return {
        "extractor": {"name": report.extractor, "version": report.version, "width": report.width},
        "size": report.side,
        "seed": report.seed,
        "caveat": CAVEAT,
        "tables": [
            {"kind": table.kind, "lines": [_plain_line(line) for line in table.lines], "idle": list(table.idle)}
            for table in report.tables
        ],
    }


def text(report: Report) -> str:
    """Return a report as plain text."""
    return "\n\n".join(_parts(report, "simple", "")) + "\n"


def markdown(report: Report) -> str:
    """Return a report as Markdown, from the second level of headings on."""
    return "\n\n".join(_parts(report, "github", "## ")) + "\n"


def _parts(report: Report, style: str, mark: str) -> Iterator[str]:
    yield f"{mark}Features of {report.extractor}, version {report.version}; common size {report.side} px"
    for table in report.tables:
        yield f"{'#' if mark else ''}{mark}{table.kind.capitalize()}, N = {_n(table.lines[0])}"
        yield ABOUT[table.kind]
        for place, names in enumerate(_COLUMNS):
            start = len(_COLUMNS[0]) * place
            rows = [_row(line, table, slice(start, start + len(names))) for line in table.lines]
            yield tabulate(rows, headers=["choice", *names], tablefmt=style, disable_numparse=True)
        yield from _notes(table)
    yield EXPLAINED


def _row(line: Line, table: Table, columns: slice) -> list[str]:
    name = line.choice.name
    if line.n != table.lines[0].n:
        name += f" (N = {_n(line)})"
    if line.reason is not None:
        return [name, f"not measured: {line.reason}"]
    return [name, *(_cell(one) for one in line.numbers[columns])]


def _cell(one: Number) -> str:
    marks = _STOPPED if one.metric.name not in {metric.name for metric in METRICS} else ""
    marks += "".join(mark for mark, note in _MARKED.items() if note(one) is not None)
    ends = "no interval" if one.interval is None else f"[{one.interval.low:.3g}, {one.interval.high:.3g}]"
    change = "" if one.change is None else f" ({one.change:+.2g}{'*' if one.changed else ''})"
    return f"{one.value:.3g}{marks and f' {marks}'} {ends}{change}"


def _notes(table: Table) -> Iterator[str]:
    for mark, note in _MARKED.items():
        yield from _grouped(table, mark, note)
    if any(one.metric.name == "fd-newton-schulz" for line in table.lines for one in line.numbers):
        yield f"{_STOPPED} root stopped early, as in piq 0.7.1: more than the exact distance, also at the floor."
    if table.idle:
        yield f"Nothing to measure at these sizes: {'; '.join(table.idle)}."


def _grouped(table: Table, mark: str, note: Callable[[Number], str | None]) -> Iterator[str]:
    """Yield each note once, with the columns and the lines where it holds."""
    names = [name for columns in _COLUMNS for name in columns]
    measured = [line for line in table.lines if line.numbers]
    held: dict[str, dict[str, list[str]]] = {}
    for line in measured:
        for name, one in zip(names, line.numbers, strict=True):
            if (said := note(one)) is not None:
                held.setdefault(said, {}).setdefault(name, []).append(line.choice.name)
    for said, by_column in held.items():
        for lines in dict.fromkeys(map(tuple, by_column.values())):
            columns = [name for name in names if tuple(by_column.get(name, ())) == lines]
            yield f"{mark} {', '.join(columns)} at {_where(lines, measured)}: {said}."


def _where(names: Sequence[str], measured: Sequence[Line]) -> str:
    """Return lines by name, or all but the others where these are fewer. Names of choices have commas."""
    others = [line.choice.name for line in measured if line.choice.name not in names]
    if len(others) >= len(names):
        return "; ".join(names)
    return "every line" + (f" but {'; '.join(others)}" if others else "")


def _n(line: Line) -> str:
    return f"{line.n[0]} + {line.n[1]}"


def _plain_line(line: Line) -> dict[str, Any]:
    choice = line.choice
    return {
        "choice": choice.name,
        "against": choice.against,
        "real": operations.describe(choice.real),
        "synthetic": operations.describe(choice.synthetic),
        "root": choice.root,
        "n": {"real": line.n[0], "synthetic": line.n[1]},
        "metrics": {one.metric.name: _plain_number(one) for one in line.numbers},
        "reason": line.reason,
    }


def _plain_number(one: Number) -> dict[str, Any]:
    return {
        "value": one.value,
        "interval": _plain_interval(one.interval),
        "change": one.change,
        "change_interval": _plain_interval(one.change_interval),
        "starred": one.changed,
        "note": one.note,
    }


def _plain_interval(found: Interval | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"low": found.low, "high": found.high, "level": found.level, "method": found.method}


def whole(reports: Sequence[Report], facts: Sequence[tuple[str, str]]) -> str:
    """Return a page of Markdown: what was audited, then the report of every extractor."""
    told = "\n".join(f"- {name}: {value}" for name, value in facts)
    return "\n\n".join(["# Audit of protocols", told, *(markdown(report).rstrip() for report in reports)]) + "\n"
