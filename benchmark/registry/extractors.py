"""Named extractors, as data: a class, its parameters, and the weights it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import model_validator

from benchmark import mistakes, strict
from benchmark.errors import UserError
from benchmark.registry import discovery, extending, targets
from benchmark.registry.extending import Raw
from benchmark.registry.weights import Reference, Wanted

SHIPPED = Path(__file__).parents[1] / "extractors" / "extractors.yaml"
"""The extractors of the project that take weights."""
EXTRACTORS_KEY = "extractors"
"""Key of a registry file under which extractors of the user's own stand."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
"""Names become keys of metrics and parts of step names: no separators, no control characters."""


class ExtractorEntry(strict.Strict):
    """An extractor and everything that decides its features."""

    extractor: str
    """Target of the class: ``module:attribute``, or ``file.py:attribute`` in a registry file."""
    summary: str = ""
    """One line for people; the class's own where left out."""
    params: dict[str, Any] = {}
    """Keyword arguments of the class."""
    weights: Reference | None = None
    """Handed to the class as its argument ``weights``, a folder that holds these files and nothing else."""

    @model_validator(mode="after")
    def _weights_apart(self) -> ExtractorEntry:
        if "weights" in self.params:
            raise ValueError("params: 'weights' stands beside 'params', so that its files are verified and keyed")
        return self


@dataclass(frozen=True)
class ListedExtractor:
    """A resolved entry, its name and who brings it."""

    name: str
    entry: ExtractorEntry
    origin: str
    folder: Path
    """Folder that relative paths of the entry start from."""

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """Return the weights it asks for: one set, or none."""
        if self.entry.weights is None:
            return ()
        return (Wanted("extractor", self.name, None, self.entry.weights, self.origin, self.folder),)

    @property
    def identity(self) -> tuple[str, str, str]:
        """Return what makes it the same network as another, whatever their names and numbers' precision."""
        weights = self.entry.weights
        model = str(self.entry.params.get("model", ""))
        return self.entry.extractor, model, "" if weights is None else weights.source


class Extractors:
    """All extractors that are known to one command."""

    def __init__(self) -> None:
        """Start empty."""
        self._raw: dict[str, Raw] = {}

    @classmethod
    def discover(cls) -> Extractors:
        """Return the extractors of installed packages and those of the project that take weights."""
        found = cls()
        for entry in discovery.extractors():
            found.add(entry.name, {"extractor": entry.target}, origin=entry.origin, folder=Path())
        found.add_all(strict.read_yaml(SHIPPED), origin="histobench", folder=SHIPPED.parent)
        return found

    def add_all(self, entries: Mapping[str, Any], *, origin: str, folder: Path) -> None:
        """Add the entries of a file.

        Raises:
            UserError: If one is no entry.
        """
        for name, raw in entries.items():
            if not isinstance(raw, dict):
                raise UserError(f"{origin}, extractor '{name}': expected keys and values, found {mistakes.show(raw)}.")
            self.add(str(name), raw, origin=origin, folder=folder)

    def add(self, name: str, raw: Mapping[str, Any], *, origin: str, folder: Path) -> None:
        """Add one entry as it stands in a file.

        Raises:
            UserError: If another entry has the name, or it is no name.
        """
        if not _NAME.fullmatch(name):
            raise UserError(
                f"{origin}: {name!r} is no name of an extractor. Expected small letters, digits, '.', '_' and '-', "
                "the first a letter or digit."
            )
        if name in self._raw:
            before = self._raw[name].origin
            raise UserError(f"Two extractors are named '{name}': in {before} and in {origin}. Rename one.")
        self._raw[name] = Raw(dict(raw), origin, folder)

    def get(self, name: str) -> ListedExtractor:
        """Return an extractor with everything it extends filled in.

        Raises:
            UserError: If it is unknown, its entry is wrong, or it extends itself.
        """
        raw = extending.resolve(
            self._raw, name, noun="extractor", places=("extractor", "weights"), removable=("weights",)
        )
        entry = strict.validate(ExtractorEntry, dict(raw.content), where=f"extractor '{name}' of {raw.origin}")
        targets.split(entry.extractor)
        return ListedExtractor(name, entry, raw.origin, raw.folder)

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(self._raw)

    def __contains__(self, name: object) -> bool:
        """Tell whether something has the name."""
        return name in self._raw

    def __iter__(self) -> Iterator[ListedExtractor]:
        """Iterate over all extractors, by name."""
        return (self.get(name) for name in self.names())
