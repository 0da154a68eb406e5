"""MLflow's own pages: a real process that stands in for MLflow's server, whose start takes tens of seconds."""

from __future__ import annotations

import itertools
import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.tracking import target, ui
from benchmark.tracking.target import VARIABLE, Target

SERVER = """#!{python}
import http.server, json, os, pathlib, signal, subprocess, sys, threading
notes = pathlib.Path({notes!r})
notes.joinpath("words").write_text(json.dumps(sys.argv[1:]))
notes.joinpath("environment").write_text(json.dumps(dict(os.environ)))
worker = subprocess.Popen(["sleep", "600"])
notes.joinpath("worker").write_text(str(worker.pid))
def end(status):
    worker.kill()
    os._exit(status)
{how}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        threading.Thread(target={then}, daemon=True).start()
    def log_message(self, *_): pass
where = dict(zip(sys.argv[1:], sys.argv[2:]))
http.server.HTTPServer((where["--host"], int(where["--port"])), Handler).serve_forever()
"""

Started = Callable[..., int]
Wait = Callable[..., None]


def test_the_servers_end_is_its_status(serve: Started, free_port: int, notes: Path) -> None:
    """It is waited for as long as it runs; the address is told once it answers."""
    said: list[str] = []
    assert serve(then="lambda: end(3)", say=said.append) == 3
    page = f"http://127.0.0.1:{free_port}/#/experiments?workflowType=machine_learning"
    assert said == [f"MLflow shows {_place(notes).shown} at {page} (Ctrl-C stops it)"]


def test_it_is_started_on_the_database_with_its_artifacts(serve: Started, free_port: int, notes: Path) -> None:
    """On the address that was asked for, and no other; under MLflow's own name, from no folder one happens to be in."""
    serve(then="lambda: end(0)")
    words = json.loads((notes / "words").read_text())
    assert words[:4] == ["-P", "-m", "mlflow", "server"]
    where = dict(itertools.pairwise(words))
    assert where["--backend-store-uri"] == f"sqlite:///{notes / 'mlflow.db'}"
    assert where["--artifacts-destination"] == str(notes / "mlflow-artifacts")
    assert (where["--host"], where["--port"]) == ("127.0.0.1", str(free_port))
    environment = json.loads((notes / "environment").read_text())
    assert VARIABLE not in environment
    assert environment["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert environment["PATH"] == os.environ["PATH"]


def test_every_address_is_told_as_this_machines(serve: Started, free_port: int) -> None:
    """Nobody can open 0.0.0.0 in a browser."""
    said: list[str] = []
    serve(then="lambda: end(0)", say=said.append, host="0.0.0.0")
    assert f"at http://127.0.0.1:{free_port}/" in said[0]


def test_ctrl_c_stops_server_and_workers(serve: Started, notes: Path, wait_until: Wait) -> None:
    """Status 0; no process is left."""

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    assert serve(say=stop) == 0
    wait_until(lambda: not _lives(int((notes / "worker").read_text())))


def test_an_error_stops_them_too(serve: Started, notes: Path, wait_until: Wait) -> None:
    """Whatever goes wrong while the server runs."""

    def fail(_: str) -> None:
        raise RuntimeError("no screen")

    with pytest.raises(RuntimeError, match="no screen"):
        serve(say=fail)
    wait_until(lambda: not _lives(int((notes / "worker").read_text())))


def test_a_server_that_ends_at_once_is_one_message(serve: Started, free_port: int) -> None:
    """The address, and where to look for the reason."""
    with pytest.raises(UserError) as raised:
        serve(how="end(1)")
    address = f"http://127.0.0.1:{free_port}"
    assert str(raised.value) == f"MLflow's server did not start on {address}; what it printed stands above."


def test_a_server_that_never_answers_is_given_up_and_stopped(
    serve: Started, notes: Path, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while that a test need not wait for."""
    monkeypatch.setattr(ui, "_START_S", 0.5)
    with pytest.raises(UserError, match="did not start"):
        serve(how="threading.Event().wait()")
    wait_until(lambda: not _lives(int((notes / "worker").read_text())))


@pytest.mark.slow
def test_a_server_that_does_not_end_when_told_is_killed(serve: Started, notes: Path, wait_until: Wait) -> None:
    """Ten seconds after it was asked to."""

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    assert serve(how="signal.signal(signal.SIGTERM, signal.SIG_IGN)", say=stop) == 0
    wait_until(lambda: not _lives(int((notes / "worker").read_text())))


def test_nothing_is_started_on_a_port_that_is_taken(serve: Started, notes: Path, free_port: int) -> None:
    """One message; the database is not even opened."""
    with (
        socket.create_server(("127.0.0.1", free_port)),
        pytest.raises(UserError, match=f"Port {free_port} of 127.0.0.1 cannot be used: .* Choose another with --port"),
    ):
        serve()
    assert not (notes / "words").exists()


def test_a_free_port_stays_free(free_port: int) -> None:
    """Looking does not take it; one that was left just now counts as free."""
    assert ui.require_free("127.0.0.1", free_port) is None
    listening = socket.create_server(("127.0.0.1", free_port))
    with listening, socket.create_connection(("127.0.0.1", free_port)):
        listening.accept()[0].close()
    assert ui.require_free("127.0.0.1", free_port) is None


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("no-such-host.invalid", 5000, ""),
        ("192.0.2.1", 5000, "Cannot assign requested address"),
        ("127.0.0.1", 70000, "port must be 0-65535"),
    ],
)
def test_addresses_that_cannot_be(host: str, port: int, reason: str) -> None:
    """A name nobody knows, an address of another machine, a port beyond the last: one message each."""
    with pytest.raises(UserError, match=f"Port {port} of {host} cannot be used: .*{reason}.* Choose another"):
        ui.require_free(host, port)


def _lives(process: int) -> bool:
    """Tell whether a process runs; one that has ended but that nobody asked for its status does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _place(store: Path) -> Target:
    return target.resolve(store, None)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The store, in which the server notes how it was called."""
    return tmp_path


@pytest.fixture
def serve(notes: Path, free_port: int, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Serves a database by a program that does what it is told at its start (`how`) and when it was asked (`then`)."""

    def start(
        how: str = "", then: str = "lambda: None", host: str = "127.0.0.1", say: Callable[[str], None] = lambda _: None
    ) -> int:
        program = notes / "program"
        program.write_text(SERVER.format(python=sys.executable, notes=str(notes), how=how, then=then))
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        monkeypatch.setenv(VARIABLE, "https://me:secret@tracker")
        return ui.serve(_place(notes), host=host, port=free_port, say=say)

    return start
