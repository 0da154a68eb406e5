"""The files of the official PCam release: where they are, how large, and which they are.

Sizes and SHA-256 of the packed files: TensorFlow Datasets, ``patch_camelyon``; the SHA-256 agree with torchvision's.
MD5 of the packed files: torchvision after its correction. MD5 of the unpacked files: `checksums.OFFICIAL_MD5`. In the
table of the release's own README valid and test are exchanged; none of these values is from there. The slide tables lie
on the server as they are; of them only the MD5 is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from benchmark.contracts import dataset
from benchmark.datasets import checksums, splits
from benchmark.downloads.remote import Remote

SERVER = "https://zenodo.org/records/2546921/files"
"""Folder of the files: Zenodo record 2546921."""

TERMS = "PatchCamelyon, CC0 1.0. Cite Veeling et al. 2018 (arXiv:1806.03962) and Ehteshami Bejnordi et al. 2017 (JAMA)."
"""Licence and citation."""

_PATCHES: dict[splits.Split, int] = {"train": 262_144, "valid": 32_768, "test": 32_768}
_BYTES_A_PATCH = {"x.h5": 96 * 96 * 3, "y.h5": 1, "meta.csv": 60}
"""What an unpacked file holds a patch; of a row of the slide table a generous guess."""
_HEADERS = 65_536
"""More than a file holds beside."""


class Packed(NamedTuple):
    """A file as it lies on the server where it is packed by gzip."""

    bytes: int
    sha256: str
    md5: str


class ReleaseFile(NamedTuple):
    """A file of the release."""

    name: str
    """Name once unpacked."""
    md5: str
    """MD5 once unpacked."""
    about: int
    """Bytes once unpacked, rather more than less."""
    packed: Packed | None
    """How it is packed; None where it lies there as it is, its size unknown beforehand."""

    def remote(self, server: str) -> Remote:
        """Return the file as it lies under an address."""
        if self.packed is None:
            return Remote(f"{server}/{self.name}", digests={"md5": self.md5})
        return Remote(
            f"{server}/{self.name}.gz",
            size=self.packed.bytes,
            digests={"sha256": self.packed.sha256, "md5": self.packed.md5},
        )


_PACKED = {
    "train_x.h5": Packed(
        6_421_353_462,
        "d619e741468a7ab35c7e4a75e6821b7e7e6c9411705d45708f2a0efc8960656c",
        "1571f514728f59376b705fc836ff4b63",
    ),
    "train_y.h5": Packed(
        21_378,
        "b74126d2c01b20d3661f9b46765d29cf4e4fba6faba29c8e0d09d406331ab75a",
        "35c2d7259d906cfc8143347bb8e05be7",
    ),
    "valid_x.h5": Packed(
        805_965_320,
        "f82ee1670d027b4ec388048d9eabc2186b77c009655dae76d624c0ecb053ccb2",
        "d5b63470df7cfa627aeec8b9dc0c066e",
    ),
    "valid_y.h5": Packed(
        3_038,
        "ce1ae30f08feb468447971cfd0472e7becd0ad96d877c64120c72571439ae48c",
        "2b85f58b927af9964a4c15b8f7e8f179",
    ),
    "test_x.h5": Packed(
        800_875_929,
        "79174c2201ad521602a5888be8f36ee10875f37403dd3f2086caf2182ef87245",
        "d8c2d60d490dbd479f8199bdfa0cf6ec",
    ),
    "test_y.h5": Packed(
        3_040,
        "0a522005fccc8bbd04c5a117bfaf81d8da2676f03a29d7499f71d0a0bd6068ef",
        "60a7035772fbdb7f34eb86d4420cf66a",
    ),
}

RELEASED = dataset.Released(images=_PATCHES, bytes=sum(packed.bytes for packed in _PACKED.values()))
"""What is known of all of it beforehand; the slide tables, some MB, aside."""


def files(chosen: Iterable[splits.Split] = splits.SPLITS, *, meta: bool = True) -> Sequence[ReleaseFile]:
    """Return the files of some splits, the small ones of each first: x last, with y and the slide table before it."""
    wanted = set(chosen)
    parts = ("meta.csv", "y.h5", "x.h5") if meta else ("y.h5", "x.h5")
    return tuple(_file(split, part) for split in splits.SPLITS if split in wanted for part in parts)


def _file(split: splits.Split, part: str) -> ReleaseFile:
    name = f"camelyonpatch_level_2_split_{split}_{part}"
    about = _PATCHES[split] * _BYTES_A_PATCH[part] + _HEADERS
    return ReleaseFile(name, checksums.OFFICIAL_MD5[name], about, _PACKED.get(f"{split}_{part}"))
