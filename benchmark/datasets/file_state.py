"""A digest of a file's state, for where reading all of it would take minutes."""

from __future__ import annotations

from pathlib import Path

from benchmark import digests


def of_file(path: Path) -> str:
    """Return a digest of a file's place, size, modification time and inode.

    It holds on one machine only: equal digests mean an untouched file, but equal files may differ in it.
    """
    status = path.stat()
    return digests.of_value([str(path.resolve()), status.st_size, status.st_mtime_ns, status.st_ino])
