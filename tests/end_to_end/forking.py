"""`bench` without the price of its imports: a process that has paid it once and forks for every command it is told.

What a command meets is that of a process of its own: arguments, folder, environment, standard streams, session, status.
Reads one JSON object a line and answers each with one.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any


def main() -> None:
    """Import the modules named on the command line, then serve until standard input ends."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        answer = _poll(order["poll"]) if "poll" in order else _start(order)
        print(json.dumps(answer), flush=True)


def _start(order: dict[str, Any]) -> int:
    """Fork a command; return its process id."""
    child = os.fork()
    if child == 0:
        _become(order)
        from benchmark.cli.main import main as bench

        bench()
        sys.exit(0)
    return child


def _poll(child: int) -> int | None:
    """Return the status of a command, negative for the signal that ended it; None while it runs."""
    found, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _become(order: dict[str, Any]) -> None:
    os.setsid()
    os.chdir(order["cwd"])
    for number, (place, flags) in enumerate(
        [(os.devnull, os.O_RDONLY), (order["out"], os.O_WRONLY), (order["err"], os.O_WRONLY)]
    ):
        os.dup2(os.open(place, flags | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(order["environment"])
    # A shell that starts something in the background lets it ignore Ctrl-C; a command in the foreground does not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["bench", *order["arguments"]]


if __name__ == "__main__":
    main()
