"""File digests, and whether a copy of PCam is the official release."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from benchmark import digests
from benchmark.contracts import dataset
from benchmark.datasets import splits

_BLOCK = 1 << 20

OFFICIAL_MD5: dict[str, str] = {
    "camelyonpatch_level_2_split_train_x.h5": "01844da899645b4d6f84946d417ba453",
    "camelyonpatch_level_2_split_train_y.h5": "0781386bf6c2fb62d58ff18891466aca",
    "camelyonpatch_level_2_split_valid_x.h5": "81cf9680f1724c40673f10dc88e909b1",
    "camelyonpatch_level_2_split_valid_y.h5": "94d8aacc249253159ce2a2e78a86e658",
    "camelyonpatch_level_2_split_test_x.h5": "2614b2e6717d6356be141d9d6dbfcb7e",
    "camelyonpatch_level_2_split_test_y.h5": "11ed647efe9fe457a4eb45df1dba19ba",
    "camelyonpatch_level_2_split_train_meta.csv": "5a3dd671e465cfd74b5b822125e65b0a",
    "camelyonpatch_level_2_split_valid_meta.csv": "67589e00a4a37ec317f2d1932c7502ca",
    "camelyonpatch_level_2_split_test_meta.csv": "3455fd69135b66734e1008f3af684566",
}
"""MD5 of each official file, unpacked.

The table in the release's own README has the values of valid and test exchanged (PCam issues 1 and 4), and many
scripts repeat it; these are the right ones.
"""


class FileDigest(NamedTuple):
    """What a file is."""

    name: str
    """File name without folder."""
    md5: str
    """MD5 in hexadecimal, to compare with published values; no protection against forgery."""
    sha256: str
    """SHA-256 in hexadecimal."""


def digest_file(path: Path) -> FileDigest:
    """Return the digests of a file, read once in blocks of 1 MiB."""
    md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            md5.update(block)
            sha256.update(block)
    return FileDigest(path.name, md5.hexdigest(), sha256.hexdigest())


def identify(files: Iterable[FileDigest]) -> dataset.Identity:
    """Tell whether files are those of the official PCam release.

    Args:
        files: Digests of the files in use, x and y of at least one split.

    Returns:
        Official if each file has its official checksum and each split in use comes with both x and y; otherwise
        an unofficial copy, named by the first 12 digits of the digest over names and SHA-256s of the files.
    """
    known = list(files)
    digest = digests.of_files({file.name: file.sha256 for file in known})
    official = _has_a_whole_split({file.name for file in known}) and all(
        OFFICIAL_MD5.get(file.name) == file.md5 for file in known
    )
    name = "PCam" if official else f"PCam, unofficial copy, digest {digest[:12]}"
    return dataset.Identity(name=name, digest=digest, official=official)


def _has_a_whole_split(names: set[str]) -> bool:
    """Return whether there are x and y of some split, and no x or y without the other."""
    pairs = [{f"camelyonpatch_level_2_split_{split}_{part}.h5" for part in ("x", "y")} for split in splits.SPLITS]
    whole = [pair <= names for pair in pairs]
    return any(whole) and all(full or not pair & names for pair, full in zip(pairs, whole, strict=True))
