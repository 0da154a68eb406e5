"""Imported references of a store: brought in whole or not at all, looked through, listed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmark import atomic
from benchmark.errors import UserError
from benchmark.references import archive, contents
from benchmark.references import folder as references
from benchmark.references.folder import Reference
from benchmark.store import lease, space
from benchmark.store.store import Store
from benchmark.store.usage import bytes_of


class Imported(NamedTuple):
    """What became of an import."""

    reference: Reference
    is_new: bool
    """Whether it was not there before."""


class Listed(NamedTuple):
    """One reference of a store."""

    reference: Reference
    bytes: int


def bring(store: Store, pack: Path) -> Imported:
    """Import a pack after verifying all of it; what is there already and sound stays.

    Args:
        store: Where to.
        pack: The file.

    Raises:
        UserError: If it is no reference, is damaged, or will not fit on the disk. Nothing is left of it then.
    """
    archive.peek(pack)
    size = pack.stat().st_size
    store.make()
    space.require(store.root, size, pack=str(pack))
    name = f"import-{secrets.token_hex(8)}"
    work = store.work_folder(name)
    # The lease keeps `bench store gc` off what is not yet in its place.
    with lease.hold(store.root / "leases" / name, waiting=lambda: None):
        try:
            manifest = archive.unpack(pack, work)
            contents.check(work, manifest, where=str(pack))
            return _place(store, work, manifest.digest)
        finally:
            shutil.rmtree(work, ignore_errors=True)
            (store.root / "leases" / name).unlink(missing_ok=True)


def listed(store: Store) -> Iterator[Listed]:
    """Yield the references of a store.

    Raises:
        UserError: If one is damaged.
    """
    for folder in references.folders(references.place_of(store.root)):
        yield Listed(references.read(folder), bytes_of(folder))


def damaged(store: Store) -> Iterator[tuple[str, str]]:
    """Yield digest and problem of every reference that is not what was imported; every file is hashed."""
    for folder in references.folders(references.place_of(store.root)):
        if (problem := _problem(folder)) is not None:
            yield folder.name, problem


def count(store: Store) -> int:
    """Return how many references a store holds, damaged ones included."""
    return len(references.folders(references.place_of(store.root)))


def _place(store: Store, work: Path, digest: str) -> Imported:
    final = references.place_of(store.root) / digest
    with lease.hold(store.root / "leases" / "references", waiting=lambda: None):
        if final.exists():
            if _problem(final) is None:
                return Imported(references.read(final), is_new=False)
            aside = store.root / "damaged" / f"reference-{digest[:16]}-{secrets.token_hex(4)}"
            aside.parent.mkdir(exist_ok=True)
            final.rename(aside)
        final.parent.mkdir(exist_ok=True)
        work.rename(final)
        atomic.sync_folder(final.parent)
    return Imported(references.read(final), is_new=True)


def _problem(folder: Path) -> str | None:
    """Return the first thing that is wrong with a reference; None where it is as it was imported."""
    try:
        return next(references.read(folder).problems(), None)
    except UserError:
        return "its manifest is missing or not what was imported"
