"""Files by name: those of a folder, or those of a zip archive, which is read in place and never unpacked."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, Protocol

from benchmark import digests
from benchmark.datasets import file_state, splits
from benchmark.datasets.image_reader import SUFFIXES, Unusable
from benchmark.errors import UserError, plain

MOST_BYTES = 1 << 28
"""Bytes a member of an archive may unpack to."""

TABLES = frozenset({"metadata.csv", "metadata.jsonl"})
"""Names of the file that tells labels, as in the image folders of the Hugging Face hub."""

_HIDDEN = ("__MACOSX",)


class FileSet(Protocol):
    """Files by name, relative, with '/' between folders; hidden ones are left out."""

    place: Path
    """The folder, or the archive."""
    names: tuple[str, ...]
    """All files, sorted."""

    def open(self, name: str) -> BinaryIO:
        """Return a file for reading, to be closed by whoever asks.

        Raises:
            Unusable: If an archive's member is damaged, encrypted or too large.
            OSError: If it has gone.
        """
        ...

    def on_disk(self, names: Sequence[str]) -> list[Path]:
        """Return the files on disk that some of the names come from."""
        ...

    def state(self, names: Sequence[str]) -> str:
        """Return a digest of names, sizes and times, which holds on one machine only."""
        ...


def opened(place: Path) -> FileSet:
    """Return the files of a folder, or of a zip archive.

    Raises:
        UserError: If it is neither, or cannot be read.
    """
    try:
        if place.is_dir():
            return Folder(place)
        if place.is_file():
            return Archive(place)
    except OSError as error:
        raise UserError(f"{error.filename or place} cannot be read: {error.strerror}.") from None
    raise UserError(f"{place} is not there. Expected a folder of images or a .zip of one.")


def images_of(files: FileSet) -> tuple[str, ...]:
    """Return the names that end as those of images do."""
    return tuple(name for name in files.names if name.lower().endswith(SUFFIXES))


class Folder:
    """The files of a folder and of all folders in it."""

    def __init__(self, place: Path) -> None:
        """List them."""
        self.place = place
        self.names = tuple(sorted(walk(place)))

    def open(self, name: str) -> BinaryIO:
        """Return a file for reading."""
        return (self.place / name).open("rb")

    def on_disk(self, names: Sequence[str]) -> list[Path]:
        """Return the path of each name."""
        return [self.place / name for name in names]

    def state(self, names: Sequence[str]) -> str:
        """Return a digest of place, names, sizes, times and inodes."""
        base, states = os.fspath(self.place), []
        for name in names:
            try:
                found = os.stat(f"{base}/{name}")  # noqa: PTH116 (a Path each would take as long again)
                states.append([name, found.st_size, found.st_mtime_ns, found.st_ino])
            except OSError as error:  # A link to nothing, say, which is told where it is read.
                states.append([name, str(error.strerror)])
        return digests.of_value([str(self.place.resolve()), states])


class Archive:
    """The members of a zip archive. One folder around all of them is looked through.

    Reading members is safe from several threads. A process that was forked opens the archive anew, since the two would
    move one another's place in the file.
    """

    def __init__(self, place: Path) -> None:
        """List them.

        Raises:
            UserError: If it is no zip archive, is damaged, or names a file twice.
        """
        self.place = place
        self._process = os.getpid()
        members = [one for one in self._zip.namelist() if not one.endswith("/") and not _is_hidden(one)]
        self._around = _around(members)
        self.names = tuple(sorted(one.removeprefix(self._around) for one in members))
        twice = next((one for one, after in zip(self.names, self.names[1:], strict=False) if one == after), None)
        if twice is not None:
            raise UserError(f"{place} holds '{plain(twice)}' twice. Pack it again.")

    def __getstate__(self) -> dict[str, object]:
        """Return what another process opens the archive anew from."""
        return {key: value for key, value in self.__dict__.items() if key != "_zip"}

    @cached_property
    def _zip(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.place)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise UserError(
                f"{self.place} cannot be read as a zip archive: {error}. Expected a folder of images or a .zip of one."
            ) from None

    def open(self, name: str) -> BinaryIO:
        """Return a member, unpacked in memory.

        Raises:
            Unusable: If it is damaged, encrypted, packed in a way that cannot be read, or too large.
        """
        if os.getpid() != self._process:
            self.__dict__.pop("_zip", None)
            self._process = os.getpid()
        member = self._zip.getinfo(self._around + name)
        if member.file_size > MOST_BYTES:
            raise Unusable("huge", f"unpacks to {member.file_size:,} bytes, more than {MOST_BYTES:,}")
        try:
            return io.BytesIO(self._zip.read(member))
        except Exception as error:  # By way of packing, damage shows as any kind of error.
            raise Unusable("damaged", str(error) or type(error).__name__) from None

    def on_disk(self, names: Sequence[str]) -> list[Path]:
        """Return the archive."""
        return [self.place]

    def state(self, names: Sequence[str]) -> str:
        """Return a digest of the archive's place, size, time and inode, and of the names."""
        return digests.of_value([file_state.of_file(self.place), list(names)])


@contextmanager
def reading(files: FileSet, name: str) -> Iterator[BinaryIO]:
    """Yield a file for reading, and close it.

    Raises:
        Unusable: If it cannot be read.
    """
    try:
        stream = files.open(name)
    except OSError as error:
        raise Unusable("damaged", f"cannot be read: {error.strerror}") from None
    with stream:
        yield stream


def walk(place: Path) -> Iterator[str]:
    """Yield the names of all files that are not hidden; links are followed, and no folder is entered twice."""
    base, entered = os.fspath(place), set()
    for folder, inner, files in os.walk(base, followlinks=True, onerror=_raise):
        found = os.stat(folder)  # noqa: PTH116
        if (found.st_dev, found.st_ino) in entered:
            inner.clear()
            continue
        entered.add((found.st_dev, found.st_ino))
        inner[:] = [name for name in inner if not _is_hidden(name)]
        start = "" if folder == base else f"{os.path.relpath(folder, base)}/".replace(os.sep, "/")
        for name in files:
            if not _is_hidden(name):
                yield _readable(start + name, place)


def _raise(error: OSError) -> None:
    raise error


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part in _HIDDEN for part in name.split("/"))


def _readable(name: str, place: Path) -> str:
    if not name.isascii():
        try:
            name.encode()
        except UnicodeEncodeError:
            raise UserError(
                f"{place}: the name {name!a} is not UTF-8, so that it cannot be written into a record. Rename it."
            ) from None
    return name


def _around(names: Sequence[str]) -> str:
    """Return the folder, with its '/', that holds all members, if it is neither a split nor a class; else nothing."""
    first = {name.partition("/")[0] for name in names}
    if len(first) != 1 or splits.named(outer := next(iter(first))) is not None:
        return ""
    inside = [name.removeprefix(f"{outer}/") for name in names]
    images = [name for name in inside if name.lower().endswith(SUFFIXES)]
    is_one_more = all("/" in name for name in images) or not TABLES.isdisjoint(inside)
    return f"{outer}/" if is_one_more else ""
