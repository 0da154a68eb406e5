"""What installed packages bring, by entry points. The project's own parts join the same way."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UserError
from benchmark.registry.registry import Entry, Registry

if TYPE_CHECKING:
    from benchmark.contracts.dataset import Dataset
    from benchmark.contracts.extractor import Extractor
    from benchmark.contracts.report import Report
    from benchmark.contracts.task import Task


@functools.cache
def tasks() -> Registry[type[Task]]:
    """Return the tasks of group ``histobench.tasks``."""
    return _discover("task")


@functools.cache
def datasets() -> Registry[type[Dataset]]:
    """Return the datasets of group ``histobench.datasets``."""
    return _discover("dataset")


def is_kind_of_place(name: str) -> bool:
    """Tell whether a dataset needs parameters, such as the path of its images, so that its name alone is none.

    Raises:
        UserError: If there is no dataset of the name.
    """
    known = inspect.signature(datasets().load(name)).parameters.values()
    return any(one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in known)


@functools.cache
def extractors() -> Registry[type[Extractor]]:
    """Return the extractors of group ``histobench.extractors``."""
    return _discover("extractor")


@functools.cache
def verbs() -> Registry[Any]:
    """Return the verbs of ``bench``, group ``histobench.verbs``."""
    return _discover("verb")


@functools.cache
def generators() -> Registry[Any]:
    """Return generator classes offered by name, group ``histobench.generators``."""
    return _discover("generator")


@functools.cache
def reports() -> Registry[Report]:
    """Return what is called with the records of a finished run, group ``histobench.reports``."""
    return _discover("report")


def folders(group: str) -> Iterator[tuple[str, Path]]:
    """Yield the folders of the packages that an entry point group names, without importing them.

    Args:
        group: ``variants`` or ``suites``: the packages whose YAML files are read.

    Yields:
        The distribution's name and the package's folder.
    """
    for point in importlib.metadata.entry_points(group=f"histobench.{group}"):
        spec = importlib.util.find_spec(point.value)
        if spec is None or not spec.submodule_search_locations:
            raise UserError(f"Entry point '{point.name}' of {_origin(point)} names no package: '{point.value}'.")
        yield _origin(point), Path(next(iter(spec.submodule_search_locations)))


def _discover(noun: str) -> Registry[Any]:
    registry: Registry[Any] = Registry(noun)
    for point in importlib.metadata.entry_points(group=f"histobench.{noun}s"):
        registry.add(Entry(name=point.name, target=point.value, origin=_origin(point)))
    return registry


def _origin(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "an unknown distribution"
