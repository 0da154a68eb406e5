"""Targets: where an object is, as text, loaded only when it is used."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from benchmark import digests
from benchmark.errors import UserError
from benchmark.registry import sources


def load(target: str, *, relative_to: Path | None = None) -> object:
    """Import the object that a target names.

    Args:
        target: ``module:attribute``, or ``path/to/file.py:attribute`` in a registry file of the user's own.
        relative_to: Folder that a path is relative to; None refuses paths.

    Returns:
        The object.

    Raises:
        UserError: If the target is malformed or names nothing.
    """
    place, attribute = split(target)
    module = _load_module(place, target, relative_to)
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise UserError(f"'{target}': {place} has no attribute '{attribute}'.") from None


def split(target: str) -> tuple[str, str]:
    """Return the module (or path) and the attribute that a target names."""
    place, colon, attribute = target.rpartition(":")
    if not colon or not place or not attribute.isidentifier():
        raise UserError(f"'{target}' is not a target. Expected 'module:attribute' or 'file.py:attribute'.")
    return place, attribute


def is_file(target: str) -> bool:
    """Tell whether a target names a Python file rather than an installed module."""
    return split(target)[0].endswith(".py")


def source_digest(target: str, *, relative_to: Path | None) -> str | None:
    """Return the digest of the file a target names and of what it imports, or None for an installed module.

    Files of the user's own change from run to run; their digest keeps results of an older text from being taken for
    those of the newer.
    """
    if not is_file(target):
        return None
    files = sources.files_of(_file_of(split(target)[0], target, relative_to))
    each = [digests.of_file(file) for file in files]
    return each[0] if len(each) == 1 else digests.of_value(each)


def _load_module(place: str, target: str, relative_to: Path | None) -> ModuleType:
    if place.endswith(".py"):
        return _load_file(_file_of(place, target, relative_to))
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is not None and place.split(".")[0] == error.name.split(".")[0]:
            raise UserError(f"'{target}': there is no module '{place}'. Is its package installed?") from None
        raise UserError(f"'{target}' needs the package '{error.name}', which is not installed.") from error


def _file_of(place: str, target: str, relative_to: Path | None) -> Path:
    if relative_to is None:
        raise UserError(f"'{target}': files may be named only in a registry file of your own (--registry).")
    path = (relative_to / place).resolve()
    if not path.is_file():
        raise UserError(f"'{target}': there is no file {path}.")
    return path


def _load_file(path: Path) -> ModuleType:
    name = f"_bench_registry_{digests.of_value(str(path))[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} cannot be loaded as Python.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # Code beside it may be imported; last, so that nothing there stands in for what is installed.
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise UserError(f"{path} cannot be loaded: {type(error).__name__}: {error}{_line(error, path)}") from error
    sources.require_own(path)
    return module


def _line(error: Exception, path: Path) -> str:
    """Return at which line of a file loading it failed."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f" (line {lines[-1]})" if lines else ""
