"""Progress of a run on a terminal: what is done, how far it is, how long it will take."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmark.contracts import progress
from benchmark.errors import plain
from benchmark.execution import failures
from benchmark.execution.report import Reporter, Silent
from benchmark.plan.steps import Step
from benchmark.records.schema import Record


class Display:
    """Two bars: the running step, and all steps."""

    def __init__(self, console: Console, total: int) -> None:
        """Prepare the bars; `live` shows them.

        Args:
            console: Where to.
            total: Steps of this run.
        """
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(),
            TextColumn("left"), TimeRemainingColumn(), console=console, transient=True,
        )  # fmt: skip
        self._all: TaskID = self._bars.add_task("all steps", total=total)
        self._step: TaskID | None = None

    @contextlib.contextmanager
    def live(self) -> Iterator[None]:
        """Show the bars while the block runs."""
        with self._bars:
            yield

    def begin(self, step: Step, position: int, total: int) -> None:
        """Show a bar for the step."""
        self._step = self._bars.add_task(escape(step.title), total=None)

    def advance(self, done: int, total: int, note: str = "") -> None:
        """Move the step's bar."""
        if self._step is not None:
            self._bars.update(self._step, completed=done, total=total)

    def wait(self, step: Step) -> None:
        """Say that another worker is at it."""
        self._console.print(f"Waiting for another worker at: {escape(step.title)}")

    def end(self, step: Step, *, reused: bool) -> None:
        """Move the bar of all steps; print what was made."""
        self._close()
        self._bars.advance(self._all)
        if not reused:
            self._console.print(f"[green]done[/]   {escape(step.title)}")

    def fail(self, step: Step, error: Exception) -> None:
        """Print what failed."""
        self._close()
        self._console.print(f"[red]failed[/] {escape(step.title)}: {escape(plain(failures.describe(error)))}")

    def warn(self, text: str) -> None:
        """Print a warning."""
        self._console.print(f"[yellow]note[/]   {escape(plain(text))}")

    def record(self, record: Record) -> None:
        """Print nothing: the table at the end has it."""

    def _close(self) -> None:
        if self._step is not None:
            self._bars.remove_task(self._step)
            self._step = None


class Terse(Silent):
    """No bars; failures and warnings still reach standard error."""

    def fail(self, step: Step, error: Exception) -> None:
        """Print what failed."""
        print(plain(f"failed: {step.title}: {failures.describe(error)}"), file=sys.stderr)

    def warn(self, text: str) -> None:
        """Print a warning."""
        print(plain(f"note: {text}"), file=sys.stderr)


@contextlib.contextmanager
def counting(*, quiet: bool) -> Iterator[progress.Progress]:
    """Yield what shows one bar on a terminal, and nothing elsewhere and under `--quiet`."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield progress.silent
        return
    with Progress(
        TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True,
    ) as bars:  # fmt: skip
        bar = bars.add_task("", total=None)
        yield lambda done, total, note="": bars.update(bar, completed=done, total=total, description=escape(note))


@contextlib.contextmanager
def reporter(*, quiet: bool, total: int) -> Iterator[Reporter]:
    """Yield what reports the run: bars on a terminal, only failures elsewhere and under `--quiet`."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Terse()
        return
    display = Display(console, total)
    with display.live():
        yield display
