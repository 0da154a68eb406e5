"""MLflow's own pages on a database: ``bench ui``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from benchmark.errors import UserError
from benchmark.tracking import probe
from benchmark.tracking.client import surroundings
from benchmark.tracking.target import VARIABLE, Target

_START_S = 120.0


_EXPERIMENTS = "/#/experiments?workflowType=machine_learning"
"""MLflow's pages for trained models; without it a browser that never saw MLflow opens those for language models."""


def serve(place: Target, *, host: str, port: int, say: Callable[[str], None]) -> int:
    """Run MLflow's server on a database until it is stopped.

    Args:
        place: The database.
        host: Address to listen on.
        port: Port to listen on.
        say: Takes a line for people.

    Returns:
        The server's exit status; 0 after Ctrl-C.

    Raises:
        UserError: If the port is taken or the server does not start.
    """
    require_free(host, port)
    server = subprocess.Popen(_command(place, host, port), env=_environment(), start_new_session=True)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
    try:
        _await(server, Target(place.store, address, None))
        say(f"MLflow shows {place.shown} at {address}{_EXPERIMENTS} (Ctrl-C stops it)")
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(server)


def require_free(host: str, port: int) -> None:
    """Refuse a port that is taken.

    Raises:
        UserError: If nothing can listen there.
    """
    try:
        family = socket.getaddrinfo(host, port)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"Port {port} of {host} cannot be used: {reason}. Choose another with --port.") from None


def _command(place: Target, host: str, port: int) -> list[str]:
    return [
        sys.executable, "-P", "-m", "mlflow", "server",
        "--backend-store-uri", place.uri,
        "--artifacts-destination", str(place.artifacts),
        "--host", host, "--port", str(port), "--workers", "1",
        "--uvicorn-opts", "--log-level warning",
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    quiet = {"MLFLOW_LOGGING_LEVEL": "WARNING", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    return {key: text for key, text in os.environ.items() if key != VARIABLE} | surroundings(30, 2) | quiet


def _await(server: subprocess.Popen[bytes], place: Target) -> None:
    end = time.monotonic() + _START_S
    while not probe.answers(place, within_s=2.0):
        if server.poll() is not None or time.monotonic() > end:
            raise UserError(f"MLflow's server did not start on {place.uri}; what it printed stands above.")
        time.sleep(0.2)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End the server and the workers it started, which share its session."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
