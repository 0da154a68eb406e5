"""The forwarder: real runs, real processes, and servers that are dead, silent, killed and back again."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmark.records import files
from benchmark.tracking import forwarder, target
from benchmark.tracking.forwarder import Forwarder
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.target import Target

Bench = Callable[..., Any]
Once = Callable[[str, Path], None]
Records = Callable[[Path], dict[str, Any]]


def test_run_is_tracked_and_a_finished_one_needs_no_mlflow(
    bench_process: Bench,
    new_store: Path,
    spy: Callable[[], int],
    undisturbed: Path,
    records_of: Records,
    require_once: Once,
) -> None:
    """The records are those of a run without tracking, each is in the store's database once, and that was that."""
    said = bench_process("run", "--suite", "toy", "--store", new_store)
    place = target.resolve(new_store, None)
    assert said.code == 0
    assert f"MLflow: 4 results sent to {place.uri}." in said.err
    assert spy() == 1
    require_once(place.uri, new_store)
    assert records_of(new_store) == records_of(undisturbed)
    again = bench_process("run", "--suite", "toy", "--store", new_store)
    assert (again.code, again.err) == (0, "")
    assert spy() == 1


def test_light_commands_and_untracked_runs_import_no_mlflow(
    bench_process: Bench, tmp_path: Path, spy: Callable[[], int]
) -> None:
    """Help, lists, plans and a run with tracking off leave MLflow alone."""
    store = tmp_path / "new"
    for call in (["--help"], ["list", "suites"], ["run", "--suite", "toy", "--store", store, "--dry-run"]):
        assert bench_process(*call).code == 0
    assert bench_process("run", "--suite", "toy", "--store", store, "--no-tracking").code == 0
    assert spy() == 0
    assert not (store / "mlflow.db").exists()
    assert not (store / "tracking").exists()


def test_dead_server_costs_no_result(
    bench_process: Bench, tmp_path: Path, free_port: int, undisturbed: Path, records_of: Records
) -> None:
    """Where nobody listens the run ends as ever, and says how to send its results later."""
    store, uri = tmp_path / "new", f"http://127.0.0.1:{free_port}"
    said = bench_process("run", "--suite", "toy", "--store", store, "--tracking-uri", uri, "-q")
    assert said.code == 0
    assert records_of(store) == records_of(undisturbed)
    assert f"4 of 4 results were not sent to {uri}" in said.err
    assert shlex.split(said.err.splitlines()[-1]) == ["bench", "track", "--store", str(store), "--tracking-uri", uri]


def test_wrong_tracking_uri_is_said_before_any_work(bench: Bench, tmp_path: Path) -> None:
    """A folder is no tracking place: status 2, nothing made."""
    said = bench("run", "--suite", "toy", "--store", tmp_path / "new", "--tracking-uri", "./mlruns")
    assert said.code == 2
    assert "Expected a database" in said.err
    assert not (tmp_path / "new").exists()


def test_waits_stay_below_ten_seconds() -> None:
    """What a server that dies after the run's end costs at most."""
    assert forwarder.PATIENCE_S + forwarder.PROBE_S < 10


def test_black_hole_is_asked_once(
    store: Path, black_hole: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A command of several suites waits for a silent server once, not once a suite."""
    asked = []
    monkeypatch.setattr(forwarder, "PROBE_S", 0.1)
    answers = forwarder.probe.answers
    monkeypatch.setattr(forwarder.probe, "answers", lambda *a, **k: asked.append(1) or answers(*a, **k))
    place = Target(store, black_hole, "--tracking-uri")
    for _ in range(3):
        with forwarder.following(place, _log(store), data_root=None, quiet=True):
            pass
    assert len(asked) == 1
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 6
    assert all("4 of 4 results were not sent" in line for line in said[::2])


def test_sender_of_a_living_server_is_given_time_and_not_for_ever(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that says nothing is waited for, with a word, until the limit; then it is killed."""
    monkeypatch.setattr(forwarder, "PATIENCE_S", 0.2)
    monkeypatch.setattr(forwarder, "LIMIT_S", 0.6)
    monkeypatch.setattr(sys, "executable", _program(store, "sleep 600"))
    said: list[str] = []
    watching = Forwarder(target.resolve(store, None), _log(store), None)
    watching.start()
    watching.finish(said.append, quiet=True)
    assert "still sending" in said[0]
    assert "4 of 4 results were not sent" in said[1]
    assert "(it took nothing for 1 s)" in said[1]
    assert watching._sender is not None
    assert watching._sender.returncode == -signal.SIGKILL


def test_sender_that_cannot_work_is_named(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that breaks off at once costs no wait."""
    monkeypatch.setattr(sys, "executable", _program(store, "exit 7"))
    said: list[str] = []
    watching = Forwarder(target.resolve(store, None), _log(store), None)
    watching.start()
    watching.finish(said.append, quiet=True)
    assert "(the sender broke off with status 7)" in said[0]
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    watching = Forwarder(target.resolve(store, None), _log(store), None)
    watching.start()
    watching.finish(said.append, quiet=True)
    assert "the sender could not be started" in said[1]


def test_error_in_the_run_stops_the_sender(store: Path, monkeypatch: pytest.MonkeyPatch, wait_until: Bench) -> None:
    """Ctrl-C and errors pass through at once, and leave no process."""
    made: list[subprocess.Popen[str]] = []
    popen = subprocess.Popen
    monkeypatch.setattr(sys, "executable", _program(store, "sleep 600"))
    monkeypatch.setattr(subprocess, "Popen", lambda *a, **k: made.append(popen(*a, **k)) or made[-1])
    place = target.resolve(store, None)

    def stopped_run() -> None:
        with forwarder.following(place, _log(store), data_root=None, quiet=True):
            wait_until(lambda: bool(made))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_run()
    wait_until(lambda: made[0].poll() is not None)


def test_what_is_noted_as_sent_starts_no_sender(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The note is enough to know that there is nothing to do."""
    place = target.resolve(store, None)
    Ledger(place).add(record.digest for record in files.read_all(store))
    monkeypatch.setattr(subprocess, "Popen", None)
    text = _log(store).read_text().splitlines(keepends=True)
    only_records = store / "events" / "again.jsonl"
    only_records.write_text("".join(line for line in text if '"step_started"' not in line))
    said: list[str] = []
    watching = Forwarder(place, only_records, None)
    watching.start()
    watching.finish(said.append, quiet=False)
    assert said == []


@pytest.mark.slow
def test_black_hole_costs_no_result(
    bench_process: Bench, tmp_path: Path, black_hole: str, undisturbed: Path, records_of: Records
) -> None:
    """A server that accepts and never answers."""
    store = tmp_path / "new"
    said = bench_process("run", "--suite", "toy", "--store", store, "--tracking-uri", black_hole)
    assert said.code == 0
    assert "4 of 4 results were not sent" in said.err
    assert records_of(store) == records_of(undisturbed)


@pytest.mark.slow
def test_real_server_gets_everything(
    bench_process: Bench, server: Any, tmp_path: Path, seen: Bench, require_once: Once, undisturbed: Path
) -> None:
    """Over HTTP, artifacts included; what failed is a FAILED run with its reason; `bench track` has nothing to add."""
    store = tmp_path / "new"
    call = ("run", "--suite", "toy", "-g", "toy-fitted", "-g", "toy-diverging", "--store", store)
    said = bench_process(*call, "--tracking-uri", server.uri)
    assert said.code == 1
    assert f"MLflow: 2 results sent to {server.uri}." in said.err
    require_once(server.uri, store)
    found = {run.info.run_name: run for run in seen(server.uri)}
    failed = found["toy-diverging, seed 0"]
    assert failed.info.status == "FAILED"
    assert failed.data.tags["error.toy-distance"].startswith("fit toy-diverging, seed 0: Diverged: loss is nan")
    sent = list((server.folder / "artifacts").rglob("toy-distance.json"))
    assert sorted(path.read_bytes() for path in sent) == sorted(
        path.read_bytes() for path in (store / "records").rglob("*.json")
    )
    again = bench_process("track", "--store", store, "--tracking-uri", server.uri)
    assert again.out == f"0 results sent to {server.uri}, 2 were there already.\n"


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_server_that_dies_mid_run_is_caught_up_with_later(
    command: list[str], server: Any, tmp_path: Path, how: signal.Signals, wait_until: Bench, require_once: Once
) -> None:
    """Killed, or frozen, after the first row: the run ends well, and the command it names sends the rest, once."""
    store = tmp_path / "new"
    seeds = [word for seed in range(8) for word in ("--seed", str(seed))]
    words = ["run", "--suite", "toy", "-g", "toy-slow", *seeds, "--store", str(store), "--tracking-uri", server.uri]
    run = subprocess.Popen([*command, *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    place = target.resolve(store, server.uri)
    wait_until(lambda: any((store / "tracking").glob("*.sent")) and Path(Ledger(place)._path).exists())
    server.kill(how)
    _, errors = run.communicate(timeout=120)
    assert run.returncode == 0, errors
    assert "8 of" not in errors.split("MLflow:")[1].split("results")[0].replace("of 8", "")
    assert "results were not sent" in errors
    server.kill(signal.SIGKILL)
    server.start()
    later = shlex.split(errors.splitlines()[-1])
    assert later[:2] == ["bench", "track"]
    done = subprocess.run([*command, *later[1:]], capture_output=True, text=True, timeout=120, check=True)
    assert " results sent to " in done.stdout
    require_once(server.uri, store)
    again = subprocess.run([*command, *later[1:]], capture_output=True, text=True, timeout=120, check=True)
    assert again.stdout == f"0 results sent to {server.uri}, 8 were there already.\n"


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["run", "sender"])
def test_killed_run_or_sender_is_caught_up_with_later(
    command: list[str], new_store: Path, victim: str, wait_until: Bench, require_once: Once
) -> None:
    """SIGKILL in the middle: whatever was sent by then, `bench track` leaves each record there once."""
    seeds = [word for seed in range(6) for word in ("--seed", str(seed))]
    words = ["run", "--suite", "toy", "-g", "toy-slow", *seeds, "--store", str(new_store), "-q"]
    run = subprocess.Popen([*command, *words], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    place = target.resolve(new_store, None)
    wait_until(lambda: Ledger(place)._path.exists())
    os.kill(run.pid if victim == "run" else _sender_of(run.pid), signal.SIGKILL)
    run.communicate(timeout=120)
    assert run.returncode == (-signal.SIGKILL if victim == "run" else 0)
    for sent in (True, False):
        done = subprocess.run(
            [*command, "track", "--store", str(new_store)], capture_output=True, text=True, timeout=120, check=True
        )
        assert sent or done.stdout.startswith("0 results sent")
    require_once(place.uri, new_store)


@pytest.mark.slow
def test_two_processes_lay_out_one_database_and_send_once(
    command: list[str], undisturbed: Path, require_once: Once
) -> None:
    """Started at the same moment on a store that was never tracked."""
    track = [*command, "track", "--store", str(undisturbed), "--json"]
    both = [subprocess.Popen(track, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for one in both:
        one.communicate(timeout=120)
    assert [one.returncode for one in both] == [0, 0]
    require_once(target.resolve(undisturbed, None).uri, undisturbed)


def _log(store: Path) -> Path:
    return next((store / "events").glob("2*.jsonl"))


def _program(store: Path, does: str) -> str:
    """Return a program that stands in for Python."""
    path = store.parent / "program"
    path.write_text(f"#!/bin/sh\nexec {does}\n" if does.startswith("sleep") else f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return str(path)


def _sender_of(pid: int) -> int:
    """Return the process that a run started to send its records."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == pid and b"benchmark.tracking.sender" in command:
            return int(entry.name)
    raise AssertionError("the run has no sender")


@pytest.fixture(autouse=True)
def _nobody_was_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts as a new process would."""
    monkeypatch.setattr(forwarder, "_SILENT", set())


@pytest.fixture
def new_store(tmp_path: Path, undisturbed: Path, laid_out: Path) -> Path:
    """A store without any work, and an MLflow database that is laid out."""
    store = tmp_path / "new"
    store.mkdir()
    shutil.copy(undisturbed / "store.json", store)
    shutil.copy(laid_out, store)
    return store


@pytest.fixture
def spy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Counts the processes that import MLflow."""
    folder, notes = tmp_path / "spy", tmp_path / "notes"
    folder.mkdir()
    notes.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import os, sys\n"
        "class Spy:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'mlflow':\n"
        f"            open(os.path.join({str(notes)!r}, str(os.getpid())), 'w').close()\n"
        "sys.meta_path.insert(0, Spy())\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ["PYTHONPATH"]]))
    return lambda: len(list(notes.iterdir()))
