"""The schema of a suite file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from benchmark import digests, seeds
from benchmark.contracts.dataset import Split
from benchmark.contracts.roles import RealRole
from benchmark.protocol import named
from benchmark.protocol.definition import Protocol
from benchmark.strict import Grown, Strict

Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")]


class DatasetEntry(Strict):
    """Which real images."""

    name: str
    """A name of `bench list datasets`."""
    params: dict[str, Any] = {}
    """Keyword arguments of the dataset's class."""


class RoleEntry(Grown):
    """Which part of a split plays a role."""

    LATER = ("balanced",)

    split: Split
    """The split it comes from."""
    part: tuple[float, float] = (0.0, 1.0)
    """Share of the split, as an interval of [0, 1]; roles of one split must not overlap."""
    by: Literal["image", "slide-where-known"] = "slide-where-known"
    """Whether whole slides or single images are dealt out. Without slide ids, images are."""
    n: Count | None = None
    """At most this many images; all of the part where left out."""
    balanced: bool = False
    """Whether those `n` are as many of each class."""

    @model_validator(mode="after")
    def _consistent(self) -> RoleEntry:
        low, high = self.part
        if not 0 <= low < high <= 1:
            raise ValueError(f"part: expected 0 <= low < high <= 1, found [{low}, {high}]")
        if self.balanced and self.n is None:
            raise ValueError("balanced: expected 'n' beside it, the number of images in all")
        return self

    def is_among(self, other: RoleEntry) -> bool:
        """Tell whether a role has the images of another, or some of them; not told where both are thinned."""
        whole = self.model_copy(update={"n": None, "balanced": False})
        return other in (self, whole)


class Suite(Grown):
    """What is compared, on which data, under which protocol, by which tasks."""

    LATER = ("stored_size",)

    name: Name
    """The name users type."""
    version: Count
    """Raised with every change; results of an older version stay with it."""
    summary: str
    """One line for people."""
    dataset: DatasetEntry
    """The real images."""
    roles: dict[RealRole, RoleEntry]
    """Who plays which role."""
    protocol: Annotated[Protocol, BeforeValidator(named.resolve)] = Field(
        default_factory=lambda: named.everything()["clean"].protocol
    )
    """What numbers are measured under: a name, its keys, or keys that change those of the protocol named ``base``."""
    extractors: tuple[str, ...]
    """Scoring extractors; none of them may steer a variant."""
    variants: tuple[str, ...]
    """Rows of the board, controls included."""
    tasks: dict[str, dict[str, Any]]
    """Tasks and the keyword arguments of their classes."""
    n: Count
    """Synthetic images per variant and seed."""
    seeds: tuple[int, ...]
    """Seeds run where `--seed` names none. 0 to 4 are reported; 100 and up are for development."""
    primary: tuple[str, ...] = ()
    """Variants of the comparison that was named beforehand, from the one expected worst to the best."""
    stored_size: Literal["common", "made"] = "common"
    """At what size synthetic images are stored: brought down to the protocol's common one where that changes no number,
    or as they are made, for suites of other protocols to share."""

    @model_validator(mode="after")
    def _consistent(self) -> Suite:
        for key in ("variants", "tasks", "seeds"):
            if not getattr(self, key):
                raise ValueError(f"{key}: expected at least one")
        if (bad := next((seed for seed in self.seeds if not 0 <= seed <= seeds.GREATEST), None)) is not None:
            raise ValueError(f"seeds: expected whole numbers from 0 to {seeds.GREATEST}, found {bad}")
        _no_duplicates("variants", self.variants)
        _no_duplicates("extractors", self.extractors)
        _no_duplicates("seeds", tuple(map(str, self.seeds)))
        _no_duplicates("primary", self.primary)
        _disjoint(self.roles, same=self._one_and_the_same())
        return self

    def _one_and_the_same(self) -> frozenset[str]:
        """Return the roles that hold the same images; refuse a reference that is not what the protocol says."""
        if self.protocol.reference == "held-out":
            return frozenset()
        train, reference = self.roles.get("train"), self.roles.get("reference")
        if train is not None and (reference is None or not reference.is_among(train)):
            raise ValueError(
                "roles: the protocol compares with the training images: make 'reference' equal to 'train' (it may "
                "have an 'n' where 'train' has none), or say 'reference: held-out' under 'protocol'"
            )
        return frozenset({"reference", "train"})

    @property
    def digest(self) -> str:
        """Return the digest of the whole suite."""
        return digests.of_value(self.model_dump(mode="json"))

    @property
    def conditions(self) -> str:
        """Return the digest of all that decides a row's numbers: which other rows and seeds there are does not."""
        return digests.of_value(
            self.model_dump(mode="json", exclude={"seeds", "summary", "variants", "primary", "stored_size"})
        )

    @property
    def identifier(self) -> str:
        """Return name, version and conditions: ``demo@1-0123456789ab``. Rows under one identifier compare."""
        return f"{self.name}@{self.version}-{self.conditions[:12]}"

    def limited(self, limit: int) -> Suite:
        """Return the suite with at most `limit` images a role and a variant; its digest differs.

        The floor keeps its images: no more of them are handed out than are asked for, and a few drawn at random might
        hold too few of a class.
        """
        roles = {
            role: entry if role == "floor" else entry.model_copy(update={"n": min(limit, entry.n or limit)})
            for role, entry in self.roles.items()
        }
        if self.protocol.reference == "training" and {"train", "reference"} <= set(roles):
            # Cut down apart, the two would be unlike parts.
            roles["train"] = roles["reference"]
        return self.model_copy(update={"roles": roles, "n": min(limit, self.n)})


def _no_duplicates(key: str, names: tuple[str, ...]) -> None:
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValueError(f"{key}: '{name}' stands twice")


def _disjoint(roles: dict[RealRole, RoleEntry], *, same: frozenset[str]) -> None:
    for first, one in roles.items():
        for second, other in roles.items():
            if first >= second or one.split != other.split or {first, second} == same:
                continue
            if one.part[0] < other.part[1] and other.part[0] < one.part[1]:
                raise ValueError(f"roles: '{first}' and '{second}' overlap in split '{one.split}'")
            if one.by != other.by:
                raise ValueError(f"roles: '{first}' and '{second}' deal out split '{one.split}' in unlike ways")
