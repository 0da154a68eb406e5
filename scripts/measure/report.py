"""A report: figures, and where and by what they were measured."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark import provenance, threads
from benchmark.events.log import now

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "results"
"""Where reports are kept."""


def write(name: str, figures: dict[str, Any]) -> None:
    """Write ``docs/results/NAME.json`` and print it."""
    surroundings = provenance.collect(device="cpu", threads=threads.count())
    content = {"figures": figures, "measured": now(), "provenance": surroundings.model_dump(mode="json")}
    text = json.dumps(content, indent=1) + "\n"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(text, encoding="utf-8")
    print(json.dumps(figures, indent=1))


def add(name: str, scenes: dict[str, dict[str, Any]], *, what: str, how: dict[str, Any]) -> None:
    """Put what was measured on its own into the scenes of ``docs/results/NAME.json``, and when and by what."""
    path = FOLDER / f"{name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    for scene, table in scenes.items():
        content["figures"]["scenes"].setdefault(scene, {}).update(table)
    surroundings = provenance.collect(device="cpu", threads=threads.count()).model_dump(mode="json")
    content.setdefault("added", {})[what] = {**how, "measured": now(), "provenance": surroundings}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(scenes, indent=1))


def summary(values: Sequence[float], *, unit: str) -> dict[str, object]:
    """Return the median, the least, the greatest and the number of values."""
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "greatest": round(max(values), 3),
        "n": len(values),
        "unit": unit,
    }
