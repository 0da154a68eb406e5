"""Pretrained weights that an entry asks for, as data: where they come from, and which they have to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BeforeValidator, SerializerFunctionWrapHandler, model_serializer, model_validator

from benchmark import strict

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_REVISION = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Weights(strict.Strict):
    """Where pretrained weights come from, and which they have to be."""

    path: str | None = None
    """A local file or folder, relative to the entry's file, or ``package:NAME/folder`` for one that a package brings.
    Where it is given, nothing else is looked at."""
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
    disk_mb: float = 0.0
    """About how large they are, for estimates; 0 where that is not known."""

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

    @model_serializer(mode="wrap")
    def _given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is not given."""
        return {key: value for key, value in handler(self).items() if value}

    @property
    def source(self) -> str:
        """Return where they come from, in one word; equal sources, equal networks, also of a local copy."""
        return str(self.hub or self.url or self.path)


def _as_path(given: object) -> object:
    """Let text alone stand for a path."""
    return {"path": given} if isinstance(given, str) else given


Reference = Annotated[Weights, BeforeValidator(_as_path)]
"""Weights as an entry may write them: their keys, or in short the path alone."""


@dataclass(frozen=True)
class Wanted:
    """The weights of one entry."""

    noun: str
    """What the entry is: ``extractor`` or ``variant``."""
    name: str
    """The entry's name."""
    part: str | None
    """Under which name it asks for them, where it may ask for several."""
    weights: Weights
    origin: str
    """Distribution or file that the entry stands in."""
    folder: Path
    """Folder that a relative path starts from."""

    @property
    def of(self) -> str:
        """Return whose weights they are, at the beginning of a message."""
        of_part = "" if self.part is None else f", weights '{self.part}'"
        return f"{self.noun.capitalize()} '{self.name}'{of_part}"
