"""Digests of values, files and folders (SHA-256)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

_BLOCK = 1 << 20


def of_value(value: object) -> str:
    """Return the digest of a JSON value, independent of the order of keys.

    Raises:
        ValueError: If the value holds NaN or an infinity.
        TypeError: If the value is no JSON value.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """Return the digest of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def of_files(files: Mapping[str, str]) -> str:
    """Return the digest of a set of files, given each one's relative path and digest."""
    return of_value(sorted(files.items()))
