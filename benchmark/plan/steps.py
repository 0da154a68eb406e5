"""Steps: the units that are keyed, run, cached and resumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from benchmark import digests
from benchmark.contracts.roles import RealRole, Role, Shares
from benchmark.plan.platform import Platform
from benchmark.plan.specs import DatasetSpec, ExtractorSpec, GeneratorSpec, PromptsSpec, TaskSpec
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize
from benchmark.strict import Grown, Strict
from benchmark.suite.schema import RoleEntry

Kind = Literal["data", "prompts", "fit", "sample", "embed", "baseline", "measure"]
"""The stages, in the order in which data goes through them."""

VERSIONS: Mapping[Kind, int] = {
    "data": 2, "prompts": 1, "fit": 1, "sample": 2, "embed": 1, "baseline": 1, "measure": 2
}  # fmt: skip
"""Raised with every change to a stage's own code that changes its output; a test with golden digests watches."""


class DataConfig(Strict):
    """Make or index a dataset."""

    dataset: DatasetSpec


class PromptsConfig(Strict):
    """Describe training images."""

    builder: PromptsSpec
    on: RoleEntry


class FitConfig(Strict):
    """Let a generator learn from real images."""

    generator: GeneratorSpec
    on: RoleEntry
    seed: int


class SampleConfig(Grown):
    """Draw one shard of a variant's images: the requests `start` to `stop`."""

    LATER = ("labels", "stored")

    generator: GeneratorSpec
    train: RoleEntry
    """Labels follow their frequency in this role."""
    roles: dict[RealRole, RoleEntry]
    """The roles the generator may read."""
    seed: int
    start: int
    stop: int
    labels: Shares = "training"
    """How many images of each class are asked for."""
    stored: Resize | None = None
    """What larger images are brought down by before they are stored; None leaves all as they are made."""


class EmbedConfig(Grown):
    """Turn the images of one role into features."""

    LATER = ("reference",)

    extractor: ExtractorSpec
    protocol: Protocol
    role: RoleEntry | None
    """A part of the dataset; None for the shards of a variant."""
    reference: str | None = None
    """Digest of the imported reference that the features are taken from; None where they are made of images."""


class TaskConfig(Strict):
    """Run a task: its baseline on real images, or its measurement of a variant."""

    task: TaskSpec
    protocol: Protocol
    images: dict[Role, RoleEntry | None]
    """Roles whose images the task needs; None for the shards of the variant."""
    seed: int


@dataclass(frozen=True)
class Step:
    """A node of the plan."""

    kind: Kind
    title: str
    """What people read: ``fit baseline-prompt, seed 0``."""
    config: Strict
    """Everything that decides the output, besides the inputs and the platform."""
    platform: Platform
    """The platform it runs on."""
    inputs: Mapping[str, Step] = field(default_factory=dict)
    """The steps it reads, by name."""
    bytes: int = 0
    """Estimated size of the output."""
    scratch: int = 0
    """Estimated size of what it keeps meanwhile, besides."""
    images: int | None = None
    """About how many images it draws, or looks at; None where only the files tell, or it does neither."""

    @cached_property
    def recipe(self) -> dict[str, object]:
        """Return what the key is the digest of."""
        return {
            "kind": self.kind,
            "version": VERSIONS[self.kind],
            "config": self.config.model_dump(mode="json"),
            "inputs": {name: step.key for name, step in self.inputs.items()},
            "platform": self.platform.model_dump(mode="json"),
        }

    @cached_property
    def key(self) -> str:
        """Return the recipe key: equal keys, equal work."""
        return digests.of_value(self.recipe)

    @property
    def lacking(self) -> str | None:
        """Return why it cannot be made, where it reads real images and an imported reference stands in for them."""
        data = self.inputs["data"].config if "data" in self.inputs else self.config
        reference = data.dataset.reference if isinstance(data, DataConfig) else None
        if reference is None or not _reads_images(self.config):
            return None
        return (
            f"Real images are needed, and the imported reference {reference.digest[:12]} holds none, only features and "
            "labels. --data-root names them where they are."
        )

    def walk(self) -> Iterator[Step]:
        """Yield this step and all it stands on, each after its own inputs, repeats included."""
        for step in self.inputs.values():
            yield from step.walk()
        yield self


def _reads_images(config: Strict) -> bool:
    """Tell whether a step looks at pixels of real images itself, other than to embed or index them."""
    if isinstance(config, SampleConfig):
        return bool(config.roles)
    if isinstance(config, TaskConfig):
        return any(role is not None for role in config.images.values())
    return isinstance(config, PromptsConfig | FitConfig)
