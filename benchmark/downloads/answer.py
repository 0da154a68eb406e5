"""What a server answers to the request for a file, or for the rest of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import requests
import urllib3

from benchmark.downloads.remote import NotFetched, Remote

_BLOCK = 1 << 18
_SECONDS = (20.0, 60.0)
"""How long a connection, and then each piece of an answer, is waited for."""
_BUSY = (408, 425, 429, 500, 502, 503, 504)
"""Statuses that may be others in a while."""


class Passing(Exception):
    """Something that may go otherwise the next time."""

    def __init__(self, reason: str, *, wait: float = 0.0, reached: bool = True) -> None:
        """Keep the reason, how long the server asks to wait, and whether there was a server at all."""
        super().__init__(reason)
        self.wait = wait
        self.reached = reached


def ask(session: requests.Session, remote: Remote, start: int) -> requests.Response:
    """Ask for a file from a byte on.

    Raises:
        Passing: Nobody answers, or not in time.
        NotFetched: The address is none, or the server is not who it says.
    """
    # Bytes are wanted as they lie there: unpacked on the way, they would match neither size nor digest.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    try:
        return session.get(remote.url, headers=headers, stream=True, timeout=_SECONDS)
    except requests.exceptions.SSLError as error:
        raise NotFetched(f"{remote.url}: {remote.host} cannot prove who it is: {_root_of(error)}") from None
    except requests.exceptions.ReadTimeout:
        raise Passing(f"{remote.host} did not answer in {_SECONDS[1]:.0f} s") from None
    except requests.exceptions.ConnectionError as error:
        raise Passing(_unreachable(remote, error), reached=False) from None
    except requests.exceptions.RequestException as error:
        raise NotFetched(f"{remote.url} cannot be asked for: {error}") from None


def begins_at(answer: requests.Response, remote: Remote, asked: int) -> int:
    """Return the byte with which the answer begins: the one asked for, or 0 from a server that gives only the whole.

    Raises:
        Passing: The server is busy, or has another part for us.
        NotFetched: It refuses, has no such file, or one of another size.
    """
    status = answer.status_code
    if status in _BUSY:
        raise Passing(f"{remote.host} answers {_named(status)}", wait=_asked_to_wait(answer))
    if status not in (200, 206):
        why = "has no such file" if status in (404, 410) else "refuses" if status in (401, 403) else "does not give it"
        raise NotFetched(f"{remote.url}: {remote.host} {why} ({_named(status)})", status=status)
    start, whole = 0, answer.headers.get("Content-Length")
    if status == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
        if found is None or int(found[1]) != asked:
            raise Passing(f"{remote.host} gave another part than was asked for")
        start, whole = asked, found[2]
    if remote.size is not None and whole is not None and whole.isdecimal() and int(whole) != remote.size:
        raise NotFetched(
            f"{remote.url}: {remote.host} has {int(whole):,} bytes under this address, expected {remote.size:,}: it is "
            "another file, or a page of the network's own, such as one to log in"
        )
    return start


def announced(answer: requests.Response) -> int:
    """Return how many bytes an answer says it has, or 0."""
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdecimal() else 0


def blocks(answer: requests.Response, remote: Remote) -> Iterator[bytes]:
    """Yield the bytes of an answer as they come.

    Raises:
        Passing: It ends before it should, or nothing comes for a while.
    """
    try:
        yield from answer.raw.stream(_BLOCK, decode_content=False)
    except urllib3.exceptions.HTTPError as error:
        what = "was silent for too long" if isinstance(error, urllib3.exceptions.ReadTimeoutError) else "was cut"
        raise Passing(f"the connection to {remote.host} {what}") from None


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _asked_to_wait(answer: requests.Response) -> float:
    """Return the seconds a busy server asks for; a date, the other form, is not read, and our own pause stands."""
    asked = answer.headers.get("Retry-After", "").strip()
    return float(asked) if asked.isascii() and asked.isdecimal() else 0.0


def _unreachable(remote: Remote, error: requests.exceptions.ConnectionError) -> str:
    reason = _root_of(error)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return f"the name {remote.host} is not known here (no network?)"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy in front of {remote.host} cannot be used: {reason}"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"{remote.host} did not answer in {_SECONDS[0]:.0f} s"
    return f"{remote.host} cannot be reached: {str(reason).rpartition(': ')[2]}"


def _root_of(error: requests.exceptions.RequestException) -> object:
    """Return what urllib3 says below requests' own words."""
    inner = error.args[0] if error.args else error
    return getattr(inner, "reason", inner)
