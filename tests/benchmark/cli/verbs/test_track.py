"""`bench track`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def test_says_what_was_sent_and_what_was_there(bench: Bench, undisturbed: Path, tmp_path: Path) -> None:
    """Twice: everything, then nothing. A database of the user's own choice."""
    uri = f"sqlite:///{tmp_path / 'own.db'}"
    said = bench("track", "--store", undisturbed, "--tracking-uri", uri)
    assert (said.code, said.out) == (0, f"4 results sent to {uri}, 0 were there already.\n")
    said = bench("track", "--store", undisturbed, "--tracking-uri", uri, "--json")
    assert json.loads(said.out) == [{"sent": 0, "there": 4, "failed": 0}]
    assert (tmp_path / "mlflow-artifacts" / "toy").is_dir()
    assert not (undisturbed / "mlflow.db").exists()
    with sqlite3.connect(tmp_path / "own.db") as database:
        found = database.execute("SELECT count(*) FROM tags WHERE key = 'record.toy-distance'").fetchone()
    assert found == (4,)


def test_dead_server_is_status_one_and_no_traceback(bench: Bench, undisturbed: Path, free_port: int) -> None:
    """All results are still to be sent, and one line says why."""
    uri = f"http://127.0.0.1:{free_port}"
    said = bench("track", "--store", undisturbed, "--tracking-uri", uri)
    assert said.code == 1
    assert said.out == f"0 results sent to {uri}, 0 were there already, 4 could not be sent.\n"
    assert said.err == f"note: {uri} does not answer\n"


def test_server_comes_from_the_variable(
    bench: Bench, undisturbed: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow's own variable; its password is not repeated."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://me:secret@127.0.0.1:{free_port}")
    said = bench("track", "--store", undisturbed)
    assert said.code == 1
    assert "***@127.0.0.1" in said.out
    assert "secret" not in said.out + said.err


@pytest.mark.parametrize(
    ("more", "expected"), [([], "There is no store"), (["--tracking-uri", "file:///tmp/x"], "There is no store")]
)
def test_missing_store_is_a_usage_error(bench: Bench, tmp_path: Path, more: list[str], expected: str) -> None:
    """Status 2, and nothing is made."""
    said = bench("track", "--store", tmp_path / "none", *more)
    assert said.code == 2
    assert expected in said.err
    assert not (tmp_path / "none").exists()


@pytest.fixture
def free_port() -> int:
    """A port of this machine where nobody listens."""
    import socket

    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
