"""From names to specs: everything that decides a result, looked up."""

from __future__ import annotations

import dataclasses
import inspect
import json
import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import PydanticSchemaGenerationError, TypeAdapter, ValidationError

from benchmark import digests, mistakes
from benchmark.errors import UserError, nearest
from benchmark.plan import stand_ins, weights
from benchmark.plan.specs import (
    Absent,
    DatasetSpec,
    ExtractorSpec,
    GeneratorSpec,
    PromptsSpec,
    ReferenceSpec,
    TaskSpec,
    WeightsSpec,
)
from benchmark.registry import discovery, pretrained, targets
from benchmark.registry.extractors import ListedExtractor
from benchmark.registry.variants import Catalogue, Listed
from benchmark.registry.weights import Wanted
from benchmark.suite.schema import DatasetEntry, Suite


@dataclass(frozen=True)
class Resolver:
    """Looks names up in what is installed and in what the user lists."""

    variants: Catalogue
    data_root: Path | None
    digest_of: weights.DigestOf
    offline: bool = True
    """Whether weights that are not on this machine are an error rather than fetched."""
    to_run: bool = True
    """Whether the plan is to be run; where it is only to be shown, weights and images that are not there are planned
    for."""
    digest_of_files: weights.DigestOfFiles | None = None
    """Digests the files of a dataset, of which there may be hundreds of thousands; one by one where left out."""
    shelf: stand_ins.Shelf | None = None
    """Imported references, which stand in for real images that are not on this machine."""

    def dataset(self, entry: DatasetEntry) -> DatasetSpec:
        """Return the spec of a suite's dataset.

        Raises:
            UserError: If a parameter is unknown, or files are needed and not there.
        """
        loaded = discovery.datasets().load(entry.name)
        check_params(loaded, entry.params, where=f"dataset '{entry.name}'")
        target = discovery.datasets().entry(entry.name).target
        if loaded.made:
            return DatasetSpec(name=entry.name, target=target, version=loaded.version, params=entry.params)
        try:
            if self.data_root is None:
                raise UserError(
                    f"Dataset '{entry.name}' needs --data-root (or BENCH_DATA_ROOT). {loaded.advice}{self._or_import}"
                )
            files = loaded(**entry.params).files(self.data_root)
        except UserError as error:
            if self.to_run or not hasattr(loaded, "released"):
                raise
            return _asked_for(entry, target, loaded, str(error))
        try:
            digest = (self.digest_of_files or weights.one_by_one(self.digest_of))(
                {str(path.relative_to(self.data_root)): path for path in files}
            )
        except OSError as error:
            raise UserError(f"{error.filename} of dataset '{entry.name}' cannot be read: {error.strerror}.") from None
        return DatasetSpec(
            name=entry.name,
            target=target,
            version=loaded.version,
            params=entry.params,
            files=digest,
            root=self.data_root,
        )

    @property
    def _or_import(self) -> str:
        return "" if self.shelf is None else f" {stand_ins.ADVICE}"

    def stand_in(self, wanted: stand_ins.Wanted) -> DatasetSpec | None:
        """Return the spec of a dataset for which an imported reference stands in.

        Args:
            wanted: What a plan needs of it.

        Returns:
            None where the images are at hand, or no reference of them was imported.

        Raises:
            UserError: If references of this dataset were imported and none fits, or several do.
        """
        entry = wanted.suite.dataset
        loaded = discovery.datasets().load(entry.name)
        check_params(loaded, entry.params, where=f"dataset '{entry.name}'")
        target = discovery.datasets().entry(entry.name).target
        if self.shelf is None:
            return None
        if loaded.made or self.data_root is not None:
            self.shelf.refuse_a_choice(entry.name, made=loaded.made)
            return None
        found = self.shelf.choose(wanted, target=target, version=loaded.version)
        if found is None:
            return None
        return DatasetSpec(
            name=entry.name,
            target=target,
            version=loaded.version,
            params=entry.params,
            files=found.manifest.dataset.files,
            reference=ReferenceSpec(digest=found.digest, folder=found.folder),
        )

    def extractor(self, name: str) -> ExtractorSpec:
        """Return the spec of an extractor.

        Raises:
            UserError: If a parameter is unknown, or its weights are not there, may not be fetched or are not the known
                ones.
        """
        listed = self.variants.extractors.get(name)
        entry = listed.entry
        # A mistake is told before gigabytes are fetched or hashed.
        loaded = check_extractor(listed)
        return ExtractorSpec(
            name=name,
            target=entry.extractor,
            version=loaded.version,
            params=entry.params,
            source=targets.source_digest(entry.extractor, relative_to=listed.folder),
            folder=listed.folder,
            weights=next((self._weights(wanted) for wanted in listed.wanted), None),
        )

    def _weights(self, wanted: Wanted) -> WeightsSpec:
        return weights.resolve(wanted, digest_of=self.digest_of, offline=self.offline, to_run=self.to_run)

    def task(self, name: str, params: dict[str, Any]) -> TaskSpec:
        """Return the spec of a task.

        Raises:
            UserError: If a parameter is unknown.
        """
        loaded = discovery.tasks().load(name)
        check_params(loaded, params, where=f"task '{name}'")
        target = discovery.tasks().entry(name).target
        return TaskSpec(name=name, target=target, version=loaded.version, params=params)

    def prompts(self, listed: Listed) -> PromptsSpec | None:
        """Return the spec of a variant's prompt builder, or None where it has none.

        Raises:
            UserError: If its file is not there, or an extractor that it looks through cannot be had.
        """
        entry = listed.variant.prompts
        if entry is None:
            return None
        return PromptsSpec(
            name=listed.name,
            target=entry.builder,
            version=entry.version,
            params=entry.params,
            source=targets.source_digest(entry.builder, relative_to=listed.folder),
            folder=listed.folder,
            guided_by=tuple(self.extractor(name) for name in entry.guided_by),
        )

    def generator(self, listed: Listed) -> GeneratorSpec:
        """Return the spec of a variant.

        Raises:
            UserError: If its file or its weights are not there; weights may be fetched first.
        """
        variant = listed.variant
        return GeneratorSpec(
            name=listed.name,
            target=variant.generator,
            version=variant.version,
            params=variant.params,
            source=targets.source_digest(variant.generator, relative_to=listed.folder),
            folder=listed.folder,
            reads=variant.reads,
            guided_by=tuple(self.extractor(name) for name in variant.guided_by),
            weights={str(wanted.part): self._weights(wanted) for wanted in listed.wanted},
        )


def _asked_for(entry: DatasetEntry, target: str, loaded: Any, why: str) -> DatasetSpec:
    """Return a released dataset whose files are not here, under a digest that no files have."""
    return DatasetSpec(
        name=entry.name,
        target=target,
        version=loaded.version,
        params=entry.params,
        files=digests.of_value(["released", entry.name]),
        absent=Absent(what=f"dataset '{entry.name}'", bytes=loaded.released.bytes, remedy=why),
    )


def check_suite(suite: Suite, data_root: Path | None) -> None:
    """Refuse parameters that a suite's dataset or tasks do not take; nothing is read or made.

    Args:
        suite: The suite.
        data_root: Folder in which the files of its real images must be; None to look for none.

    Raises:
        UserError: At the first one.
    """
    loaded = discovery.datasets().load(suite.dataset.name)
    check_params(loaded, suite.dataset.params, where=f"dataset '{suite.dataset.name}'")
    dataset = loaded(**suite.dataset.params)
    if data_root is not None and not loaded.made:
        dataset.files(data_root)
    for name, params in suite.tasks.items():
        check_params(discovery.tasks().load(name), params, where=f"task '{name}'")


def check_extractor(listed: ListedExtractor) -> Any:
    """Return the class of an extractor after looking at what can be seen of it without its weights.

    Raises:
        UserError: If it does not load, lacks a part of the contract, or takes other parameters; if its entry names a
            path at which nothing is.
    """
    entry, where = listed.entry, f"extractor '{listed.name}' of {listed.origin}"
    loaded: Any = targets.load(entry.extractor, relative_to=listed.folder)
    for part in ("version", "summary", "to", "embed"):  # A width may be known to the object alone.
        if not hasattr(loaded, part):
            raise UserError(
                f"{where}: {entry.extractor} has no '{part}'. An extractor has a version, a summary, a width, and the "
                "methods to and embed (docs/extractors.md)."
            )
    # Which folder it will be does not matter here.
    check_params(loaded, entry.params if entry.weights is None else {**entry.params, "weights": "."}, where=where)
    for wanted in listed.wanted:
        if wanted.weights.path is not None:
            pretrained.find(wanted)
    return loaded


def check_params(factory: Any, params: dict[str, Any], *, where: str) -> None:
    """Refuse keyword arguments that a class does not take.

    Raises:
        UserError: If one is unknown, is not of the annotated type or in its range, or a needed one is missing.
    """
    if params and _takes_none(factory):
        raise UserError(f"{where}: takes no parameter, found '{next(iter(params))}'. Its class has no '__init__'.")
    _check_types(factory, params, where)
    known = inspect.signature(factory).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in known.values()):
        return
    for name in params:
        if name not in known:
            raise UserError(f"{where}: unknown parameter '{name}'. {nearest(name, known)}")
    for name, parameter in known.items():
        if (
            parameter.default is parameter.empty
            and name not in params
            and parameter.kind is not parameter.VAR_POSITIONAL
        ):
            raise UserError(f"{where}: parameter '{name}' is missing.")


def _takes_none(factory: Any) -> bool:
    """Tell whether a class has no constructor of its own: one that derives from a protocol seems to take anything."""
    return getattr(factory, "__init__", None) in (object.__init__, _Nothing.__init__)


class _Nothing(typing.Protocol):
    """What a class has that derives from a protocol and writes no constructor."""


def _check_types(factory: Any, params: dict[str, Any], where: str) -> None:
    """Refuse values that are not what the class is annotated with; what is not annotated is not judged."""
    hints = _hints(factory)
    for name, value in params.items():
        if name not in hints:
            continue
        try:
            # By way of JSON, where a list may stand for a tuple and yet "3" does not for 3.
            TypeAdapter(hints[name]).validate_json(json.dumps(value, default=str), strict=True)
        except PydanticSchemaGenerationError:
            continue  # Annotated with a class of its own, which no file can name a value of.
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            key = ".".join([name, *(str(part) for part in detail["loc"])])
            found = mistakes.show(detail["input"])
            raise UserError(f"{where}: parameter '{key}': {mistakes.wanted(detail)} (found {found}).") from None


def _hints(factory: Any) -> dict[str, Any]:
    holder = factory if dataclasses.is_dataclass(factory) else getattr(factory, "__init__", factory)
    parts = reversed(holder.__mro__) if isinstance(holder, type) else (holder,)
    return {name: found for part in parts for name, found in _hints_of(part)}


def _hints_of(part: Any) -> Iterator[tuple[str, Any]]:
    """Yield what names are annotated with, one by one: some mean nothing outside a type checker."""
    for name, annotation in inspect.get_annotations(part).items():
        alone = types.SimpleNamespace(__annotations__={name: annotation})
        try:
            names = vars(sys.modules[part.__module__])
            found = typing.get_type_hints(alone, globalns=names, include_extras=True)
        except (NameError, TypeError, AttributeError, KeyError):
            continue
        yield name, found[name]
