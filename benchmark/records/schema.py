"""The schema of a record."""

from __future__ import annotations

from typing import Any, Literal

from benchmark import digests
from benchmark.contracts.dataset import Identity
from benchmark.contracts.roles import RealRole, Shares
from benchmark.contracts.task import Metric, Value
from benchmark.protocol.definition import Protocol
from benchmark.provenance import Provenance
from benchmark.strict import Grown, Strict
from benchmark.suite.schema import RoleEntry

SCHEMA_VERSION: Literal[1] = 1
"""Raised with every change of the schema; readers of older versions stay."""

NOT_MADE = "not made"
"""In place of a dataset's digest, where making or reading the dataset failed."""

Status = Literal["complete", "failed", "diverged", "no-space"]
"""How a cell ended."""


class SuiteEntry(Strict):
    """Which suite."""

    name: str
    version: int
    digest: str
    identifier: str
    summary: str
    limit: int | None
    """Set where `--limit` cut the images down: such numbers are for trials only."""
    variants: tuple[str, ...]
    """Rows of the board, in order."""
    primary: tuple[str, ...]
    """The comparison that was named beforehand."""


class ReferenceEntry(Strict):
    """The imported reference that stood in for real images: their features and labels, made elsewhere."""

    digest: str
    suite: str
    """Identifier of the suite that it was packed for."""
    device: str
    """Kind of device that its features were made on."""
    torch: str
    diffusers: str
    histobench: str
    """Versions that they were made by."""


class DatasetEntry(Grown):
    """Which real images."""

    LATER = ("reference",)

    name: str
    params: dict[str, Any]
    identity: Identity
    codec: str
    roles: dict[RealRole, RoleEntry]
    reference: ReferenceEntry | None = None
    """What stood in for them; None where the images themselves were there."""


class PromptsEntry(Strict):
    """What a variant's training images were described by."""

    builder: str
    version: int
    source: str | None
    guided_by: tuple[str, ...]
    given: dict[str, Any]
    """Parameters as the entry gives them."""
    resolved: dict[str, Any]
    """All parameters, defaults filled in."""


class VariantEntry(Grown):
    """Which generator."""

    LATER = ("prompts", "labels")

    name: str
    kind: Literal["generator", "control"]
    summary: str
    origin: str
    generator: str
    version: int
    source: str | None
    fits_on: RealRole | None
    reads: tuple[RealRole, ...]
    guided_by: tuple[str, ...]
    """Extractors that steer it, those of its prompts included."""
    prompts: PromptsEntry | None = None
    """None where it has none of its own."""
    weights: dict[str, str]
    """Digests of pretrained weights, by name."""
    given: dict[str, Any]
    """Parameters as the entry gives them."""
    resolved: dict[str, Any]
    """All parameters, defaults filled in."""
    labels: Shares = "training"
    """How many images of each class it was asked for."""


class TaskEntry(Strict):
    """Which measurement."""

    name: str
    version: int
    given: dict[str, Any]
    resolved: dict[str, Any]


class StepEntry(Strict):
    """A step the cell stands on."""

    kind: str
    title: str
    key: str
    digest: str


class Run(Strict):
    """When and how long; no part of the result."""

    invocation: str
    command: str
    started: str
    finished: str
    wall_s: dict[str, float]
    """Seconds by stage, of the run that made each step."""


class Record(Strict):
    """One cell's result, with everything needed to judge it."""

    schema_version: Literal[1] = SCHEMA_VERSION
    status: Status
    error: str | None
    """Why the cell failed."""
    suite: SuiteEntry
    dataset: DatasetEntry
    variant: VariantEntry
    task: TaskEntry
    seed: int
    n_synthetic: int
    protocol: Protocol
    extractors: dict[str, int]
    """Scoring extractors and their versions."""
    metrics: tuple[Metric, ...]
    """What the values mean."""
    values: tuple[Value, ...]
    device: str
    steps: tuple[StepEntry, ...]
    provenance: Provenance
    run: Run

    @property
    def digest(self) -> str:
        """Return the digest of the result; when it was run and how long it took is no part of it."""
        return digests.of_value(self.model_dump(mode="json", exclude={"run"}))

    @property
    def board(self) -> str:
        """Return what must be equal for records to share a board."""
        return f"{self.suite.identifier}/{self.dataset.identity.digest[:12]}/{self.device}"
