"""Digests of files, remembered by path, size, modification time and inode."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmark import digests
from benchmark.errors import UserError

_BLOCK = 1000
"""Files that are remembered in one transaction."""


class DigestMemo:
    """Hashes a file once, and again only when its size, time or inode has changed."""

    def __init__(self, database: Path | None) -> None:
        """Open the memo, a SQLite file that is made when missing; None to hash every time."""
        self._database = database
        if database is None:
            return
        try:
            with self._connect() as connection:
                connection.execute(
                    "create table if not exists digests (path text primary key, state text, digest text)"
                )
        except sqlite3.Error as error:
            raise UserError(
                f"{database} cannot be used: {error}. It only remembers digests: delete it if it is damaged, "
                "or free some space if the disk is full."
            ) from None

    def of_file(self, path: Path) -> str:
        """Return the digest of a file."""
        if self._database is None:
            return digests.of_file(path)
        return self._of_each({"": path}, {"": _state(path)})[""]

    def of_files(self, files: Mapping[str, Path]) -> str:
        """Return the digest of a set of files, by name, as `digests.of_files` has it.

        A set of which no file has changed is answered with a look at each file's state, and of a changed one only what
        is new is read: a folder may hold hundreds of thousands.
        """
        if self._database is None:
            return digests.of_files({name: digests.of_file(path) for name, path in files.items()})
        states = {name: _state(path) for name, path in files.items()}
        which = f"set {digests.of_value(sorted((name, str(path.absolute())) for name, path in files.items()))}"
        state = digests.of_value(sorted(states.items()))
        known = self._known([(which, state)])
        if which in known:
            return known[which]
        whole = digests.of_files(self._of_each(files, states))
        if {name: _state(path) for name, path in files.items()} == states:
            self._remember([(which, state, whole)])
        return whole

    def _of_each(self, files: Mapping[str, Path], states: Mapping[str, str]) -> dict[str, str]:
        """Return the digest of each file; what is read is remembered block by block, lest a kill cost all of it."""
        found: dict[str, str] = {}
        ordered = list(files)
        for start in range(0, len(ordered), _BLOCK):
            names = ordered[start : start + _BLOCK]
            places = {name: str(files[name].resolve()) for name in names}
            known = self._known([(places[name], states[name]) for name in names])
            read = {name: digests.of_file(files[name]) for name in names if places[name] not in known}
            self._remember([(places[name], states[name], digest) for name, digest in read.items()
                            if _state(files[name]) == states[name]])  # fmt: skip
            found |= {name: read[name] if name in read else known[places[name]] for name in names}
        return found

    def _known(self, wanted: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return the digests that are remembered, by path, of those whose state is the same."""
        # Where the memo is gone or the disk is full, a digest is as true as ever; it is only computed again.
        found: dict[str, str] = {}
        with contextlib.suppress(sqlite3.Error), self._connect() as connection:
            for path, state in wanted:
                query = "select digest from digests where path = ? and state = ?"
                row = connection.execute(query, (path, state)).fetchone()
                if row is not None:
                    found[path] = str(row[0])
        return found

    def _remember(self, rows: Sequence[tuple[str, str, str]]) -> None:
        with contextlib.suppress(sqlite3.Error), self._connect() as connection:
            connection.executemany("insert or replace into digests values (?, ?, ?)", rows)

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        assert self._database is not None
        with contextlib.closing(sqlite3.connect(self._database, timeout=60)) as connection, connection:
            yield connection


def _state(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}/{status.st_mtime_ns}/{status.st_ino}"
