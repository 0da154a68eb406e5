"""A disk that fills: nothing is half-written, a message says what to do, and the same command goes on afterwards.

The disk is real: a file system of 64 MB in memory, in a mount namespace of its own, seen through `/proc`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

Records = Callable[[Path], dict[str, Any]]

pytestmark = pytest.mark.needs_mount

PAGE = 4096
FULL = "free some and give the same command again"


@dataclass(frozen=True)
class Disk:
    """A small file system."""

    place: Path
    """Where it is seen from here."""
    mounted: Path
    """Where it is for those inside."""
    inside: tuple[str, ...]
    """Begins a command that is to be inside."""

    @property
    def store(self) -> Path:
        """Where the store goes."""
        return self.place / "store"

    @property
    def free(self) -> int:
        """Bytes that are free."""
        status = os.statvfs(self.place)
        return status.f_bavail * status.f_frsize

    def fill(self, *, but: int = 0) -> None:
        """Fill it but for some bytes."""
        with (self.place / "ballast").open("wb") as stream:
            os.posix_fallocate(stream.fileno(), 0, self.free - but)
        assert self.free == but

    def fill_with_files(self) -> None:
        """Leave room for bytes, but for no further file."""
        (self.place / "ballast").mkdir()
        try:
            for number in range(10_000):
                (self.place / "ballast" / str(number)).touch()
        except OSError:
            return
        raise AssertionError("there is room for any number of files")

    def clear(self) -> None:
        """Make room again."""
        subprocess.run(["rm", "-r", self.place / "ballast"], check=True)


def fills_up(disk: Disk, gates: Any, start: Any, bench: Any, fill: Callable[[], None]) -> Any:
    """Fill the disk while a run is sampling; return what the run said, after looking at what it left."""
    gates.shut("sample")
    running = start(*gates.arguments, "--store", disk.store)
    gates.reached("sample")
    fill()
    gates.open("sample")
    said = running.wait()
    assert "Traceback" not in said.err
    nothing_is_half_written(disk.store)
    verified = bench("store", "verify", "--store", disk.store)
    assert verified.code == 0, verified
    assert "0 damaged" in verified.err
    return said


def nothing_is_half_written(store: Path) -> None:
    """Records are whole; where results and finished steps lie, no file is on its way to another name."""
    for path in (store / "records").rglob("*.json"):
        assert json.loads(path.read_text())["status"] in ("complete", "no-space")
    assert [path for part in ("objects", "records") for path in (store / part).rglob("*.part")] == []


def goes_on(disk: Disk, gates: Any, bench: Any, records_of: Records, undisturbed: dict[str, Any]) -> None:
    """Make room, give the same command again, and compare with a run that nothing came in the way of."""
    disk.clear()
    said = bench(*gates.arguments, "--store", disk.store)
    assert (said.code, said.err) == (0, "")
    assert records_of(disk.store) == undisturbed
    assert (disk.store / "leaderboard" / "index.html").is_file()
    assert bench("store", "verify", "--store", disk.store).code == 0


def test_a_disk_that_is_full_to_the_last_byte(
    disk: Disk, gates: Any, start: Any, bench: Any, records_of: Records, undisturbed: dict[str, Any]
) -> None:
    """Not even a record can be written: status 1, and what to do."""
    said = fills_up(disk, gates, start, bench, disk.fill)
    assert said.code == 1
    assert "Error: no space is left on the disk" in said.err
    assert FULL in said.err
    assert records_of(disk.store) == {}
    goes_on(disk, gates, bench, records_of, undisturbed)


def test_a_disk_with_room_for_records_alone(
    disk: Disk, gates: Any, start: Any, bench: Any, records_of: Records, undisturbed: dict[str, Any]
) -> None:
    """Every row says that there was no space, and so does standard error; nothing was measured."""
    said = fills_up(disk, gates, start, bench, lambda: disk.fill(but=9 * PAGE))
    assert said.code == 3
    reason = "seed 0, images 0 to 39: OSError: [Errno 28] No space left on device"
    assert said.err == f"failed: sample pausing, {reason}\nfailed: sample toy-real, {reason}\n"
    records = records_of(disk.store).values()
    assert [record["status"] for record in records] == ["no-space", "no-space"]
    assert all(reason in record["error"] for record in records)
    assert "The pages were not written, and the table holds this run alone." in said.out
    goes_on(disk, gates, bench, records_of, undisturbed)


def test_a_disk_that_takes_no_more_files(
    disk: Disk, gates: Any, start: Any, bench: Any, records_of: Records, undisturbed: dict[str, Any]
) -> None:
    """Bytes there are enough."""
    said = fills_up(disk, gates, start, bench, disk.fill_with_files)
    assert said.code == 1
    assert FULL in said.err
    goes_on(disk, gates, bench, records_of, undisturbed)


@pytest.mark.slow
def test_wherever_the_disk_is_full_nothing_is_half_written(
    disk: Disk, gates: Any, start: Any, bench: Any, records_of: Records, undisturbed: dict[str, Any]
) -> None:
    """From the first byte after the fit to the last of the pages, page by page."""
    codes = []
    for pages in range(200):
        said = fills_up(disk, gates, start, bench, lambda pages=pages: disk.fill(but=pages * PAGE))
        assert said.code in (0, 1, 3)
        statuses = {record["status"] for record in records_of(disk.store).values()}
        if said.code == 0:
            assert statuses == {"complete"}
        elif len(records_of(disk.store)) < 2 or FULL in said.err:
            assert (said.code, FULL in said.err) == (1, True)
        else:
            assert said.code == (1 if "complete" in statuses else 3)
        codes.append((said.code, "The pages were not written" in said.out))
        if codes[-1] == (0, False):
            break
        goes_on(disk, gates, bench, records_of, undisturbed)
        subprocess.run(["rm", "-r", disk.store], check=True)
    assert codes[-1] == (0, False)
    assert {code for code, _ in codes} == {0, 1, 3}
    assert (0, True) in codes


def test_a_disk_full_from_the_start(
    disk: Disk, gates: Any, bench: Any, records_of: Records, undisturbed: dict[str, Any]
) -> None:
    """Refused before any work, with the need and the room; the plan can still be read."""
    disk.fill(but=3 * PAGE)
    said = bench(*gates.arguments, "--store", disk.store)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Error: This run needs about 5")
    assert f"MB in {disk.store}, where 12.3 kB are free. Free some (bench store gc), name another folder" in said.err
    assert not disk.store.exists()
    assert bench(*gates.arguments, "--store", disk.store, "--dry-run").code == 0
    goes_on(disk, gates, bench, records_of, undisturbed)


def test_a_disk_full_from_the_start_that_the_plan_needs(disk: Disk, bench: Any) -> None:
    """Weights are hashed for the plan, and the store that remembers it cannot be made."""
    disk.fill()
    said = bench("run", "--suite", "toy", "-g", "off-the-shelf", "--store", disk.store)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        f"Error: The store {disk.store} cannot be written: No space left on device. "
        "Name another folder with --store (or BENCH_STORE).\n"
    )


def test_a_full_store_can_be_looked_at_and_made_smaller(disk: Disk, gates: Any, bench: Any, start: Any) -> None:
    """`gc` is what the message advises: it must work there, and say how to free what the stopped run had done."""
    fills_up(disk, gates, start, bench, disk.fill)
    before = disk.free
    for words in (("store", "du"), ("store", "gc", "--dry-run"), ("store", "gc")):
        said = bench(*words, "--store", disk.store)
        assert said.code == 0, said
    assert "of stopped runs stay, which would go on from there; --unfinished frees them too" in said.err
    assert bench("store", "gc", "--unfinished", "--store", disk.store).code == 0
    assert disk.free > before


def test_a_dataset_that_does_not_fit(
    disk: Disk,
    start: Any,
    bench: Any,
    wait_until: Any,
    halt: Callable[[int], None],
    suite_file: Callable[..., Path],
    records_of: Records,
) -> None:
    """Of it nothing stays; its rows say why, and give way to those of the run that goes on."""
    params = {"train": 400, "valid": 40, "test": 20, "slides_train": 4, "slides_valid": 4, "slides_test": 4}
    suite = suite_file(
        "patches", dataset={"name": "phantom", "params": params}, variants=["toy-plain", "toy-real"], primary=[], n=8
    )
    command = ("run", "--suite", suite, "--store", disk.store)
    running = start(*command)
    wait_until(lambda: any(disk.store.glob("work/*")))  # The run has looked whether there is room, and begins.
    halt(running.pid)
    # There is room for some of it: what its removal frees is where the rows that say why find room.
    disk.fill(but=2**20)
    running.send(signal.SIGCONT)
    said = running.wait()
    assert said.code == 3, said
    assert "failed: dataset phantom: OSError: [Errno 28] No space left on device: " in said.err
    assert "Traceback" not in said.err
    assert {record["status"] for record in records_of(disk.store).values()} == {"no-space"}
    assert not list(disk.store.glob("work/*/out"))
    assert not list(disk.store.glob("objects/*/*"))
    disk.clear()
    said = bench(*command)
    assert (said.code, said.err) == (0, "")
    assert [record["status"] for record in records_of(disk.store).values()] == ["complete"] * 2


@pytest.mark.slow
def test_results_that_could_not_be_tracked_are_sent_later(
    disk: Disk,
    gates: Any,
    wait_until: Any,
    halt: Callable[[int], None],
    senders_of: Any,
    environment: dict[str, str],
) -> None:
    """The tracker's database is on the full disk, and hardly begun: its trouble is a line, and the next run's work."""

    def begin() -> subprocess.Popen[str]:
        # By its own path, in its own namespace: the tracker follows links, and `/proc` has none to follow.
        command = [*disk.inside, sys.executable, "-P", "-m", "benchmark.cli.main", *map(str, gates.arguments)]
        return subprocess.Popen(
            [*command, "--store", disk.mounted / "store"], env={**environment, "BENCH_TRACKING": "1"},
            cwd=gates.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    gates.shut("sample")
    running = begin()
    gates.reached("sample")
    wait_until(lambda: any(disk.store.glob(".mlflow.db.*.part")))
    (sender,) = senders_of(disk.mounted / "store")
    halt(sender)
    disk.fill(but=9 * PAGE)
    os.kill(sender, signal.SIGCONT)
    gates.open("sample")
    _, warned = running.communicate()
    assert running.returncode in (1, 3)  # What the tracker gives up may make room for a row.
    assert "MLflow: 2 of 2 results were not sent" in warned
    assert "database or disk is full" in warned, warned
    assert "They are safe in the store" in warned
    disk.clear()
    again = begin()
    _, warned = again.communicate()
    assert again.returncode == 0
    assert "MLflow: 2 results sent to " in warned


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of 64 MB and 500 files; it goes with the process that holds it, however the test ends."""
    place = tmp_path / "disk"
    place.mkdir()
    held = 'mount -t tmpfs -o size=64m,nr_inodes=500 tmpfs "$0" && echo ready && read line'
    # By anybody where users may have namespaces of their own; by root where they may not.
    for flags, enter in (("-rm", ("--user", "--preserve-credentials")), ("-m", ())):
        with subprocess.Popen(
            ["unshare", flags, "sh", "-c", held, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as holder:
            assert holder.stdin is not None
            assert holder.stdout is not None
            if holder.stdout.readline() == "ready\n":
                inside = ("nsenter", "--target", str(holder.pid), "--mount", *enter)
                yield Disk(Path(f"/proc/{holder.pid}/root{place}"), place, inside)
                holder.stdin.close()
                return
    raise AssertionError("no file system can be mounted")
