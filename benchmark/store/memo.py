"""Digests of files, remembered by path, size, modification time and inode."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmark import digests


class DigestMemo:
    """Hashes a file once, and again only when its size, time or inode has changed."""

    def __init__(self, database: Path) -> None:
        """Open the memo, a SQLite file that is made when missing."""
        self._database = database
        with self._connect() as connection:
            connection.execute("create table if not exists digests (path text primary key, state text, digest text)")

    def of_file(self, path: Path) -> str:
        """Return the digest of a file."""
        resolved, state = str(path.resolve()), _state(path)
        with self._connect() as connection:
            query = "select digest from digests where path = ? and state = ?"
            row = connection.execute(query, (resolved, state)).fetchone()
            if row is not None:
                return str(row[0])
        digest = digests.of_file(path)
        if _state(path) == state:
            with self._connect() as connection:
                connection.execute("insert or replace into digests values (?, ?, ?)", (resolved, state, digest))
        return digest

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._database, timeout=60)


def _state(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}/{status.st_mtime_ns}/{status.st_ino}"
