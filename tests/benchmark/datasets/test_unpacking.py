"""Unpacking gzip."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from benchmark.contracts.progress import silent
from benchmark.datasets import unpacking

CONTENT = np.random.default_rng(0).bytes(3_000_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


def test_a_file_comes_out_as_it_went_in(packed: Path, target: Path) -> None:
    """Over what lay there; progress is in bytes of the packed file."""
    target.write_bytes(b"left by a kill")
    told: list[tuple[int, int, str]] = []
    unpacking.unpack(packed, target, md5=MD5, told=lambda done, total, note="": told.append((done, total, note)))
    assert target.read_bytes() == CONTENT
    size = packed.stat().st_size
    assert told[-1] == (size, size, "unpacking x.h5.gz")
    assert len(told) >= 3


def test_several_members_are_one_file(packed: Path, target: Path) -> None:
    """As gzip has it."""
    packed.write_bytes(gzip.compress(CONTENT[:1000]) + gzip.compress(CONTENT[1000:]))
    unpacking.unpack(packed, target, md5=MD5, told=silent)
    assert target.read_bytes() == CONTENT


def test_memory_does_not_grow_with_the_file(packed: Path, target: Path) -> None:
    """100 MB of zeros are 100 kB of gzip."""
    zeros = bytes(100_000_000)
    packed.write_bytes(gzip.compress(zeros, 1))
    md5 = hashlib.md5(zeros).hexdigest()
    del zeros
    tracemalloc.start()
    unpacking.unpack(packed, target, md5=md5, told=silent)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert target.stat().st_size == 100_000_000
    assert peak < 10_000_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(CONTENT)[:-100_000], "is damaged: Compressed file ended before the end"),
        (b"<html>", "is damaged: Not a gzipped file"),
        (gzip.compress(CONTENT)[:50_000] + b"\xff" * 100_000, "is damaged: Error -3"),
        (gzip.compress(CONTENT[:-1]), f"holds a file of md5 .*, expected {MD5}"),
        (b"", f"expected {MD5}"),
    ],
)
def test_what_is_damaged_leaves_nothing(packed: Path, target: Path, content: bytes, says: str) -> None:
    """Cut, none, damaged in between, of another file, empty."""
    packed.write_bytes(content)
    with pytest.raises(unpacking.Damaged, match=says):
        unpacking.unpack(packed, target, md5=MD5, told=silent)
    assert not target.exists()


def test_a_stop_leaves_nothing(packed: Path, target: Path) -> None:
    """The packed file stays for the next time."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpacking.unpack(packed, target, md5=MD5, told=stop)
    assert not target.exists()
    assert packed.exists()


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A packed file."""
    path = tmp_path / "x.h5.gz"
    path.write_bytes(gzip.compress(CONTENT, 1))
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where to."""
    return tmp_path / "x.h5.unpacking"
