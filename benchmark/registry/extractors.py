"""Named extractors, as data: a class, its parameters, and the weights it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import model_validator

from benchmark import mistakes, strict
from benchmark.errors import UserError
from benchmark.registry import discovery, extending, targets
from benchmark.registry.extending import Raw

SHIPPED = Path(__file__).parents[1] / "extractors" / "extractors.yaml"
"""The extractors of the project that take weights."""
EXTRACTORS_KEY = "extractors"
"""Key of a registry file under which extractors of the user's own stand."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
"""Names become keys of metrics and parts of step names: no separators, no control characters."""
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_REVISION = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Weights(strict.Strict):
    """Where pretrained weights come from, and which they have to be."""

    path: str | None = None
    """A local file or folder, relative to the entry's file. Where it is given, nothing else is looked at."""
    hub: str | None = None
    """``owner/name`` on the Hugging Face hub."""
    revision: str | None = None
    """Commit of the hub, 40 hex digits: names and tags move, a commit does not."""
    url: str | None = None
    """Address of a single file."""
    files: tuple[str, ...] = ()
    """The files that are used, and no others; all of a local folder where left out."""
    sha256: dict[str, str] = {}
    """Digests of files, where they are known; a file of another digest is refused."""
    access: str | None = None
    """How to be given access, where it is not open to all."""

    @model_validator(mode="after")
    def _consistent(self) -> Weights:
        if self.path is None and (self.hub is None) == (self.url is None):
            raise ValueError("expected one of 'path', 'hub' and 'url'")
        if self.hub is not None and not _REPOSITORY.fullmatch(self.hub):
            raise ValueError(f"hub: expected owner/name, found '{self.hub}'")
        if self.hub is not None and self.path is None and not self.files:
            raise ValueError(f"files: expected the files of {self.hub} that are used")
        for name in (*self.files, *self.sha256):
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                raise ValueError(f"files: expected names inside the folder, found '{name}'")
        if self.hub is not None and (self.revision is None or not _REVISION.fullmatch(self.revision)):
            raise ValueError(f"revision: expected a commit of {self.hub}, 40 hex digits, found {self.revision!r}")
        if self.url is not None and len(self.files) != 1:
            raise ValueError("files: expected the one file that 'url' brings")
        for name, digest in self.sha256.items():
            if not _SHA256.fullmatch(digest):
                raise ValueError(f"sha256: expected 64 hex digits for '{name}', found {digest!r}")
        return self

    @property
    def source(self) -> str:
        """Return where they come from, in one word; equal sources, equal networks, also of a local copy."""
        return str(self.hub or self.url or self.path)


class ExtractorEntry(strict.Strict):
    """An extractor and everything that decides its features."""

    extractor: str
    """Target of the class: ``module:attribute``, or ``file.py:attribute`` in a registry file."""
    summary: str = ""
    """One line for people; the class's own where left out."""
    params: dict[str, Any] = {}
    """Keyword arguments of the class."""
    weights: Weights | None = None
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
