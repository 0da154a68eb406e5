"""How a user sees a file come."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from benchmark.cli import transfers


def test_a_bar_follows_what_is_done_and_begins_anew() -> None:
    """Bytes of the file under way, then of its unpacking; lines stand above it."""
    screen = io.StringIO()
    bar = transfers.Bar(Console(file=screen, force_terminal=True, width=150))
    with bar.live() as shown:
        shown.told(2_000_000, 4_000_000, "fetching a.h5.gz")
        bar._bars.refresh()
        assert re.search(r"fetching a\.h5\.gz .*2\.0/4\.0 MB", _plain(screen))
        shown.told(1_000, 4_000_000, "unpacking a.h5.gz")
        bar._bars.refresh()
        assert re.search(r"unpacking a\.h5\.gz .*0\.0/4\.0 MB", _plain(screen))
        shown.line("a.h5: [fetched]\x1b[2J")
    assert "a.h5: [fetched][2J" in _plain(screen)
    assert len(bar._bars.tasks) == 1


def test_off_a_terminal_only_lines_are_written(capfd: pytest.CaptureFixture[str]) -> None:
    """However long; on standard error."""
    with transfers.shown(quiet=False) as shown:
        shown.told(1, 2, "fetching")
        shown.line("a line " * 40)
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "a line " * 40 + "\n")


def test_quiet_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    """Not even lines."""
    with transfers.shown(quiet=True) as shown:
        shown.told(1, 2, "fetching")
        shown.line("a line")
    assert capfd.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(on_terminal: Any, command: list[str], mirror: Any, tmp_path: Any, root: Any) -> None:
    """The real command on a real terminal: refused by the server, after it has said what it is going to do."""
    mirror.answers = [(403, {})]
    arguments = ["data", "fetch", "pcam", "--split", "test", "--no-meta", "--data-root", str(tmp_path)]
    code, _, screen = on_terminal([*command, *arguments, "--url", mirror.address], cwd=root)
    assert code == 2
    assert "2 files into" in screen
    assert "refuses (403 Forbidden)" in screen


def _plain(screen: io.StringIO) -> str:
    return re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", screen.getvalue())
