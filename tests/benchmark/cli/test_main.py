"""The entry of `bench`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from benchmark.cli import main

Bench = Callable[..., Any]
Outside = Callable[..., Path]

VERB = """
import typer
app = typer.Typer(rich_markup_mode=None)

@app.command()
def verb(how: str) -> None:
    "What {name} does."
    import errno
    from benchmark.errors import UserError
    print("begun")
    if how == "mistake":
        raise UserError("mend it\\x1b[31m, please")
    if how == "full":
        raise OSError(errno.ENOSPC, "No space left on device", "a/file")
    if how == "no quota":
        raise OSError(errno.EDQUOT, "Disk quota exceeded")
    if how == "forbidden":
        raise PermissionError(errno.EACCES, "Permission denied", "a/file")
    if how == "bug":
        raise ValueError("a bug")
    if how == "stop":
        raise KeyboardInterrupt
"""


def test_help_lists_the_verbs_in_the_order_of_a_users_work(bench: Bench) -> None:
    """And says what it is not for."""
    said = bench("--help")
    assert (said.code, said.err) == (0, "")
    assert _verbs(said.out) == list(main.WORKFLOW)
    assert "nothing here proves privacy or clinical fitness" in said.out
    assert bench("-h").out == said.out


def test_the_version_is_told(bench: Bench) -> None:
    """That of the installed package."""
    said = bench("--version")
    assert (said.code, said.out) == (0, f"histobench {metadata.version('histobench')}\n")


def test_nothing_said_is_answered_with_help(bench: Bench) -> None:
    """Status 2: nothing was done."""
    said = bench()
    assert said.code == 2
    assert _verbs(said.out + said.err) == list(main.WORKFLOW)


def test_verbs_of_other_packages_follow_by_name(bench: Bench, outside: Outside) -> None:
    """They work like the project's own."""
    outside(
        {"verbs": "zeta = elsewhere.verb:app\nalpha = elsewhere.verb:app\n"},
        {"verb.py": VERB.format(name="a verb from elsewhere")},
    )
    assert _verbs(bench("--help").out) == [*main.WORKFLOW, "alpha", "zeta"]
    assert "What a verb from elsewhere does." in bench("--help").out
    assert bench("zeta", "well") == (0, "begun\n", "")


def test_only_the_verb_that_is_called_is_loaded(bench: Bench, outside: Outside) -> None:
    """A broken verb of another package harms no other; called, it is one message."""
    outside({"verbs": "alpha = elsewhere.verb:app\nbroken = elsewhere.nowhere:app\n"}, {"verb.py": VERB})
    assert bench("alpha", "well").code == 0
    said = bench("broken")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Error: 'elsewhere.nowhere:app': there is no module 'elsewhere.nowhere'")


def test_unknown_options_are_usage_errors(bench: Bench) -> None:
    """Status 2, with how to get help."""
    answer = bench("list", "--nonsense")
    assert answer.code == 2
    assert "No such option: --nonsense" in answer.err
    assert "-h' for help" in answer.err


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("mistake", 2, "Error: mend it[31m, please\n"),
        ("full", 1, "Error: no space is left on the disk (a/file). Finished steps are kept; free some and give the same "
                    "command again.\n"),
        ("no quota", 1, "Error: no space is left on the disk (of the store). Finished steps are kept; free some and give "
                        "the same command again.\n"),
        ("stop", 130, main.STOPPED + "\n"),
    ],
)  # fmt: skip
def test_what_a_user_can_mend_is_one_message(failing: Bench, how: str, code: int, said: str) -> None:
    """Without traceback and control characters; what was printed before stays."""
    assert failing(how) == (code, "begun\n", said)


@pytest.mark.parametrize(("how", "error"), [("bug", ValueError), ("forbidden", PermissionError)])
def test_what_no_user_can_mend_is_a_traceback(
    failing: Bench, monkeypatch: pytest.MonkeyPatch, how: str, error: type[Exception]
) -> None:
    """A bug is not made to look like a mistake of the user's."""
    monkeypatch.setattr(sys, "argv", ["bench", "failing", how])
    with pytest.raises(error):
        main.main()


def test_ctrl_c_during_a_run_tells_that_it_resumes(command: list[str], tmp_path: Path, wait_until: Bench) -> None:
    """A real signal to a real process at work; the finished steps are there."""
    store = tmp_path / "store"
    words = ["run", "--suite", "toy", "-g", "toy-slow", "--no-tracking", "--store", str(store)]
    run = subprocess.Popen(
        [*command, *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        # A shell that starts the tests in the background lets them, and so this, ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    wait_until(lambda: any((store / "work").glob("*/scratch")) and any((store / "objects" / "data").glob("*")))
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out, err) == (130, "", main.STOPPED + "\n")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["list", "suites"], 0, ""),
        (["show", "nonsense"], 2, "Error: Nothing is named 'nonsense'."),
        (["store", "verify"], 2, "Error: There is no store"),
    ],
)
def test_a_reader_that_has_left_changes_nothing(
    command: list[str], tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    """As in `bench list suites | true`: no complaint, and the status is that of the command."""
    reading, writing = os.pipe()
    os.close(reading)
    done = _with_output(command, words, tmp_path, writing)
    os.close(writing)
    assert done.returncode == code
    assert done.stderr.startswith(said)
    assert "Broken pipe" not in done.stderr
    assert bool(done.stderr) is bool(said)


def test_an_output_that_cannot_be_written_is_said_once(command: list[str], tmp_path: Path) -> None:
    """A full disk under `bench list suites > file`: status 1 and one line."""
    with Path("/dev/full").open("w") as full:
        done = _with_output(command, ["list", "suites"], tmp_path, full.fileno())
    assert done.returncode == 1
    assert done.stderr.startswith("Error: no space is left on the disk")
    assert done.stderr.count("\n") == 1


def test_a_closed_output_is_no_error(command: list[str], tmp_path: Path) -> None:
    """As in `bench list suites >&-`."""
    line = '"$@" >&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *command, "list", "suites"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")


def _with_output(command: list[str], words: list[str], folder: Path, output: int) -> subprocess.CompletedProcess[str]:
    """Call `bench` with a standard output of one's own, held back until the end as is usual for pipes and files."""
    surroundings = {key: text for key, text in os.environ.items() if key != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [*command, *words], cwd=folder, stdout=output, stderr=subprocess.PIPE, text=True, timeout=60, env=surroundings
    )


def _verbs(text: str) -> list[str]:
    """Return the names in the list of commands of a help text."""
    lines = text.split("Commands:\n")[1].splitlines()
    return [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]


@pytest.fixture
def failing(bench: Bench, outside: Outside) -> Bench:
    """A verb that fails in the way it is told."""
    outside({"verbs": "failing = elsewhere.verb:app\n"}, {"verb.py": VERB})
    return lambda how: bench("failing", how)
