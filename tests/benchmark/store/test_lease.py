"""Leases between real processes, some of which are killed."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from benchmark.store import lease


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A lease's file, in a folder that is not there yet."""
    return tmp_path / "leases" / "key"


@pytest.fixture
def notes(tmp_path: Path):
    """What processes write down, each word a line."""

    def note(word: str) -> None:
        with (tmp_path / "notes").open("a") as stream:
            stream.write(f"{word}\n")

    return note


@pytest.fixture
def noted(tmp_path: Path):
    """All words that were written down."""

    def read() -> list[str]:
        return (tmp_path / "notes").read_text().split() if (tmp_path / "notes").exists() else []

    return read


@pytest.fixture
def holder(path, notes, start, wait_until, noted):
    """Starts a process that holds the lease until it is killed, and waits until it does."""

    def run():
        def forever() -> None:
            with lease.hold(path, waiting=lambda: notes("unexpected")):
                notes("held")
                multiprocessing.Event().wait()

        process = start(forever)
        wait_until(lambda: "held" in noted())
        return process

    return run


def test_a_free_lease_is_taken_without_waiting(path):
    """The folder is made; nobody is told of a wait."""
    waits = []
    with lease.hold(path, waiting=lambda: waits.append(1)):
        assert path.is_file()
    assert waits == []


def test_the_second_of_two_processes_waits_for_the_first(path, notes, noted, start, ended, wait_until):
    """Told once that it waits, it goes on when the first has left."""

    def second() -> None:
        with lease.hold(path, waiting=lambda: notes("waits")):
            notes("has-it")

    with lease.hold(path, waiting=lambda: notes("unexpected")):
        process = start(second)
        wait_until(lambda: noted() == ["waits"])
        process.join(0.3)  # Long enough for several of its tries.
        assert noted() == ["waits"]
        notes("leaves")
    assert ended(process)
    assert noted() == ["waits", "leaves", "has-it"]


def test_never_two_at_once(path, tmp_path, start, ended):
    """Three processes go in ten times each; whoever meets another inside fails."""
    begin = multiprocessing.get_context("fork").Barrier(3)

    def work() -> None:
        begin.wait(60)
        for _ in range(10):
            with lease.hold(path, waiting=lambda: None):
                inside = os.open(tmp_path / "inside", os.O_CREAT | os.O_EXCL)
                os.fsync(inside)
                os.close(inside)
                count = int((tmp_path / "count").read_text())
                (tmp_path / "count").write_text(str(count + 1))
                (tmp_path / "inside").unlink()

    (tmp_path / "count").write_text("0")
    assert ended(*(start(work) for _ in range(3)))
    assert (tmp_path / "count").read_text() == "30"


def test_the_lease_of_a_killed_process_is_free_at_once(path, holder):
    """The kernel drops it: nobody waits, nothing is judged stale."""
    process = holder()
    process.kill()
    process.join()
    assert process.exitcode == -9
    waits = []
    with lease.hold(path, waiting=lambda: waits.append(1)):
        assert waits == []


def test_who_waits_goes_on_when_the_holder_is_killed(path, holder, notes, noted, start, ended, wait_until):
    """As if it had left."""
    first = holder()

    def second() -> None:
        with lease.hold(path, waiting=lambda: notes("waits")):
            notes("has-it")

    process = start(second)
    wait_until(lambda: "waits" in noted())
    first.kill()
    assert ended(process)
    assert noted() == ["held", "waits", "has-it"]


def test_an_error_within_frees_the_lease(path, start, ended):
    """It comes through, and the next process need not wait."""

    def fail() -> None:
        raise AssertionError("another process had to wait")

    def second() -> None:
        with lease.hold(path, waiting=fail):
            pass

    with pytest.raises(RuntimeError, match="within") as error, lease.hold(path, waiting=fail):
        raise RuntimeError("within")
    assert ended(start(second))
    assert error.traceback, "kept until here, and with it all that was alive within"


def test_leases_of_unlike_names_do_not_meet(path, holder):
    """One step's worker holds up no other step."""
    holder()
    waits = []
    with lease.hold(path.with_name("other"), waiting=lambda: waits.append(1)):
        assert waits == []


def test_a_place_that_cannot_be_written_is_an_error_and_no_wait(tmp_path):
    """A file stands where the folder would be."""
    (tmp_path / "file").write_text("")
    with (
        pytest.raises((NotADirectoryError, FileExistsError)),
        lease.hold(tmp_path / "file" / "key", waiting=lambda: None),
    ):
        pass
