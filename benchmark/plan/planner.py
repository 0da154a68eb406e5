"""Turns a suite into steps and cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from benchmark.contracts.roles import RealRole, Role
from benchmark.contracts.task import Needs
from benchmark.errors import UserError
from benchmark.plan import sizes, stand_ins
from benchmark.plan.platform import Platform
from benchmark.plan.resolve import Resolver
from benchmark.plan.specs import Absent, DatasetSpec, ExtractorSpec, GeneratorSpec
from benchmark.plan.steps import DataConfig, EmbedConfig, FitConfig, PromptsConfig, SampleConfig, Step, TaskConfig
from benchmark.protocol.operations import Resize
from benchmark.registry import discovery
from benchmark.registry.variants import Listed
from benchmark.suite.schema import RoleEntry, Suite

SHARD = 250
"""Requests per shard of an image set: what a kill costs at most."""
_LARGE = 512
"""Side in pixels that images are taken to have, for estimates, where neither their variant nor the protocol says."""


@dataclass(frozen=True)
class Cell:
    """One row of results: a task's measurement of a variant under a seed."""

    variant: Listed
    generator: GeneratorSpec
    task: str
    seed: int
    prompts: Step | None
    fit: Step | None
    shards: tuple[Step, ...]
    measure: Step

    @cached_property
    def lacking(self) -> Step | None:
        """Return a step that cannot be made because there are no real images; None where all can."""
        return next((step for step in self.measure.walk() if step.lacking is not None), None)

    @property
    def guides(self) -> tuple[ExtractorSpec, ...]:
        """Return all extractors that steer the variant, its prompts included."""
        builder = () if self.prompts is None else cast(PromptsConfig, self.prompts.config).builder.guided_by
        return (*self.generator.guided_by, *builder)


@dataclass(frozen=True)
class Plan:
    """All cells of an invocation, and the steps they share."""

    suite: Suite
    dataset: DatasetSpec
    extractors: tuple[ExtractorSpec, ...]
    """Scoring extractors, in the suite's order."""
    cells: tuple[Cell, ...]

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Return every step once, each after its inputs."""
        unique: dict[str, Step] = {}
        for cell in self.cells:
            for step in cell.measure.walk():
                unique.setdefault(step.key, step)
        return tuple(unique.values())

    @cached_property
    def absent(self) -> tuple[Absent, ...]:
        """Return what is not on this machine, each once. A plan that lacks something is only to be shown."""
        extractors = [*self.extractors, *(guide for cell in self.cells for guide in cell.guides)]
        weights = [
            *(weights for cell in self.cells for weights in cell.generator.weights.values()),
            *(one.weights for one in extractors if one.weights is not None),
        ]
        found: dict[str, Absent] = {}
        for one in weights:
            if one.absent is not None:
                found.setdefault(one.digest, one.absent)
        return (*(() if self.dataset.absent is None else (self.dataset.absent,)), *found.values())

    @cached_property
    def possible(self) -> tuple[Step, ...]:
        """Return the steps of cells that can be measured: all, unless a reference stands in for real images."""
        if self.dataset.reference is None:
            return self.steps
        keys = {step.key for cell in self.cells if cell.lacking is None for step in cell.measure.walk()}
        return tuple(step for step in self.steps if step.key in keys)


@dataclass(frozen=True)
class RealSide:
    """What a suite computes of real images alone, whatever its variants: what can be packed and shared."""

    suite: Suite
    dataset: DatasetSpec
    extractors: tuple[ExtractorSpec, ...]
    """Scoring extractors, in the suite's order."""
    data: Step
    features: Mapping[tuple[str, RealRole], Step]
    """By extractor and role."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return every step once, each after its inputs."""
        unique = {step.key: step for top in (self.data, *self.features.values()) for step in top.walk()}
        return tuple(unique.values())


@dataclass(frozen=True)
class Planner:
    """Makes the plan of one suite. All names it meets are known to be valid (`suite.catalogue.check`)."""

    suite: Suite
    resolver: Resolver
    platform: Platform

    def plan(self, *, variants: tuple[str, ...], seeds: tuple[int, ...]) -> Plan:
        """Return the plan of the variants and seeds asked for, in the suite's order."""
        cells = [
            cell for seed in seeds for name in self.suite.variants if name in variants for cell in self._row(name, seed)
        ]
        for cell in cells:
            self._check_guides(cell)
        return Plan(
            suite=self.suite, dataset=self._dataset, extractors=tuple(self._extractors.values()), cells=tuple(cells)
        )

    def real_side(self) -> RealSide:
        """Return what the suite's tasks need of real images besides the images."""
        return RealSide(
            suite=self.suite,
            dataset=self._dataset,
            extractors=tuple(self._extractors.values()),
            data=self._data,
            features={
                (extractor, role): self._embed_real(extractor, role)
                for extractor in self.suite.extractors
                for role in self._embedded_roles
            },
        )

    @cached_property
    def _embedded_roles(self) -> tuple[RealRole, ...]:
        """Return the real roles whose features a task of the suite needs, in the suite's order."""
        needed = {role for task in self.suite.tasks for role in self._needs(task).features}
        return tuple(role for role in self.suite.roles if role in needed)

    @cached_property
    def _extractors(self) -> dict[str, ExtractorSpec]:
        """Return the scoring extractors, looked up once: finding weights hashes files."""
        return {name: self.resolver.extractor(name) for name in self.suite.extractors}

    def _check_guides(self, cell: Cell) -> None:
        """Refuse an extractor that scores with the very weights that steer a variant, whatever entry names them.

        `suite.catalogue.check` compares entries, before files are looked at.
        """
        for guide in cell.guides:
            for score in self._extractors.values():
                if guide.weights is None or score.weights is None or guide.weights.digest != score.weights.digest:
                    continue
                raise UserError(
                    f"suite '{self.suite.name}': '{guide.name}' steers variant '{cell.variant.name}', and "
                    f"'{score.name}' has the same weights, so that its conditioning would leak into its own score. "
                    "Score with another extractor."
                )

    @cached_property
    def _dataset(self) -> DatasetSpec:
        if self.resolver.shelf is not None:
            extractors = tuple(self._extractors.values())
            wanted = stand_ins.Wanted(self.suite, extractors, self._embedded_roles, self.platform)
            if (found := self.resolver.stand_in(wanted)) is not None:
                return found
        return self.resolver.dataset(self.suite.dataset)

    @cached_property
    def _data(self) -> Step:
        return Step(
            kind="data",
            title=f"dataset {self._dataset.name}",
            config=DataConfig(dataset=self._dataset),
            platform=self.platform,
            bytes=sizes.of_dataset(self._dataset),
        )

    def _row(self, name: str, seed: int) -> list[Cell]:
        """Return the cells of one variant and seed: one for each task, on shared images."""
        listed = self.resolver.variants.get(name)
        spec = self.resolver.generator(listed)
        prompts = self._prompts(listed)
        inputs = {"data": self._data} if prompts is None else {"data": self._data, "prompts": prompts}
        fit = self._fit(listed, spec, seed, inputs)
        inputs = inputs if fit is None else {**inputs, "fit": fit}
        shards = tuple(self._shard(listed, spec, seed, inputs, start) for start in range(0, self.suite.n, SHARD))
        return [
            Cell(listed, spec, task, seed, prompts, fit, shards, self._measure(name, task, seed, shards))
            for task in self.suite.tasks
        ]

    def _prompts(self, listed: Listed) -> Step | None:
        """Return the step that describes the training images; no seed is a part of it, so that all seeds share it."""
        builder, role = self.resolver.prompts(listed), listed.variant.fits_on
        if builder is None or role is None:
            return None
        return Step(
            kind="prompts",
            title=f"prompts of {listed.name}",
            config=PromptsConfig(builder=builder, on=self.suite.roles[role]),
            platform=self.platform,
            inputs={"data": self._data},
            bytes=sizes.PROMPTS,
            images=sizes.of_role(self._dataset, self.suite.roles[role]),
        )

    def _fit(self, listed: Listed, spec: GeneratorSpec, seed: int, inputs: Mapping[str, Step]) -> Step | None:
        variant, role = listed.variant, listed.variant.fits_on
        if role is None:
            return None
        images = sizes.of_role(self._dataset, self.suite.roles[role])
        return Step(
            kind="fit",
            title=f"fit {listed.name}, seed {seed}",
            config=FitConfig(generator=spec, on=self.suite.roles[role], seed=seed),
            platform=self.platform,
            inputs=inputs,
            bytes=int(variant.disk_mb * 1e6),
            scratch=int(variant.scratch_mb * 1e6 + variant.scratch_kb * 1e3 * (images or self.suite.n)),
        )

    def _shard(self, listed: Listed, spec: GeneratorSpec, seed: int, inputs: Mapping[str, Step], start: int) -> Step:
        stop = min(start + SHARD, self.suite.n)
        stored = self._stored(listed)
        side = listed.variant.pixels or self.suite.protocol.side or _LARGE
        return Step(
            kind="sample",
            title=f"sample {listed.name}, seed {seed}, images {start} to {stop - 1}",
            config=SampleConfig(
                generator=spec,
                train=self.suite.roles["train"],
                roles={role: self.suite.roles[role] for role in spec.reads},
                seed=seed,
                start=start,
                stop=stop,
                labels=listed.variant.labels,
                stored=stored,
            ),
            platform=self.platform,
            inputs=inputs,
            bytes=sizes.of_images(stop - start, side if stored is None else min(side, stored.resize)),
            images=stop - start,
        )

    def _stored(self, listed: Listed) -> Resize | None:
        """Return what a variant's images are brought down by before they are stored.

        It is what the protocol does to them first in any case, so that no number changes; where that hangs on a codec
        which only the data tell, or is no resize, they stay as they are made. So do those of which nobody says that
        they are made larger: suites of unlike protocols share them.
        """
        pixels = listed.variant.pixels
        if self.suite.stored_size == "made" or pixels is None:
            return None
        first = self.suite.protocol.first_of_synthetic(side=sizes.side_of(self._dataset))
        return first if first is not None and first.resize < pixels else None

    def _measure(self, name: str, task: str, seed: int, shards: tuple[Step, ...]) -> Step:
        needs = self._needs(task)
        inputs = {
            "data": self._data,
            **self._embedded(needs, name, seed, shards),
            **(_numbered(shards) if "synthetic" in needs.images else {}),
            **({"baseline": self._baseline(task, seed)} if needs.baseline else {}),
        }
        return Step(
            kind="measure",
            title=f"measure {task} of {name}, seed {seed}",
            config=self._task_config(task, seed, needs.images),
            platform=self.platform,
            inputs=inputs,
            bytes=sizes.MEASUREMENT,
        )

    def _baseline(self, task: str, seed: int) -> Step:
        needs = self._needs(task)
        return Step(
            kind="baseline",
            title=f"baseline of {task} on real images, seed {seed}",
            config=self._task_config(task, seed, tuple(role for role in needs.images if role != "synthetic")),
            platform=self.platform,
            inputs={"data": self._data, **self._embedded(needs, "real", seed, ())},
            bytes=sizes.MEASUREMENT,
        )

    def _embedded(self, needs: Needs, name: str, seed: int, shards: tuple[Step, ...]) -> dict[str, Step]:
        """Return the steps that embed each role a task needs, under each scoring extractor."""
        steps: dict[str, Step] = {}
        for extractor in self.suite.extractors:
            for role in needs.features:
                if role != "synthetic":
                    steps[f"features/{extractor}/{role}"] = self._embed_real(extractor, role)
                elif shards:
                    steps[f"features/{extractor}/{role}"] = self._embed_synthetic(extractor, name, seed, shards)
        return steps

    def _embed_real(self, extractor: str, role: RealRole) -> Step:
        return self._embed(f"embed real {role} with {extractor}", extractor, self.suite.roles[role], {})

    def _embed_synthetic(self, extractor: str, name: str, seed: int, shards: tuple[Step, ...]) -> Step:
        return self._embed(f"embed {name}, seed {seed}, with {extractor}", extractor, None, _numbered(shards))

    def _embed(self, title: str, extractor: str, role: RoleEntry | None, shards: Mapping[str, Step]) -> Step:
        images = self.suite.n if role is None else sizes.of_role(self._dataset, role)
        reference = self._dataset.reference
        return Step(
            kind="embed",
            title=title,
            config=EmbedConfig(
                extractor=self._extractors[extractor],
                protocol=self.suite.protocol,
                role=role,
                reference=None if role is None or reference is None else reference.digest,
            ),
            platform=self.platform,
            inputs={"data": self._data, **shards},
            bytes=sizes.of_features(images or self.suite.n),
            images=images,
        )

    def _task_config(self, task: str, seed: int, images: tuple[Role, ...]) -> TaskConfig:
        return TaskConfig(
            task=self.resolver.task(task, self.suite.tasks[task]),
            protocol=self.suite.protocol,
            images={role: None if role == "synthetic" else self.suite.roles[role] for role in images},
            seed=seed,
        )

    def _needs(self, task: str) -> Needs:
        return discovery.tasks().load(task).needs


def _numbered(shards: tuple[Step, ...]) -> dict[str, Step]:
    return {f"shard/{number:05d}": step for number, step in enumerate(shards)}
