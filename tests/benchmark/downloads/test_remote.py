"""How a file is told from any other."""

from __future__ import annotations

import hashlib
from pathlib import Path

from benchmark.downloads.remote import Remote

CONTENT = b"pixels" * 300_000
DIGESTS = {name: hashlib.new(name, CONTENT).hexdigest() for name in ("md5", "sha256")}


def test_names_come_from_the_address() -> None:
    """Without what follows a question mark."""
    remote = Remote("https://x.org:8080/files/a_x.h5.gz?download=1")
    assert (remote.name, remote.host) == ("a_x.h5.gz", "x.org:8080")


def test_the_right_file_does_not_differ(tmp_path: Path) -> None:
    """By size and by all digests, over more than one block."""
    path = tmp_path / "a"
    path.write_bytes(CONTENT)
    assert Remote("http://x/a", len(CONTENT), DIGESTS).differs(path) is None
    assert Remote("http://x/a").differs(path) is None


def test_the_first_difference_is_named(tmp_path: Path) -> None:
    """Size first, which costs nothing; then whichever digest is wrong."""
    path = tmp_path / "a"
    path.write_bytes(CONTENT[:-1] + b"!")
    assert Remote("http://x/a", len(CONTENT) + 1, DIGESTS).differs(path) == "1,800,000 bytes, expected 1,800,001"
    found = hashlib.md5(path.read_bytes()).hexdigest()[:12]
    assert Remote("http://x/a", None, DIGESTS).differs(path) == f"md5 {found}..., expected {DIGESTS['md5'][:12]}..."
    path.write_bytes(CONTENT)
    wrong = {**DIGESTS, "sha256": "0" * 64}
    differs = Remote("http://x/a", None, wrong).differs(path)
    assert differs == f"sha256 {DIGESTS['sha256'][:12]}..., expected 000000000000..."
