"""Digests of files, remembered by path, size, modification time and inode."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from benchmark import digests
from benchmark.errors import UserError


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
        resolved, state = str(path.resolve()), _state(path)
        # Where the memo is gone or the disk is full, a digest is as true as ever; it is only computed again.
        with contextlib.suppress(sqlite3.Error), self._connect() as connection:
            query = "select digest from digests where path = ? and state = ?"
            row = connection.execute(query, (resolved, state)).fetchone()
            if row is not None:
                return str(row[0])
        digest = digests.of_file(path)
        if _state(path) == state:
            with contextlib.suppress(sqlite3.Error), self._connect() as connection:
                connection.execute("insert or replace into digests values (?, ?, ?)", (resolved, state, digest))
        return digest

    @contextlib.contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        assert self._database is not None
        with contextlib.closing(sqlite3.connect(self._database, timeout=60)) as connection, connection:
            yield connection


def _state(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}/{status.st_mtime_ns}/{status.st_ino}"
