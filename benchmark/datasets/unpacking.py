"""Unpacking gzip, streamed and verified."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

from benchmark import atomic
from benchmark.contracts.progress import Progress

_BLOCK = 1 << 20


class Damaged(Exception):
    """A packed file that is cut short, no gzip, or does not hold what it should; the message follows its name."""


def unpack(packed: Path, target: Path, *, md5: str, told: Progress) -> None:
    """Write what a gzip file holds to `target`, flushed to the disk; in memory there is one block of it.

    Args:
        packed: The file.
        target: Where to; what is there is overwritten. It stays only whole and right.
        md5: What it must have, in hexadecimal.
        told: Told of every block, in bytes of the packed file.

    Raises:
        Damaged: The file is damaged, or holds something else.
        OSError: A file cannot be read or written.
    """
    total, digest = packed.stat().st_size, hashlib.md5(usedforsecurity=False)
    try:
        with packed.open("rb") as source, gzip.open(source) as inflated, target.open("wb") as stream:
            while block := inflated.read(_BLOCK):
                digest.update(block)
                stream.write(block)
                told(min(source.tell(), total), total, f"unpacking {packed.name}")
            atomic.sync(stream)
        if digest.hexdigest() != md5:
            raise Damaged(f"holds a file of md5 {digest.hexdigest()}, expected {md5}")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        target.unlink(missing_ok=True)
        raise Damaged(f"is damaged: {str(error).rstrip('.')}") from None
    except BaseException:
        target.unlink(missing_ok=True)
        raise
