"""Whether everything in a store is what was written."""

from __future__ import annotations

from collections.abc import Iterator

import pydantic

from benchmark.store import manifest as manifests
from benchmark.store.store import Store


def damaged(store: Store) -> Iterator[tuple[str, str, str]]:
    """Yield stage, key and problem of every finished step whose files are not what was written.

    Every file is hashed again, whatever its size and time say.
    """
    for kind, key, folder in store.objects():
        try:
            manifest = manifests.read(folder)
        except (OSError, pydantic.ValidationError) as error:
            yield kind, key, f"no readable manifest: {type(error).__name__}"
            continue
        if not manifests.is_sound(manifest, key):
            yield kind, key, f"{manifests.NAME}: changed since it was written"
            continue
        try:
            found = manifests.describe_files(folder)
        except OSError as error:
            yield kind, key, f"{error.filename or folder}: cannot be read: {error.strerror}"
            continue
        for name in sorted(manifest.files.keys() | found.keys()):
            if manifest.files.get(name) != found.get(name):
                yield kind, key, f"{name}: {_difference(name in manifest.files, name in found)}"
                break


def _difference(expected: bool, there: bool) -> str:
    if expected and there:
        return "changed since it was written"
    return "missing" if expected else "not part of the output"
