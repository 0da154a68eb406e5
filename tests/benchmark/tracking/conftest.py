"""Fixtures for the tests of tracking: a store with results, an MLflow database, a real MLflow server."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.store.store import Store
from benchmark.tracking import probe, target
from benchmark.tracking.client import Client
from benchmark.tracking.courier import Courier
from benchmark.tracking.journal import Journal
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.target import Target


@pytest.fixture(autouse=True)
def _no_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are of tracking: it is on, and goes into the store unless a test says otherwise."""
    monkeypatch.delenv("BENCH_TRACKING", raising=False)
    monkeypatch.delenv(target.VARIABLE, raising=False)


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow database; laying one out takes seconds, so tests get copies of this one."""
    store = tmp_path_factory.mktemp("laid-out")
    Client(target.resolve(store, None))
    return store / "mlflow.db"


@pytest.fixture
def place(undisturbed: Path, laid_out: Path) -> Target:
    """The database of a store with a finished run of the toy suite; nothing is tracked yet."""
    shutil.copy(laid_out, undisturbed)
    return target.resolve(undisturbed, None)


@pytest.fixture
def store(place: Target) -> Path:
    """The folder of that store."""
    return place.store


@pytest.fixture
def connect() -> Callable[..., Courier]:
    """Makes a courier for a tracking place."""

    def make(place: Target, **more: Any) -> Courier:
        journal = Journal(place.store)
        journal.refresh()
        return Courier(place, Client(place), journal, Store.existing(place.store), Ledger(place), **more)

    return make


@pytest.fixture
def courier(place: Target, connect: Callable[..., Courier]) -> Courier:
    """A courier between the store and its own database."""
    return connect(place)


@pytest.fixture
def seen() -> Callable[..., list[Any]]:
    """The runs of an experiment as MLflow's own client finds them: those of rows, or all of them."""

    def read(uri: str, experiment: str = "toy", *, everything: bool = False) -> list[Any]:
        import mlflow

        client = mlflow.MlflowClient(tracking_uri=uri)
        found = client.get_experiment_by_name(experiment)
        if found is None:
            return []
        runs = client.search_runs([found.experiment_id], max_results=1000)
        return [run for run in runs if everything or "histobench.row" in run.data.tags]

    return read


@pytest.fixture
def require_once(seen: Callable[..., list[Any]]) -> Callable[[str, Path], None]:
    """Checks that every record of a store is in exactly one run, and every run is complete and below one parent."""

    def check(uri: str, store: Path) -> None:
        runs = seen(uri, everything=True)
        rows = [run for run in runs if "histobench.row" in run.data.tags]
        parents = {run.info.run_id: run for run in runs if "histobench.invocation" in run.data.tags}
        digests = [text for run in rows for key, text in run.data.tags.items() if key.startswith("record.")]
        assert sorted(digests) == sorted(record.digest for record in files.read_all(store))
        assert {run.data.tags["histobench.sent"] for run in rows} == {"complete"}
        assert {run.data.tags["histobench.files"] for run in rows} == {"sent"}
        assert all(run.data.tags["mlflow.parentRunId"] in parents for run in rows)
        names = [run.data.tags["histobench.invocation"] for run in parents.values()]
        assert len(set(names)) == len(names)
        assert len(runs) == len(rows) + len(parents)

    return check


@pytest.fixture
def record(store: Path) -> Record:
    """The record of the fitted toy generator."""
    return next(one for one in files.read_all(store) if one.variant.name == "toy-fitted")


@pytest.fixture
def remade() -> Callable[..., Record]:
    """A record as another task, or later code, would have left it."""

    def make(record: Record, **changes: Any) -> Record:
        if "task" in changes:
            changes["task"] = record.task.model_copy(update={"name": changes["task"]})
        for key in ("value", "metric"):
            if key in changes:
                told = {key: changes.pop(key)}
                values = changes.get("values", record.values)
                changes["values"] = tuple(dataclasses.replace(one, **told) for one in values)
        return record.model_copy(update=changes)

    return make


@pytest.fixture
def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def black_hole() -> Iterator[str]:
    """The URI of a server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        kept: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listening.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    for connection in kept:
        connection.close()


class Server:
    """A real MLflow server on this machine."""

    def __init__(self, folder: Path, port: int) -> None:
        """Know where; `start` starts it."""
        self.folder, self.uri, self._port = folder, f"http://127.0.0.1:{port}", port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def database(self) -> str:
        """Its database, to look into when the server is dead."""
        return f"sqlite:///{self.folder / 'mlflow.db'}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [
                sys.executable, "-P", "-m", "mlflow", "server", "--backend-store-uri", self.database,
                "--artifacts-destination", str(self.folder / "artifacts"),
                "--host", "127.0.0.1", "--port", str(self._port), "--workers", "1",
            ],
            cwd=self.folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"},
        )  # fmt: skip
        deadline = time.monotonic() + 120
        while not probe.answers(Target(self.folder, self.uri, None), within_s=2):
            assert self._process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.2)

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill it and its workers, or stop them in their tracks."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, how)
            if how is signal.SIGKILL:
                self._process.wait(30)


@pytest.fixture
def server(tmp_path: Path, laid_out: Path, free_port: int) -> Iterator[Server]:
    """A running MLflow server with an empty database."""
    folder = tmp_path / "server"
    folder.mkdir()
    shutil.copy(laid_out, folder)
    made = Server(folder, free_port)
    made.start()
    yield made
    made.kill()
