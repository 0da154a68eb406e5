"""Fetching the official PCam files into the layout that `pcam_files` and torchvision read.

Under ROOT/pcam a download gathers in ``NAME.gz.part``, is verified, unpacked to ``NAME.unpacking``, verified again and
renamed to its name. So a name always stands for a whole and right file, and what a stop leaves is gone on from.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import filelock

from benchmark import atomic, disk, errors
from benchmark.contracts.progress import Progress
from benchmark.datasets import checksums, unpacking
from benchmark.datasets.pcam_release import ReleaseFile
from benchmark.downloads import transfer
from benchmark.downloads.remote import NotFetched

FOLDER = "pcam"
"""Folder of the files under a data root."""

State = Literal["there", "fetched", "unpacked", "not on the server"]
"""What became of a file: it was there already, came from the server, or out of a packed copy that was there."""

_MARGIN = 50_000_000
_LOCK = ".fetch.lock"


class Outcome(NamedTuple):
    """What became of a file."""

    file: ReleaseFile
    path: Path
    state: State

    def row(self, *, in_words: bool) -> dict[str, object]:
        """Return it for a table that people read, or for a program."""
        is_there = self.path.is_file()
        size = self.path.stat().st_size if is_there else None
        if in_words:
            return {"file": self.path.name, "state": self.state, "size": disk.in_words(size or 0)}
        return {"file": str(self.path), "state": self.state, "bytes": size, "md5": self.file.md5 if is_there else None}


class Need(NamedTuple):
    """What fetching takes."""

    download: int
    """Bytes still to come."""
    disk: int
    """Bytes needed at the fullest moment, when a packed file and the unpacked one lie side by side."""
    files: int
    """Files that are missing."""


class Fetch:
    """One fetching of some files of the release under a data root."""

    def __init__(self, root: Path, files: Sequence[ReleaseFile], server: str, *, told: Progress) -> None:
        """Set out; nothing is looked at yet.

        Args:
            root: Data root; it is made, and `FOLDER` in it.
            files: Which files.
            server: Address of the folder they lie in.
            told: Told of every block that is read, fetched or unpacked.
        """
        self.folder = root / FOLDER
        self._files, self._server, self._told = files, server.rstrip("/"), told

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others out while the block runs.

        Raises:
            UserError: Another command fetches into the folder, or it cannot be written.
        """
        made = [folder for folder in (self.folder, self.folder.parent) if not folder.exists()]
        with self._words_for_the_disk():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.folder / _LOCK)
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                raise errors.UserError(
                    f"Another command is fetching into {self.folder}. Wait for it, or name another --data-root."
                ) from None
        try:
            yield
        finally:
            lock.release()
            (self.folder / _LOCK).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # As it is where something came.
                for folder in made:
                    folder.rmdir()

    def missing(self) -> list[ReleaseFile]:
        """Return the files that are not there; those that are, are read and verified.

        Raises:
            UserError: One is there and is not the official one. It is left as it is.
        """
        lacking = []
        for file in self._files:
            path = self.folder / file.name
            if not path.exists():
                lacking.append(file)
                continue
            self._told(0, 0, f"verifying {file.name}")
            with self._words_for_the_disk():
                found = checksums.digest_file(path).md5
            if found != file.md5:
                raise errors.UserError(_wrong(path, found, file))
            # A kill right after the renaming leaves what it was made from, of gigabytes.
            for left in (self._part(file), self._aside(file)):
                left.unlink(missing_ok=True)
        return lacking

    def need(self, lacking: Sequence[ReleaseFile]) -> Need:
        """Return what it takes to have these files; those of unknown size count as their guess."""
        fullest = kept = download = 0
        for file in lacking:
            on_the_way = file.about if file.packed is None else file.packed.bytes
            coming = max(0, on_the_way - _size(self._part(file)))
            unpacked = 0 if file.packed is None else file.about
            if file.packed is not None and self._own(file).exists():
                coming = 0
            download += coming
            fullest = max(fullest, kept + coming + unpacked)
            kept += file.about
        return Need(download, fullest, len(lacking))

    def require_room(self, need: Need) -> None:
        """Refuse what will not fit.

        Raises:
            UserError: Less than is needed and a margin is free there.
        """
        free = shutil.disk_usage(disk.nearest(self.folder)).free
        if need.files and free < need.disk + _MARGIN:
            raise errors.UserError(
                f"Fetching takes {disk.in_words(need.disk + _MARGIN)} in {self.folder}, packed and unpacked files side "
                f"by side, and {disk.in_words(free)} are free. Free some, name another --data-root, or fetch fewer "
                "splits (--split)."
            )

    def bring(self, file: ReleaseFile, *, pauses: Sequence[float] = transfer.PAUSES) -> Outcome:
        """Bring a missing file, and return what became of it.

        A slide table that the server does not have is no failure: patches then count as independent.

        Raises:
            UserError: It cannot be had, is not what it should be, or cannot be written.
        """
        path, own = self.folder / file.name, self._own(file)
        with self._words_for_the_disk():
            if file.packed is not None and own.exists():
                self._require_official(file, own)
                self._unpack(file, own)
                return Outcome(file, path, "unpacked")
            part = self._part(file)
            try:
                transfer.bring(file.remote(self._server), part, told=self._told, pauses=pauses)
            except NotFetched as error:
                if error.status == 404 and file.packed is None:
                    return Outcome(file, path, "not on the server")
                raise errors.UserError(f"{error}. {self._advice(part)}") from None
            if file.packed is None:
                self._publish(part, path)
            else:
                self._unpack(file, part)
                part.unlink()
        return Outcome(file, path, "fetched")

    def _own(self, file: ReleaseFile) -> Path:
        """Return where a packed copy of the user's would lie."""
        return self.folder / f"{file.name}.gz"

    def _part(self, file: ReleaseFile) -> Path:
        return self.folder / f"{file.remote(self._server).name}.part"

    def _aside(self, file: ReleaseFile) -> Path:
        return self.folder / f"{file.name}.unpacking"

    def _require_official(self, file: ReleaseFile, packed: Path) -> None:
        self._told(0, 0, f"verifying {packed.name}")
        if (wrong := file.remote(self._server).differs(packed)) is not None:
            raise errors.UserError(
                f"{packed} is not the official file: {wrong}. It is left as it is; move it away to have the right one "
                "fetched."
            )

    def _unpack(self, file: ReleaseFile, packed: Path) -> None:
        aside = self._aside(file)
        try:
            unpacking.unpack(packed, aside, md5=file.md5, told=self._told)
        except unpacking.Damaged as error:
            raise errors.UserError(
                f"{packed} {error}, though its own digests are right. Nothing was written; give the same command "
                "again, and doubt the disk if that stays so."
            ) from None
        self._publish(aside, self.folder / file.name)

    def _publish(self, aside: Path, path: Path) -> None:
        """Rename a flushed file into place, where there is none yet."""
        if path.exists():
            raise errors.UserError(f"{path} has come to be there meanwhile and is not replaced. Move it away.")
        aside.rename(path)
        atomic.sync_folder(self.folder)

    def _advice(self, part: Path) -> str:
        kept = f"What came is kept in {part}, and the same command goes on from there. " if part.exists() else ""
        return (
            f"{kept}A mirror may be named with --url (BENCH_PCAM_URL); or fetch the file elsewhere and put it into "
            f"{self.folder}, packed or not."
        )

    @contextlib.contextmanager
    def _words_for_the_disk(self) -> Iterator[None]:
        """Say in words what the system has against reading or writing."""
        try:
            yield
        except OSError as error:
            if errors.is_full(error):
                raise errors.UserError(
                    f"No space is left in {self.folder}. What came is kept; free some and give the same command again."
                ) from None
            raise errors.UserError(
                f"{error.filename or self.folder} cannot be read or written: {error.strerror or error}. Name another "
                "folder with --data-root (or BENCH_DATA_ROOT)."
            ) from None


def _wrong(path: Path, found: str, file: ReleaseFile) -> str:
    known = {md5: name for name, md5 in checksums.OFFICIAL_MD5.items()}
    what = (
        f"it is the official {known[found]} under another name; the table in the release's README has valid and test "
        "exchanged"
        if found in known
        else "it is damaged, or a copy that is not the official one"
    )
    return (
        f"{path} is there, but its md5 is {found}, expected {file.md5}: {what}. It is left as it is; move it away to "
        "have the official one fetched, or name another --data-root."
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
