"""Every metric's page says what a reader must know before using its number."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "tasks" / "metrics"
NONE = {"__init__", "by_group", "enough", "guard", "moments", "shares"}
"""Modules that define no metric of their own."""
MODULES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in NONE)
PARTS = [
    r"Definition: ", r"Source: ", r"Estimand: ", r"Shapes: ", r"dtype", r"Direction: ", r"Bounds: ",
    r"(Row|Rows|rows) (that|which) bounds? (it|them)", r"N_min: ", r"Blind to: ",
]  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_a_metrics_module_says_everything_a_number_needs(module: str) -> None:
    """Definition, source, estimand, shapes, dtype, direction, bounds, what bounds it, N_min, blind spots."""
    source = (FOLDER / f"{module}.py").read_text(encoding="utf-8")
    text = " ".join((ast.get_docstring(ast.parse(source)) or "").split())
    assert [part for part in PARTS if not re.search(part, text)] == []
