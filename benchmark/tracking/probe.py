"""Whether a server answers, asked without MLflow and within a stated time."""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from benchmark.tracking.target import Target

_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def answers(target: Target, *, within_s: float) -> bool:
    """Tell whether something answers where results are sent.

    A local database always does. What cannot be asked in a plain way counts as silent.

    Args:
        target: Where to ask.
        within_s: Longest wait in seconds, the look-up of the name included.
    """
    if target.database is not None:
        return True
    heard: list[bool] = []
    # Looking up a name knows no time limit, so that the asking is left behind when time is up.
    asking = threading.Thread(target=lambda: heard.append(_ask(target.uri, within_s)), daemon=True)
    asking.start()
    asking.join(within_s)
    return heard == [True]


def _ask(uri: str, within_s: float) -> bool:
    parts = urlsplit(uri)
    if not parts.hostname:
        return False
    if not parts.scheme.startswith("http"):
        return _opens(parts.hostname, parts.port or _PORTS.get(parts.scheme.split("+")[0], 0), within_s)
    # User and password are left out: to be refused is an answer too.
    place = f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}{parts.path.rstrip('/')}/health"
    try:
        with urllib.request.urlopen(place, timeout=within_s):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False


def _opens(host: str, port: int, within_s: float) -> bool:
    try:
        with socket.create_connection((host, port), timeout=within_s):
            return True
    except OSError:
        return False
