"""Progress of a run, on a terminal and elsewhere."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmark.cli import display
from benchmark.cli.display import Display, Terse
from benchmark.plan.planner import Plan
from benchmark.plan.steps import Step

Capture = pytest.CaptureFixture[str]
Terminal = Callable[..., tuple[int, str, str]]


def test_a_made_step_is_a_line_and_a_reused_one_is_not(shown: tuple[Display, io.StringIO], step: Step) -> None:
    """What is there already is no news."""
    told, screen = shown
    told.begin(step, 1, 3)
    told.advance(5, 10, "steps")
    told.end(step, reused=False)
    assert f"done   {step.title}" in _plain(screen)
    screen.truncate(0)
    told.end(step, reused=True)
    assert "done" not in screen.getvalue()


def test_bars_follow_the_step_and_the_run(shown: tuple[Display, io.StringIO], step: Step) -> None:
    """3 of 10 units of the step; after it, one of three steps, reused ones included."""
    told, screen = shown
    with told.live():
        told.begin(step, 1, 3)
        told.advance(3, 10)
        told._bars.refresh()
        assert re.search(rf"{re.escape(step.title)}\s.*3/10", _plain(screen))
        assert re.search(r"all steps\s.*0/3", _plain(screen))
        told.end(step, reused=False)
        told.end(step, reused=True)
        told._bars.refresh()
        assert re.search(r"all steps\s.*2/3", _plain(screen))
        assert len(told._bars.tasks) == 1, "the bar of a step that has ended is gone"


def test_counting_shows_nothing_off_a_terminal(capfd: Capture) -> None:
    """Nor under --quiet: on a terminal `bench data check` shows it."""
    for quiet in (True, False):
        with display.counting(quiet=quiet) as progress:
            progress(1, 2, "images")
    assert capfd.readouterr() == ("", "")


def test_progress_without_a_step_is_no_error(shown: tuple[Display, io.StringIO], step: Step) -> None:
    """A step that was reused never began; a late word of one that has ended comes to nothing."""
    told, screen = shown
    told.advance(1, 2)
    told.begin(step, 1, 1)
    told.end(step, reused=False)
    told.advance(2, 2)
    assert "2/2" not in screen.getvalue()


def test_a_failure_ends_the_bar_and_says_why(shown: tuple[Display, io.StringIO], step: Step) -> None:
    """Kind and message."""
    told, screen = shown
    told.begin(step, 1, 3)
    told.fail(step, RuntimeError("out of luck"))
    assert f"failed {step.title}: RuntimeError: out of luck" in _plain(screen)
    assert len(told._bars.tasks) == 1


def test_waiting_and_warnings_are_said(shown: tuple[Display, io.StringIO], step: Step, record: Any) -> None:
    """A record says nothing: the table at the end has it."""
    told, screen = shown
    told.record(record)
    assert screen.getvalue() == ""
    told.wait(step)
    told.warn("something is set aside")
    assert f"Waiting for another worker at: {step.title}" in _plain(screen)
    assert "note   something is set aside" in _plain(screen)


def test_foreign_texts_neither_style_nor_drive_the_terminal(shown: tuple[Display, io.StringIO], step: Step) -> None:
    """Square brackets are text, escape sequences are taken out."""
    told, screen = shown
    told.fail(step, ValueError("[bold]x[/bold] \x1b]0;title\x07"))
    told.warn("[red]y[/red] \x1b[2J")
    assert "ValueError: [bold]x[/bold] ]0;title" in _plain(screen)
    assert "[red]y[/red] [2J" in _plain(screen)
    assert "\x1b]0" not in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()


def test_terse_says_only_what_went_wrong(step: Step, record: Any, capfd: Capture) -> None:
    """On standard error, without control characters."""
    told = Terse()
    told.begin(step, 1, 2)
    told.advance(1, 2, "steps")
    told.wait(step)
    told.end(step, reused=False)
    told.record(record)
    assert capfd.readouterr() == ("", "")
    told.fail(step, RuntimeError("out of\x1b[31m luck"))
    told.warn("set\x07 aside")
    assert capfd.readouterr() == ("", f"failed: {step.title}: RuntimeError: out of[31m luck\nnote: set aside\n")


def test_bars_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither into a file nor under `--quiet`, wherever that is."""
    with display.reporter(quiet=False, total=1) as told:
        assert isinstance(told, Terse)
    monkeypatch.setenv("FORCE_COLOR", "1")  # By which a console takes itself for a terminal's.
    with display.reporter(quiet=False, total=1) as told:
        assert isinstance(told, Display)
    with display.reporter(quiet=True, total=1) as told:
        assert isinstance(told, Terse)


def test_a_run_on_a_terminal(on_terminal: Terminal, command: list[str], tmp_path: Path) -> None:
    """Bars and a line a step on the terminal, the board alone on standard output; under `BENCH_QUIET` not a letter."""
    words = [*command, "run", "--suite", "toy", "--generator", "toy-plain", "--no-tracking", "--store", tmp_path / "s"]
    code, out, screen = on_terminal(list(map(str, words)), cwd=tmp_path)
    assert code == 0
    assert re.search(r"all steps.*\d+/\d+", screen)
    assert re.search(r"done\S* +sample toy-plain", screen)
    assert "toy-distance" in out
    assert "\x1b" not in out
    assert "done" not in out
    code, _, screen = on_terminal([*map(str, words), "--seed", "7"], cwd=tmp_path, env={"BENCH_QUIET": "1"})
    assert (code, screen) == (0, "")


def _plain(screen: io.StringIO) -> str:
    """Return what a person reads, in one line."""
    return " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).split("\n"))


@pytest.fixture
def shown() -> tuple[Display, io.StringIO]:
    """A display of three steps, and the screen it draws on."""
    screen = io.StringIO()
    return Display(Console(file=screen, force_terminal=True, width=200), 3), screen


@pytest.fixture
def step(plan: Callable[..., Plan]) -> Step:
    """A step of the toy suite."""
    return next(step for step in plan().steps if step.kind == "sample")


@pytest.fixture
def record(undisturbed: Path) -> Any:
    """A record of the toy suite."""
    from benchmark.records import files

    return next(files.read_all(undisturbed))
