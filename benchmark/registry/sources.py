"""The files that a Python file of the user's own is made of: itself, and what it imports that is not installed."""

from __future__ import annotations

import ast
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from benchmark.errors import UserError

_PACKAGES = ("benchmark", "generators", "tasks", "suites", "leaderboard")
"""Our own: their steps have versions."""


def files_of(path: Path) -> list[Path]:
    """Return a file and every file of the modules it imports, and they import, that are not installed.

    Modules are looked for where Python looks and beside the file. Of a package all files count. What is imported by a
    name made up as the code runs is not seen.

    Args:
        path: The Python file.

    Returns:
        Absolute paths, the file itself first, the rest by name.
    """
    first, rest = path.resolve(), set[Path]()
    waiting = [first]
    while waiting:
        for name in _imported(waiting.pop()):
            for file in _files(_found(name, first.parent)):
                if file != first and file not in rest:
                    rest.add(file)
                    waiting.append(file)
    return [first, *sorted(rest)]


def require_own(path: Path) -> None:
    """Refuse a loaded file whose imports were served by other modules of the same name.

    Args:
        path: The Python file, loaded.

    Raises:
        UserError: If so: results would be kept under the name of code that did not make them.
    """
    for name in _imported(path):
        expected = list(_files(_found(name, path.parent)))
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if expected and loaded is not None and Path(loaded).resolve() not in expected:
            raise UserError(
                f"{path} imports '{name}', which would be {expected[0]}, but {loaded} is loaded already. Rename one."
            )


def _imported(file: Path) -> set[str]:
    """Return the top-level names a file imports; none where it is not Python, which loading it will tell."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return set()
    whole = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    parts = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}
    return {name.partition(".")[0] for name in whole | {part for part in parts if part}}


def _found(name: str, beside: Path) -> ModuleSpec | None:
    if name in sys.builtin_module_names or name in sys.stdlib_module_names or name in _PACKAGES:
        return None
    return PathFinder.find_spec(name, [*sys.path, str(beside)])


def _files(spec: ModuleSpec | None) -> Iterator[Path]:
    """Yield the files of a module that is not installed."""
    if spec is None:
        return
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()]
    files: Iterable[Path] = (file for folder in folders for file in folder.rglob("*.py"))
    if not folders and spec.origin is not None:
        files = [Path(spec.origin)]
    for file in files:
        if not any(file.resolve().is_relative_to(place) for place in _installed()):
            yield file.resolve()


@cache
def _installed() -> tuple[Path, ...]:
    places = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    return tuple(Path(place).resolve() for place in places if Path(place) != Path(sysconfig.get_path("data")))
