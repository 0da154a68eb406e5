"""`bench ui`."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def test_port_that_is_taken_is_one_message(bench: Bench, tracked: Path) -> None:
    """Status 2, and which option helps."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = bench("ui", "--store", tracked, "--port", port)
    assert said.code == 2
    assert (
        said.err
        == f"Error: Port {port} of 127.0.0.1 cannot be used: Address already in use. Choose another with --port.\n"
    )


def test_server_is_named_where_one_is_used(bench: Bench, tracked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started then; a password stays unsaid."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://me:secret@tracker/base")
    said = bench("ui", "--store", tracked)
    assert said.code == 0
    assert "https://***@tracker/base, by MLFLOW_TRACKING_URI" in said.out


def test_store_that_was_never_tracked_says_what_to_do(bench: Bench, undisturbed: Path) -> None:
    """An empty page would help nobody."""
    said = bench("ui", "--store", undisturbed)
    assert said.code == 2
    assert f"bench track --store {undisturbed}" in said.err


@pytest.mark.slow
def test_pages_are_served_until_ctrl_c(command: list[str], undisturbed: Path, wait_until: Bench) -> None:
    """The address is printed once it answers; Ctrl-C ends the server and its workers, with status 0."""
    subprocess.run([*command, "track", "--store", undisturbed], check=True, capture_output=True, timeout=120)
    with socket.create_server(("127.0.0.1", 0)) as trial:
        port = trial.getsockname()[1]
    words = ["ui", "--store", str(undisturbed), "--port", str(port)]
    pages = subprocess.Popen(
        [*command, *words], stderr=subprocess.PIPE, text=True,
        # A shell that starts the tests in the background lets them, and so this, ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    assert pages.stderr is not None
    address = f"http://127.0.0.1:{port}"
    shown = next(line for line in pages.stderr if line.startswith("MLflow shows"))
    assert f" at {address}/#/experiments?workflowType=machine_learning (" in shown
    with urllib.request.urlopen(address, timeout=30) as page:
        assert b"MLflow" in page.read()
    pages.send_signal(signal.SIGINT)
    assert pages.wait(60) == 0
    pages.stderr.close()
    wait_until(lambda: not _listens(port))


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def tracked(undisturbed: Path) -> Path:
    """A store with a database; what is in it is no concern of these tests."""
    (undisturbed / "mlflow.db").touch()
    return undisturbed


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own server is no concern of these tests."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
