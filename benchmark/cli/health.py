"""What `bench doctor` looks at."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmark import disk, provenance, threads
from benchmark.errors import UserError
from benchmark.plan import platform
from benchmark.registry import discovery, pretrained, targets
from benchmark.registry.extractors import ListedExtractor
from benchmark.registry.registry import Registry
from benchmark.registry.variants import Catalogue, Listed
from benchmark.store import space
from benchmark.suite import catalogue

OWN = ("benchmark", "generators", "tasks", "suites", "leaderboard")
"""The distribution's packages, whose names are general enough to be someone else's too."""


class Finding(NamedTuple):
    """What one check found."""

    check: str
    sound: bool
    what: str


def examine(store: Path) -> Iterator[Finding]:
    """Yield the findings of all checks."""
    yield Finding("python", sys.version_info >= (3, 11), sys.version.split()[0])
    yield from (_package(name) for name in provenance.PACKAGES)
    yield from (_shadowing(name) for name in OWN)
    yield _tried("suites", lambda: f"{len(list(catalogue.installed()))} load")
    yield _tried("generators", _generators)
    yield _tried("tasks", lambda: _loaded(discovery.tasks()))
    yield _tried("datasets", lambda: _loaded(discovery.datasets()))
    yield _tried("extractors", _extractors)
    yield _tried("device", lambda: platform.current("auto").device)
    yield Finding("threads", True, f"{threads.count()} of {os.cpu_count()} cores")
    yield _disk(store)


def _package(name: str) -> Finding:
    try:
        return Finding(f"package {name}", True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(f"package {name}", False, "not installed; pip install histobench brings it")


def _shadowing(name: str) -> Finding:
    """Tell whether `import name` finds this distribution's package, here and from the folder bench is called in."""
    home = Path(__file__).resolve().parents[2]
    spec = importlib.util.find_spec(name)
    if spec is None:
        return Finding(f"import {name}", False, f"there is no '{name}'; pip install histobench brings it")
    found = Path(next(iter(spec.submodule_search_locations or [str(spec.origin)])))
    if found.resolve() != home / name:
        return Finding(f"import {name}", False, f"another '{name}' is found first: {found}")
    here = Path.cwd()
    twin = next((path for path in (here / name, here / f"{name}.py") if path.exists()), None)
    if twin is not None and here.resolve() != home:
        return Finding(f"import {name}", True, f"sound; but 'python -m' started here would find {twin.name} first")
    return Finding(f"import {name}", True, str(found))


def _generators() -> str:
    known = list(Catalogue.discover())
    for listed in known:
        targets.load(listed.variant.generator, relative_to=listed.folder)
    return f"{len(known)} load; {_weights(known)}"


def _extractors() -> str:
    known = list(Catalogue.discover().extractors)
    for listed in known:
        targets.load(listed.entry.extractor, relative_to=listed.folder)
    return f"{len(known)} load; {_weights(known)}"


def _weights(known: Sequence[Listed | ListedExtractor]) -> str:
    takers = [listed for listed in known if listed.wanted]
    there = [one for one in takers if all(pretrained.find(wanted) is not None for wanted in one.wanted)]
    return f"weights of {len(there)} of {len(takers)} are on this machine"


def _loaded(registry: Registry[Any]) -> str:
    return f"{len([registry.load(entry.name) for entry in registry])} load"


def _tried(check: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(check, True, look())
    except UserError as error:
        return Finding(check, False, str(error))
    except Exception as error:  # Whatever keeps a package from loading is what is looked for.
        return Finding(check, False, f"{type(error).__name__}: {error}")


def _disk(store: Path) -> Finding:
    folder = disk.nearest(store)
    if not folder.is_dir():
        return Finding("store", False, f"{store}: {folder} is a file, so no store can be there")
    try:
        space.try_to_write(folder)
    except OSError as error:
        return Finding("store", False, f"{store}: {folder} cannot be written: {error.strerror}")
    return Finding("store", True, f"{store}: {disk.in_words(shutil.disk_usage(folder).free)} free")
