"""Entries of a file that extend one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.errors import UserError, nearest

_NO_PATHS = ("hub", "url", "revision", "access", "files", "sha256", "disk_mb")
"""Keys of weights whose values are no paths."""

_MERGED = ("params", "weights", "prompts")
"""Keys of which an entry may give a part, and inherit the rest."""


@dataclass(frozen=True)
class Raw:
    """An entry as it stands in a file."""

    content: Mapping[str, Any]
    origin: str
    """Distribution or file."""
    folder: Path
    """Folder that relative paths of the entry start from."""


def resolve(
    entries: Mapping[str, Raw], name: str, *, noun: str, places: tuple[str, ...], removable: tuple[str, ...] = ()
) -> Raw:
    """Return an entry with everything it extends filled in.

    Args:
        entries: All entries, by name.
        name: The entry's name.
        noun: What the entries are, for messages: ``generator``, ``extractor``.
        places: Keys whose values may be paths; an entry that gives one of them starts its paths from its own folder.
        removable: Keys that an entry takes away by giving nothing for them; elsewhere, nothing given changes nothing.

    Raises:
        UserError: If there is no such entry, or it extends itself.
    """
    return _resolve(entries, name, noun, places, removable, ())


def _resolve(
    entries: Mapping[str, Raw],
    name: str,
    noun: str,
    places: tuple[str, ...],
    removable: tuple[str, ...],
    trail: tuple[str, ...],
) -> Raw:
    if name in trail:
        raise UserError(f"{noun.capitalize()}s extend each other in a circle: {' -> '.join((*trail, name))}.")
    if name not in entries:
        by = f" (extended by '{trail[-1]}')" if trail else ""
        raise UserError(f"There is no {noun} '{name}'{by}. {nearest(name, entries)}")
    entry = entries[name]
    if "extends" not in entry.content:
        return entry
    base = _resolve(entries, str(entry.content["extends"]), noun, places, removable, (*trail, name))
    own = {key: value for key, value in entry.content.items() if key != "extends"}
    merged = {**base.content, **own}
    for key in _MERGED:
        if key in removable and own.get(key, {}) is None:
            continue
        parts = [part[key] for part in (base.content, own) if part.get(key) is not None]
        if parts and all(isinstance(part, dict) for part in parts):
            merged[key] = _merged(key, parts)
    # Paths of an inherited target or weights start from where they were written.
    moved = any(_places(own.get(key)) for key in places)
    if moved and base.folder != entry.folder:
        for key in places:
            if not _places(own.get(key)) and _is_local(base.content.get(key)):
                raise UserError(
                    f"{entry.origin}, '{name}': '{key}' comes from {base.origin}, and its path starts from another "
                    f"folder than the rest. Give '{key}' here too."
                )
    return Raw(merged, entry.origin, entry.folder if moved else base.folder)


def _places(value: Any) -> bool:
    """Tell whether what an entry gives for a key says where something is: of prompts, not where it gives parameters."""
    return value is not None and not (isinstance(value, dict) and "params" in value and "builder" not in value)


def _merged(key: str, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return mappings as one, where both have a key the later one's; of prompts, so their parameters."""
    found = {name: value for part in parts for name, value in part.items()}
    params = [part["params"] for part in parts if isinstance(part.get("params"), dict)]
    return {**found, "params": _merged("params", params)} if key == "prompts" and params else found


def _is_local(value: Any) -> bool:
    """Tell whether a target names a file, or weights a relative path."""
    if isinstance(value, dict) and "builder" in value:
        return _is_local(value["builder"])
    if isinstance(value, dict):
        return any(
            _is_local(inner) if isinstance(inner, dict) else _is_path(inner)
            for key, inner in value.items()
            if key not in _NO_PATHS
        )
    return isinstance(value, str) and value.rpartition(":")[0].endswith(".py") and _is_path(value)


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and not value.startswith("package:") and not Path(value).is_absolute()
