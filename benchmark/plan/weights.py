"""Where a variant's pretrained weights are, and which they are."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmark import digests
from benchmark.errors import UserError
from benchmark.plan.specs import WeightsSpec

DigestOf = Callable[[Path], str]
"""Digests a file."""
DigestOfFiles = Callable[[Mapping[str, Path]], str]
"""Digests a set of files by name."""


def one_by_one(digest_of: DigestOf) -> DigestOfFiles:
    """Return what digests a set of files by digesting each."""
    return lambda files: digests.of_files({name: digest_of(path) for name, path in files.items()})


def resolve(reference: str, *, folder: Path, digest_of: DigestOf, where: str) -> WeightsSpec:
    """Return the folder or file a reference names and the digest of its files.

    Args:
        reference: ``package:NAME/folder`` for a folder an installed package brings, or a local folder or file.
        folder: Folder that a relative path starts from.
        digest_of: Digests one file, from a memo where the file has not changed.
        where: Which entry holds the reference, for messages.

    Raises:
        UserError: If there is no such folder or file, or it is empty.
    """
    place = _in_package(reference, where) if reference.startswith("package:") else folder / Path(reference).expanduser()
    if place.is_file():
        digest = digests.of_files({place.name: digest_of(place)})
        return WeightsSpec(folder=place.parent, digest=digest, files=(place.name,), is_file=True)
    if not place.is_dir():
        raise UserError(
            f"{where}: weights '{reference}' are not at {place}. Expected a folder or a file, "
            "'package:NAME/folder' or a path; download the weights there first."
        )
    files = {str(path.relative_to(place)): digest_of(path) for path in weight_files(place)}
    if not files:
        raise UserError(f"{where}: the weights folder {place} is empty.")
    return WeightsSpec(folder=place, digest=digests.of_files(files))


def weight_files(folder: Path) -> list[Path]:
    """Return all files of a weights folder, sorted, notes for people aside."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".md", ".py", ".pyc"))


def counted(spec: WeightsSpec) -> tuple[str, ...]:
    """Return the files that count, relative to the folder: those that are named, or all of it."""
    if spec.files is not None:
        return spec.files
    return tuple(str(path.relative_to(spec.folder)) for path in weight_files(spec.folder))


def _in_package(reference: str, where: str) -> Path:
    package, _, inner = reference.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise UserError(f"{where}: weights '{reference}' name the package '{package}', which is not installed.")
    return Path(next(iter(spec.submodule_search_locations))) / inner
