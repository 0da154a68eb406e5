"""The store: finished steps by recipe key, and room for those at work."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pydantic

from benchmark import atomic, disk, mistakes
from benchmark.errors import UserError
from benchmark.store import manifest as manifests
from benchmark.store import space
from benchmark.store.manifest import Manifest
from benchmark.store.memo import DigestMemo

FORMAT = 1
"""Version of the folder's layout."""

_BEGINNING, _PART = ".store.json.", ".part"
"""Begin and end of the name under which the marker lies aside while it is written."""


class Damaged(Exception):
    """A finished step whose files are not what its manifest says."""


@dataclass(frozen=True)
class Result:
    """The output of a finished step, checked."""

    folder: Path
    manifest: Manifest


class Store:
    """A folder of finished work.

    ``objects/KIND/KEY`` holds finished steps, ``work/KEY`` those at work, ``records`` the results, ``events``
    what happened when.
    """

    def __init__(self, root: Path, *, make: bool = True, write: bool = True) -> None:
        """Open a store.

        Args:
            root: Its folder.
            make: Whether to make the folder now when it is missing; if not, `make` does, or the first digest.
            write: Whether something will be written; a store that is only looked at may be somebody else's.

        Raises:
            UserError: If the folder cannot be written or made, or was laid out by another version.
        """
        self.root, self._write = root, write
        self._open(make=make)

    def make(self) -> None:
        """Make the folder when it is missing.

        Raises:
            UserError: If the folder cannot be written or was laid out by another version.
        """
        self._open(make=True)

    def _open(self, *, make: bool) -> None:
        try:
            self.root = self.root.absolute()
            self._prepare(make=make)
        except OSError as error:
            raise UserError(
                f"The store {self.root} cannot be written: {error.strerror}. "
                "Name another folder with --store (or BENCH_STORE)."
            ) from None

    @cached_property
    def memo(self) -> DigestMemo:
        """Return the digests of files that are known already."""
        if not self._write:
            return DigestMemo(None)
        self.make()
        return DigestMemo(self.root / "digests.sqlite")

    @property
    def is_there(self) -> bool:
        """Tell whether its folder has been made."""
        return (self.root / "store.json").exists()

    def digest_of(self, path: Path) -> str:
        """Return the digest of a file from the memo; makes the store where there is none."""
        return self.memo.of_file(path)

    def digest_of_files(self, files: Mapping[str, Path]) -> str:
        """Return the digest of a set of files by name, likewise."""
        return self.memo.of_files(files)

    @classmethod
    def existing(cls, root: Path, *, write: bool = True) -> Store:
        """Open a store that is there already.

        Args:
            root: Its folder.
            write: Whether something will be written.

        Raises:
            UserError: If there is none, or none can be looked for.
        """
        try:
            place = root.absolute()
            is_there = (place / "store.json").is_file()
        except OSError as error:
            raise UserError(
                f"The store {root} cannot be read: {error.strerror}. Name another folder with --store (or BENCH_STORE)."
            ) from None
        if not is_there:
            raise UserError(f"There is no store at {place}. Name one with --store, or make one: bench run.")
        return cls(place, write=write)

    def _prepare(self, *, make: bool) -> None:
        marker = self.root / "store.json"
        if not marker.exists():
            # Another worker may have begun it since: whatever else it wrote, the marker came first.
            if self.root.exists() and not all(map(_is_beginning, self.root.iterdir())) and not marker.exists():
                raise UserError(f"{self.root} is not empty and is no store. Name a new or empty folder with --store.")
            if not make:
                space.try_to_write(disk.nearest(self.root), prefix=_BEGINNING, suffix=_PART)
                return
            atomic.write_json(marker, {"format": FORMAT, "what": "a store of histobench"})
        found = _format_of(marker)
        if found is None:
            raise UserError(
                f'{marker} is damaged. It marks the folder as a store; if it is one, let the file hold {{"format": '
                f"{FORMAT}}} again, or name another folder with --store."
            )
        if found != FORMAT:
            raise UserError(
                f"{marker}: found format {mistakes.show(found)}, expected {FORMAT}. This store belongs to another "
                "version of bench."
            )
        if self._write and not os.access(self.root, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def folder_of(self, kind: str, key: str) -> Path:
        """Return where the output of a step is, or will be."""
        return self.root / "objects" / kind / key

    def has(self, kind: str, key: str) -> bool:
        """Tell whether a step is finished, without checking its files."""
        return (self.folder_of(kind, key) / manifests.NAME).exists()

    def read(self, kind: str, key: str) -> Result | None:
        """Return a finished step after checking its files, or None if it is not there.

        Raises:
            Damaged: If a file is missing or is not what the manifest says.
        """
        folder = self.folder_of(kind, key)
        if not folder.exists():
            return None
        try:
            manifest = manifests.read(folder)
        except (OSError, pydantic.ValidationError):
            raise Damaged(f"{folder} has no readable {manifests.NAME}") from None
        if not manifests.is_sound(manifest, key):
            raise Damaged(f"{folder / manifests.NAME} is not what was written")
        for name, entry in manifest.files.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != entry.bytes or self.memo.of_file(path) != entry.sha256:
                raise Damaged(f"{path} is missing or not what was written")
        return Result(folder=folder, manifest=manifest)

    def work_folder(self, key: str) -> Path:
        """Return the folder in which a step is made: ``out`` becomes its output, ``scratch`` survives a kill."""
        return self.root / "work" / key

    def publish(self, manifest: Manifest, out: Path) -> Result:
        """Make a finished output visible, whole or not at all.

        The first writer wins; an equal output is no conflict.

        Args:
            manifest: What the output is.
            out: The folder that holds the files.

        Returns:
            The result that stands in the store, which is the first writer's if there were two.

        Raises:
            OSError: If it cannot be written, or what was made is gone.
        """
        if not out.is_dir():  # Or it would be made again, with nothing in it but the manifest.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(out))
        manifests.write(out, manifest)
        for path in (out, *out.rglob("*")):
            _sync(path)
        final = self.folder_of(manifest.kind, manifest.key)
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            out.rename(final)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            shutil.rmtree(out)
        atomic.sync_folder(final.parent)
        return Result(folder=final, manifest=manifests.read(final))

    def set_aside(self, kind: str, key: str) -> Path:
        """Move a damaged output out of the way, so that its step runs again; return where it went."""
        aside = self.root / "damaged" / f"{kind}-{key[:16]}-{secrets.token_hex(4)}"
        aside.parent.mkdir(exist_ok=True)
        self.folder_of(kind, key).rename(aside)
        return aside

    def objects(self) -> Iterator[tuple[str, str, Path]]:
        """Yield kind, key and folder of every finished step."""
        # File managers leave files of their own.
        for kind in sorted(path for path in (self.root / "objects").glob("*") if path.is_dir()):
            for folder in sorted(path for path in kind.iterdir() if path.is_dir()):
                yield kind.name, folder.name, folder


def _is_beginning(path: Path) -> bool:
    """Tell whether a file is what a kill, or another worker at this moment, leaves of a store just begun."""
    return path.name == "store.json" or (path.name.startswith(_BEGINNING) and path.name.endswith(_PART))


def _format_of(marker: Path) -> object:
    """Return the layout's version that a marker tells; None where it tells none."""
    try:
        return json.loads(marker.read_text(encoding="utf-8"))["format"]
    except (ValueError, TypeError, KeyError):
        return None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
