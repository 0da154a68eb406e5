"""The file of goldens: read, compared with what the code makes now, renewed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark import atomic
from scripts.goldens import parts, stages
from scripts.goldens.watched import Watched

TOLERANCE, FLOOR = 1e-3, 1e-5
"""Relative, and absolute near zero: far above what processors differ by, far below what a change makes."""

COMMAND = "run .venv/bin/python -m scripts.goldens"
"""What renews the file."""


def watched() -> dict[str, Watched]:
    """Return all whose output is watched, by name."""
    return {**stages.watched(), **parts.watched()}


def read(path: Path) -> dict[str, Any]:
    """Return the goldens of a file; none where there is no file."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def judge(name: str, golden: Mapping[str, Any] | None, now: Watched) -> str | None:
    """Return what is wrong with an output and what to do about it, or None."""
    if golden is None:
        return f"There is no golden of '{name}': {COMMAND}."
    if golden["version"] != now.version:
        return f"'{name}' has version {now.version}, its golden is of version {golden['version']}: {COMMAND}."
    where = difference(golden["output"], _plain(now.output()))
    if where is None:
        return None
    return (
        f"The output of '{name}' changed ({where}), but its version is still {now.version}. If that is meant, raise "
        f"{now.raised_in}, so that no store takes results of older code for those of this one; then {COMMAND}. "
        "If it is not meant, the change broke something."
    )


def renew(path: Path, now: Mapping[str, Watched] | None = None) -> list[str]:
    """Write the goldens of what the code makes now, and return the names of those that are new.

    Args:
        path: The file.
        now: What is watched; all there is where left out.

    Raises:
        SystemExit: If an output changed whose version was not raised; then nothing is written.
    """
    before, now = read(path), watched() if now is None else now
    kept = {
        name: before[name] for name, one in now.items() if name in before and before[name]["version"] == one.version
    }
    changed = [text for name, golden in kept.items() if (text := judge(name, golden, now[name]))]
    if changed:
        raise SystemExit("\n".join(changed))
    goldens = {
        name: kept.get(name) or {"version": one.version, "output": _plain(one.output())} for name, one in now.items()
    }
    lines = [f"{json.dumps(name)}: {json.dumps(golden, ensure_ascii=False)}" for name, golden in goldens.items()]
    atomic.write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")
    return [name for name in goldens if name not in kept]


def difference(golden: Any, found: Any, place: str = "") -> str | None:
    """Return the first place where two JSON values differ, numbers in floating point by more than the tolerance."""
    if isinstance(golden, float) and isinstance(found, float):
        near = math.isclose(golden, found, rel_tol=TOLERANCE, abs_tol=FLOOR)
        return None if near else f"{place}: {golden} before, {found} now"
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(golden, dict) and isinstance(found, dict) and golden.keys() == found.keys():
        pairs = [(key, golden[key], found[key]) for key in golden]
    elif isinstance(golden, list) and isinstance(found, list) and len(golden) == len(found):
        pairs = [(str(number), *pair) for number, pair in enumerate(zip(golden, found, strict=True))]
    elif type(golden) is not type(found) or golden != found:
        return f"{place}: {str(golden)[:60]} before, {str(found)[:60]} now"
    inner = (difference(one, other, f"{place}/{key}") for key, one, other in pairs)
    return next((text for text in inner if text is not None), None)


def _plain(output: Any) -> Any:
    """Return an output as it is read back from JSON."""
    return json.loads(json.dumps(output))
