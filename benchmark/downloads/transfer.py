"""Bringing a file here: in pieces where the connection is cut, over several commands where need be, verified."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import requests

from benchmark import atomic
from benchmark.contracts.progress import Progress, silent
from benchmark.downloads import answer
from benchmark.downloads.remote import NotFetched, Remote

PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each further try; they begin anew whenever bytes have come."""

_LONGEST_WAIT = 60.0
"""What a busy server may ask for; where it asks for more, its wish is told."""


def bring(remote: Remote, part: Path, *, told: Progress = silent, pauses: Sequence[float] = PAUSES) -> None:
    """Leave a file, whole and verified, at `part`; what lies there already is taken for its beginning.

    Pieces that turn out not to belong together, as where what was there is of another file, are fetched once more from
    the start. Without a digest nothing would tell, so what is there is left unused.

    Args:
        remote: What and where from.
        part: Where it gathers. It stays when fetching fails or is stopped, so that the next call goes on from there;
            a file that is whole and wrong is removed.
        told: Told of every block.
        pauses: Seconds before each further try.

    Raises:
        NotFetched: It cannot be had; the message says why, and ends without a full stop.
        OSError: `part` cannot be written.
    """
    if not remote.digests:
        part.unlink(missing_ok=True)
    for last in (False, True):
        pieced = _gather(remote, part, told, pauses)
        told(_size(part), _size(part), f"verifying {remote.name}")
        wrong = remote.differs(part)
        if wrong is None:
            with part.open("rb") as stream:
                atomic.sync(stream)
            return
        part.unlink()
        if last or not pieced:
            raise NotFetched(f"what {remote.url} sent is not the file it should be: {wrong}. It was removed")


def _gather(remote: Remote, part: Path, told: Progress, pauses: Sequence[float]) -> bool:
    """Fetch what is missing of `part`, however often that takes; return whether it is of several pieces."""
    pieced, left, reached, most = False, list(pauses), False, 0
    with requests.Session() as session:
        while True:
            had = _size(part)
            most = max(most, had)
            if remote.size is not None and had >= remote.size:
                return True
            pieced = pieced or had > 0
            try:
                _receive(session, remote, part, told)
            except answer.Passing as problem:
                left = list(pauses) if _size(part) > most else left
                reached = reached or problem.reached
                if not left or not reached or problem.wait > _LONGEST_WAIT:
                    asked = f" and asks to wait {problem.wait:.0f} s" if problem.wait > _LONGEST_WAIT else ""
                    raise NotFetched(f"{remote.url} could not be fetched: {problem}{asked}") from None
                wait = max(left.pop(0), problem.wait)
                told(_size(part), remote.size or 0, f"{problem}; again in {wait:.0f} s: {remote.name}")
                time.sleep(wait)
            else:
                return pieced


def _receive(session: requests.Session, remote: Remote, part: Path, told: Progress) -> None:
    """Ask once for what is missing, and write what comes."""
    had = _size(part) if remote.digests else 0
    with answer.ask(session, remote, had) as response:
        if response.status_code == 416 and had:
            # There is nothing behind what we have: it is all, or of another file, which verifying will tell.
            if remote.size is not None:
                part.unlink()
                raise answer.Passing(f"{remote.host} has no more than {had:,} bytes")
            return
        done = answer.begins_at(response, remote, had)
        total = remote.size or done + answer.announced(response)
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab" if done else "wb") as stream:
            told(done, total, f"fetching {remote.name}")
            for block in answer.blocks(response, remote):
                stream.write(block)
                done += len(block)
                told(done, total, f"fetching {remote.name}")
                if remote.size is not None and done > remote.size:
                    break  # It has no end of its own, or another; verifying tells which.
    if remote.size is not None and done < remote.size:
        raise answer.Passing(f"the connection to {remote.host} was cut")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
