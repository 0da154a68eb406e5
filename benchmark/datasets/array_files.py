"""NumPy's array files, mapped into memory where they are not compressed; no object in them is ever unpickled."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError

MOST_BYTES = 1 << 30
"""Bytes that a compressed array may take in memory, since it cannot be mapped."""


def mapped(place: Path) -> NDArray[Any]:
    """Return the array of a ``.npy`` file, mapped: what is read of it is what is looked at.

    Raises:
        UserError: If it is damaged, of another kind, or holds objects.
    """
    try:
        return np.lib.format.open_memmap(place, mode="r")
    except FileNotFoundError:
        raise UserError(f"{place} is not there. Expected a .npy file.") from None
    except (ValueError, OSError, EOFError) as error:
        raise UserError(_unreadable(place, error)) from None


class Archive:
    """The arrays of a ``.npz`` file by name, to be closed after use; arrays outlive that."""

    def __init__(self, place: Path) -> None:
        """Open it.

        Raises:
            UserError: If it is damaged or of another kind.
        """
        self.place = place
        try:
            self._zip = zipfile.ZipFile(place)
        except FileNotFoundError:
            raise UserError(f"{place} is not there. Expected a .npz file.") from None
        except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
            raise UserError(_unreadable(place, error)) from None
        self.names = tuple(sorted(name.removesuffix(".npy") for name in self._zip.namelist() if name.endswith(".npy")))

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def only_or(self, name: str) -> NDArray[Any]:
        """Return the one array there is, or that of a name where there are several.

        Raises:
            UserError: If there are several and none has the name.
        """
        name = self.names[0] if len(self.names) == 1 else name
        if name not in self.names:
            raise UserError(
                f"{self.place} holds {', '.join(self.names) or 'no array'}: expected one array, or one named '{name}'."
            )
        return self.array(name)

    def array(self, name: str) -> NDArray[Any]:
        """Return an array: mapped if it is stored as it is, else unpacked into memory.

        Raises:
            UserError: If it is damaged, holds objects, or is compressed and larger than `MOST_BYTES`.
        """
        member = self._zip.getinfo(f"{name}.npy")
        try:
            if member.compress_type == zipfile.ZIP_STORED:
                found = _mapped_in(self.place, self._zip, member)
                if found is not None:
                    return found
            if member.file_size > MOST_BYTES:
                raise UserError(
                    f"{self.place} is compressed, so that '{name}' would take {member.file_size / 1e9:.1f} GB of "
                    "memory. Save it by np.savez, which does not compress, or as a .npy file: those are read in parts."
                )
            with self._zip.open(member) as stream:
                return np.lib.format.read_array(stream, allow_pickle=False)
        except (ValueError, OSError, EOFError, zipfile.BadZipFile, zipfile.zlib.error) as error:  # type: ignore[attr-defined]
            raise UserError(_unreadable(self.place, error)) from None


def images(array: NDArray[Any], where: str) -> NDArray[np.uint8]:
    """Return an array that is one of images.

    Raises:
        UserError: If it is not uint8 of shape (N, H, W, 3), N of at least 1.
    """
    check_images(array.shape, array.dtype, where)
    return array


def check_images(shape: tuple[int, ...], dtype: np.dtype[Any], where: str) -> None:
    """Refuse what is not uint8 of shape (N, H, W, 3), N of at least 1.

    Raises:
        UserError: With shape and type.
    """
    if len(shape) != 4 or shape[3] != 3 or 0 in shape or dtype != np.uint8:
        raise UserError(f"{where} is {shape} {dtype}: expected (N, H, W, 3) uint8, RGB, with an image at least.")


def _mapped_in(place: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any] | None:
    """Return an array that lies in an archive as it is; None where it cannot be mapped, as an empty one."""
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
        if read is None:
            return None
        shape, fortran, dtype = read(stream)
        inside = stream.tell()
    count = int(np.prod(shape))
    if dtype.hasobject or not count or count * dtype.itemsize != member.file_size - inside:
        return None
    return np.memmap(place, dtype, "r", _start(place, member) + inside, shape, "F" if fortran else "C")


def _start(place: Path, member: zipfile.ZipInfo) -> int:
    """Return where a member's bytes begin: its local header repeats names of another length than the directory."""
    with place.open("rb") as stream:
        stream.seek(member.header_offset + 26)
        lengths = stream.read(4)
    return member.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")


def _unreadable(place: Path, error: Exception) -> str:
    if "pickle" in str(error) or "Python objects" in str(error) or "Object arrays" in str(error):
        return f"{place} holds objects, not pixels; they would have to be unpickled, which could run code."
    return f"{place} is damaged or is no {place.suffix} file ({error})."
