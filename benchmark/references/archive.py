"""Packs: zip archives without compression, so that equal references are equal bytes, and none unpacks to more."""

from __future__ import annotations

import errno
import hashlib
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from benchmark import atomic
from benchmark.errors import UserError
from benchmark.mistakes import show
from benchmark.references import manifest as manifests
from benchmark.references.manifest import FileEntry, Manifest

_BLOCK = 1 << 20
_MOST_ENTRIES = 10_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the first that a zip archive can hold."""
_UNIX, _MODE = 3, 0o100644 << 16
_ENCRYPTED = 1


def write(stream: IO[bytes], manifest: Manifest, sources: Mapping[str, Path]) -> None:
    """Write a pack: equal manifests and files give equal bytes, whenever and wherever.

    Args:
        stream: Where to.
        manifest: What it says of itself.
        sources: Where its files are, by their names in the pack.
    """
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        text = manifest.model_dump_json(indent=2).encode() + b"\n"
        with archive.open(_info(manifests.NAME, len(text)), "w") as entry:
            entry.write(text)
        for name in sorted(manifest.files):
            info = _info(name, manifest.files[name].bytes)
            with sources[name].open("rb") as source, archive.open(info, "w") as entry:
                while block := source.read(_BLOCK):
                    entry.write(block)


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.create_system, info.external_attr, info.file_size = _UNIX, _MODE, size
    return info


def peek(path: Path) -> Manifest:
    """Return what a pack says of itself, after looking at the names and sizes of all it holds.

    Raises:
        UserError: If it is no pack, or holds another thing than it says.
    """
    with _Opened(path) as opened:
        return opened.manifest()


def unpack(path: Path, folder: Path) -> Manifest:
    """Write a pack's files into a folder, each held against its size and digest; nothing else is written.

    Args:
        path: The pack.
        folder: Where to; made when missing.

    Returns:
        What it says of itself; its bytes lie beside the files.

    Raises:
        UserError: If it is no pack, is damaged, or holds another thing than it says.
        OSError: If the folder cannot be written.
    """
    with _Opened(path) as opened:
        manifest = opened.manifest()
        for name, entry in manifest.files.items():
            opened.extract(name, entry, folder / name)
        atomic.write_bytes(folder / manifests.NAME, opened.text)
        return manifest


class _Opened:
    """A pack that is read."""

    def __init__(self, path: Path) -> None:
        self.path, self.text = path, b""

    def __enter__(self) -> _Opened:
        try:
            self.size = self.path.stat().st_size
            self.archive = zipfile.ZipFile(self.path)
        except IsADirectoryError:
            raise UserError(f"{self.path} is a folder. Expected a packed reference, a .zip file.") from None
        except OSError as error:
            raise UserError(f"{self.path} cannot be read: {error.strerror or error}.") from None
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error):
            raise UserError(
                f"{self.path} is no zip archive, or is cut short. Expected a packed reference: fetch it again."
            ) from None
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def manifest(self) -> Manifest:
        """Return the manifest, after holding the list of entries against it."""
        entries = self._entries()
        if manifests.NAME not in entries:
            raise UserError(f"{self.path} holds no {manifests.NAME}: it is no packed reference.")
        if entries[manifests.NAME].file_size > manifests.MOST_BYTES:
            raise UserError(f"{self.path}: {manifests.NAME} has more than {manifests.MOST_BYTES:,} bytes.")
        self.text = self._read(manifests.NAME)
        manifest = manifests.parse(self.text, where=f"{self.path}: {manifests.NAME}")
        known = {manifests.NAME, *manifest.files}
        if unknown := [name for name in entries if name not in known]:
            raise UserError(f"{self.path} holds {show(unknown[0])}, of which {manifests.NAME} says nothing.")
        for name, entry in manifest.files.items():
            if name not in entries:
                raise UserError(f"{self.path} lacks {name}. Fetch it again.")
            if entries[name].file_size != entry.bytes:
                raise self._not_what_was_packed(name)
        return manifest

    def _entries(self) -> dict[str, zipfile.ZipInfo]:
        """Return the entries by name; refuse any that is not plainly a file that lies in the archive as it is."""
        found = self.archive.infolist()
        if len(found) > _MOST_ENTRIES:
            raise UserError(f"{self.path} holds {len(found):,} entries, more than any reference.")
        entries = {entry.filename: entry for entry in found}
        if len(entries) < len(found):
            raise UserError(f"{self.path} holds two entries of one name. It was tampered with, or badly packed.")
        for entry in found:
            stored = entry.compress_type == zipfile.ZIP_STORED and entry.compress_size == entry.file_size
            if not stored or entry.flag_bits & _ENCRYPTED:
                raise UserError(
                    f"{self.path}: {show(entry.filename)} is compressed or encrypted, and entries of a reference are "
                    "neither. Ask for the file as `bench store export` wrote it."
                )
        if sum(entry.file_size for entry in found) > self.size:
            raise UserError(f"{self.path} claims to hold more than its own {self.size:,} bytes: it was tampered with.")
        return entries

    def _read(self, name: str) -> bytes:
        with self._told(name), self.archive.open(name) as stream:
            return stream.read()

    def extract(self, name: str, entry: FileEntry, target: Path) -> None:
        """Write one file, whose digest must be what was said of it."""
        target.parent.mkdir(parents=True, exist_ok=True)
        digest, total = hashlib.sha256(), 0
        with target.open("wb") as written, self._told(name), self.archive.open(name) as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
                total += len(block)
                written.write(block)
            atomic.sync(written)
        if (total, digest.hexdigest()) != (entry.bytes, entry.sha256):
            raise self._not_what_was_packed(name)

    def _told(self, name: str) -> _Told:
        return _Told(self._not_what_was_packed(name))

    def _not_what_was_packed(self, name: str) -> UserError:
        return UserError(f"{self.path}: {name} is not what was packed: damaged or tampered with. Fetch it again.")


class _Told:
    """Says which file is damaged, where the archive's own checks find it."""

    def __init__(self, error: UserError) -> None:
        self._error = error

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        # A full disk, which is an OSError too, is none of the archive's faults; a place before its beginning is one.
        beyond = isinstance(error, OSError) and error.errno == errno.EINVAL
        if beyond or isinstance(error, zipfile.BadZipFile | NotImplementedError | EOFError | ValueError | struct.error):
            raise self._error from None
