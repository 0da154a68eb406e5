"""Progress of files that are fetched: a bar on a terminal, and everywhere a line for each that is done."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from benchmark.contracts import progress
from benchmark.errors import plain


class Shown(NamedTuple):
    """How to tell a user of it."""

    told: progress.Progress
    """For what goes on: bytes done, bytes in all, what is done."""
    line: Callable[[str], None]
    """For what is to stay on the screen."""


class Bar:
    """One bar, for whatever is being done."""

    def __init__(self, console: Console) -> None:
        """Prepare the bar; `live` shows it."""
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=24), DownloadColumn(), TransferSpeedColumn(),
            TextColumn("left"), TimeRemainingColumn(), console=console, transient=True,
        )  # fmt: skip
        self._task = self._bars.add_task("", total=None)
        self._note = ""

    @contextlib.contextmanager
    def live(self) -> Iterator[Shown]:
        """Show the bar while the block runs."""
        with self._bars:
            yield Shown(self.told, self.line)

    def told(self, done: int, total: int, note: str = "") -> None:
        """Move the bar; begin anew where something else is done."""
        if note != self._note:
            self._note = note
            self._bars.reset(self._task, total=total or None, completed=done, description=escape(plain(note)))
        self._bars.update(self._task, completed=done, total=total or None)

    def line(self, text: str) -> None:
        """Print a line above the bar."""
        self._console.print(escape(plain(text)), highlight=False, soft_wrap=True)


@contextlib.contextmanager
def shown(*, quiet: bool) -> Iterator[Shown]:
    """Yield how a user is told: by a bar on a terminal, by lines alone elsewhere, not at all under `--quiet`."""
    console = Console(stderr=True)
    if quiet:
        yield Shown(progress.silent, lambda _text: None)
    elif not console.is_terminal:
        yield Shown(progress.silent, Bar(console).line)
    else:
        with Bar(console).live() as both:
            yield both
