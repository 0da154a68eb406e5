"""Whether a server answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from benchmark.tracking import probe
from benchmark.tracking.target import Target


def test_refused_and_silent_servers_do_not_answer(tmp_path: Path, free_port: int, black_hole: str) -> None:
    """A closed port, and one that accepts and says nothing."""
    assert not probe.answers(Target(tmp_path, f"http://127.0.0.1:{free_port}", None), within_s=5)
    assert not probe.answers(Target(tmp_path, black_hole, None), within_s=0.2)
    assert not probe.answers(Target(tmp_path, f"postgresql://127.0.0.1:{free_port}/runs", None), within_s=5)


@pytest.mark.parametrize(("status", "expected"), [(200, True), (401, True), (404, True), (502, False)])
def test_any_answer_but_a_failure_counts(tmp_path: Path, answering: list[int], status: int, expected: bool) -> None:
    """A server that asks for a password is alive; a proxy without its server is not."""
    port = answering[0]
    answering.append(status)
    assert probe.answers(Target(tmp_path, f"http://me:secret@127.0.0.1:{port}/base/", None), within_s=5) is expected


def test_database_file_always_answers(tmp_path: Path) -> None:
    """There is nobody to wait for."""
    assert probe.answers(Target(tmp_path, "sqlite:////nowhere/mlflow.db", None), within_s=0.01)


def test_name_without_a_host_is_silent(tmp_path: Path) -> None:
    """A scheme that cannot be asked in a plain way counts as silent."""
    assert not probe.answers(Target(tmp_path, "databricks", None), within_s=1)


@pytest.fixture
def answering() -> Iterator[list[int]]:
    """A web server: its port, and the status it answers with, which the test appends."""
    told: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(told[1] if self.path == "/base/health" else 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        told.append(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield told
        server.shutdown()
