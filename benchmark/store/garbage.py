"""What a store can do without."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

from benchmark.errors import UserError
from benchmark.events import log
from benchmark.store.store import Store
from benchmark.store.usage import bytes_of

RUN_LEASE = "run-"
"""Begins the name of the lease that a run holds from its beginning to its end."""


@dataclass(frozen=True)
class Garbage:
    """A folder that may go."""

    what: str
    """For people."""
    folder: Path
    key: str | None
    """The step's key, where a worker could be at it."""
    bytes: int


def find(store: Store, *, unfinished: bool = False) -> list[Garbage]:
    """Return the steps no record stands on, work nobody is at, and damaged output that was set aside.

    Args:
        store: The store.
        unfinished: Whether what stopped runs had done, from which the same command would go on, counts as well.

    Raises:
        UserError: If a run is under way, whose finished steps no record names yet, or a record cannot be read.
    """
    _require_no_run(store)
    kept = _keys_of_records(store.root) | (set() if unfinished else _keys_of_stopped_runs(store.root))
    found = [
        Garbage(f"{kind} {key[:12]}", folder, None, bytes_of(folder))
        for kind, key, folder in store.objects()
        if key not in kept
    ]
    for work in sorted((store.root / "work").glob("*")):
        if work.name not in kept and not _in_use(store, work.name):
            found.append(Garbage(f"abandoned work {work.name[:12]}", work, work.name, bytes_of(work)))
    for aside in sorted((store.root / "damaged").glob("*")):
        found.append(Garbage(f"set aside {aside.name}", aside, None, bytes_of(aside)))
    return found


def remove(store: Store, garbage: list[Garbage]) -> None:
    """Remove what was found, unless a worker has taken it up since.

    Raises:
        UserError: If some of it stayed; all else is gone.
    """
    stayed: list[Path] = []
    for item in garbage:
        with _holding(store, item.key) as is_free:
            if is_free:
                shutil.rmtree(item.folder, ignore_errors=True)
                stayed += [item.folder] if item.folder.exists() else []
    if stayed:
        raise UserError(
            f"{len(stayed)} of {len(garbage)} could not be removed, {stayed[0]} for one. Look who may write there."
        )


def _keys_of_records(root: Path) -> set[str]:
    """Return the keys of all steps that records name, read as plain JSON so that old schemas count too."""
    keys: set[str] = set()
    for path in sorted((root / "records").rglob("*.json")):
        try:
            keys |= {step["key"] for step in json.loads(path.read_text(encoding="utf-8"))["steps"]}
        except OSError as error:
            raise UserError(f"{path} cannot be read, so what it stands on is not known: {error.strerror}.") from None
        except (ValueError, TypeError, KeyError, RecursionError):
            raise UserError(f"{path} is no record, so what it stands on is not known. Mend or remove it.") from None
    return keys


def _keys_of_stopped_runs(root: Path) -> set[str]:
    """Return the keys of all steps that runs without an end had begun, finished or found finished."""
    keys: set[str] = set()
    for path in sorted((root / "events").glob("*.jsonl")):
        events = list(log.read(path))
        if all(event.kind != "run_finished" for event in events):
            keys |= {event.data["key"] for event in events if "key" in event.data}
    return keys


def _require_no_run(store: Store) -> None:
    for path in (store.root / "leases").glob(f"{RUN_LEASE}*"):
        if _in_use(store, path.name):
            raise UserError(
                f"The run {path.name.removeprefix(RUN_LEASE)} is under way in this store. Try again when it has ended."
            )
        path.unlink(missing_ok=True)


def _in_use(store: Store, key: str) -> bool:
    with _holding(store, key) as is_free:
        return not is_free


@contextlib.contextmanager
def _holding(store: Store, key: str | None) -> Iterator[bool]:
    """Hold a lease while the block runs if nobody else does, and tell whether that is so; no key, no lease."""
    if key is None:
        yield True
        return
    lock = filelock.FileLock(store.root / "leases" / key)
    try:
        lock.acquire(timeout=0)
    except (filelock.Timeout, OSError):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
