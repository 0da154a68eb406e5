"""What a packed reference says of itself. Whoever wrote it is not trusted: every part has a form and a limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from benchmark import digests, strict
from benchmark.contracts.dataset import Identity, Layout
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError
from benchmark.mistakes import show
from benchmark.strict import Strict
from benchmark.suite.schema import Count, RoleEntry, Suite

FORMAT: Literal[1] = 1
"""Raised with every change of the pack that an older version could not read."""
NAME = "reference.json"
"""File name of the manifest."""
MOST_BYTES = 4_000_000
"""Longest manifest that is read; one of a suite with a hundred extractors has a tenth of it."""
_MOST_WORDS = 2000
"""Longest message on a manifest that is wrong, in characters."""


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("expected one line of printable text")
    return text


Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]
Version = Annotated[str, Field(pattern=r"^[0-9A-Za-z.+-]{1,40}$")]


class FileEntry(Strict):
    """One file of a pack."""

    sha256: Digest
    bytes: Count


class IdentityEntry(Strict):
    """Which data it is, as boards show it."""

    name: Text
    digest: Digest
    """Of the images' files; a part of the board's name."""
    official: bool
    caution: Text


class DatasetPart(Strict):
    """The real images that features were made of."""

    name: Text
    target: Text
    """``module:attribute`` of its class: compared with the one that is installed, never loaded."""
    version: int
    params: dict[str, Any]
    files: Digest
    """Of the files under the data root of whoever packed it."""
    identity: IdentityEntry
    codec: Annotated[str, Field(pattern=r"^(none|jpeg-[0-9]{1,3})$")]
    classes: Annotated[tuple[Text, ...], Field(min_length=1, max_length=10_000)]
    side: Count


class ExtractorPart(Strict):
    """What features were made by: compared with what is installed, never loaded."""

    name: Text
    target: Text
    version: int
    params: dict[str, Any]
    source: Digest | None
    """Of the class's file, where it is a file beside a registry."""
    weights: Digest | None
    """Of its pretrained weights."""
    width: Annotated[int, Field(ge=1, le=1_000_000)]
    """Features a row."""


class RolePart(Strict):
    """One role of the suite."""

    entry: RoleEntry
    n: Count
    """Images that play it."""


class PlatformPart(Strict):
    """The platform that features were made on."""

    device: Literal["cpu", "cuda"]
    torch: Version
    diffusers: Version


class Made(Strict):
    """When and on what features were made; no part of what they are."""

    when: Annotated[str, Field(pattern=r"^[0-9T:.+-]{10,40}$")]
    """The first of its steps, ISO 8601."""
    accelerator: Text | None


class Manifest(Strict):
    """A packed reference."""

    format: Literal[1] = FORMAT
    suite: Suite
    """As resolved."""
    dataset: DatasetPart
    platform: PlatformPart
    histobench: Version
    """Version that the features were made by."""
    roles: dict[RealRole, RolePart]
    features: tuple[RealRole, ...]
    """Roles of which there are features, under every extractor."""
    extractors: tuple[ExtractorPart, ...]
    """In the suite's order."""
    slides: Literal["named", "numbered", "unknown"]
    """Whether slides go by their ids, by numbers that hide them, or are not known."""
    files: dict[str, FileEntry]
    made: Made

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        if {role: part.entry for role, part in self.roles.items()} != self.suite.roles:
            raise ValueError("roles: not those of the suite")
        if (self.dataset.name, self.dataset.params) != (self.suite.dataset.name, self.suite.dataset.params):
            raise ValueError("dataset: not that of the suite")
        if tuple(part.name for part in self.extractors) != self.suite.extractors:
            raise ValueError("extractors: not those of the suite")
        if not self.features or len(set(self.features)) < len(self.features) or set(self.features) - set(self.roles):
            raise ValueError("features: expected one or more of the suite's roles, none twice")
        if missing := sorted(set(self.required()) - set(self.files)):
            raise ValueError(f"files: '{missing[0]}' is missing")
        if unknown := sorted(set(self.files) - {*self.required(), *self.optional()}):
            raise ValueError(f"files: {show(unknown[0])} has no place in a reference")
        return self

    @cached_property
    def digest(self) -> str:
        """Return the digest of what it holds and what that was made under; when, by whom and beside which rows is none.

        Equal digests, equal references.
        """
        content = self.model_dump(mode="json", exclude={"made", "suite"})
        return digests.of_value([content, self.suite.name, self.suite.version, self.suite.conditions])

    @property
    def identity(self) -> Identity:
        """Return which data it is."""
        return Identity(**self.dataset.identity.model_dump())

    @property
    def layout(self) -> Layout:
        """Return what all images have in common."""
        return Layout(classes=self.dataset.classes, side=self.dataset.side)

    def required(self) -> Iterator[str]:
        """Yield the names of the files that must be there."""
        yield from (labels_of(role) for role in self.roles)
        yield from (features_of(number, role) for number, role in self._pairs())

    def optional(self) -> Iterator[str]:
        """Yield the names of the files that may be there."""
        yield from (slides_of(role) for role in self.roles)
        yield from (exact_of(number, role) for number, role in self._pairs())

    def _pairs(self) -> Iterator[tuple[int, RealRole]]:
        return ((number, role) for number in range(len(self.extractors)) for role in self.features)


def labels_of(role: RealRole) -> str:
    """Return the name of the file of a role's labels."""
    return f"roles/{role}/labels.npy"


def slides_of(role: RealRole) -> str:
    """Return the name of the file of a role's slides."""
    return f"roles/{role}/slides.npy"


def features_of(extractor: int, role: RealRole) -> str:
    """Return the name of the file of features, given the extractor's place; no name of a user's is a part of it."""
    return f"features/{extractor}/{role}/features.npy"


def exact_of(extractor: int, role: RealRole) -> str:
    """Return the name of the file of the first rows in full precision."""
    return f"features/{extractor}/{role}/exact.npy"


def parse(text: bytes, *, where: str) -> Manifest:
    """Return the manifest that some bytes hold.

    Args:
        text: The bytes.
        where: File, for messages.

    Raises:
        UserError: If they are none of a known format, with the first things that are wrong.
    """
    try:
        found = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise UserError(f"{where} is not JSON. It is no reference, or damaged: fetch it again.") from None
    said = found.get("format") if isinstance(found, dict) else None
    if said != FORMAT or isinstance(said, bool):
        raise UserError(
            f"{where}: found format {show(said)}, expected {FORMAT}. It was packed by another version of histobench, "
            "or is no reference."
        )
    try:
        return strict.validate(Manifest, found, where=where)
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise UserError(f"{where} is no reference: {type(error).__name__}.") from None
    except UserError as error:
        raise UserError(str(error)[:_MOST_WORDS]) from None
