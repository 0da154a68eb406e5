"""Prompts as a step of their own: made once, handed on, and told in records and on the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Bench = Callable[..., Any]

REGISTRY = """
described:
  extends: toy-fitted
  summary: Learns from images that were described.
  prompts:
    builder: toybench.prompts:ByLabel
    guided_by: [texture-statistics]
    params: {skip: 3}

described-noisy:
  extends: described
  summary: The same with more noise.
  params: {noise: 60.0}
"""


def test_prompts_are_made_once_and_told(bench: Bench, records_of: Any, tmp_path: Path) -> None:
    """For two variants and two seeds; a record says what they were made by."""
    (tmp_path / "mine.yaml").write_text(REGISTRY)
    said = bench(
        "run", "--suite", "toy", "--registry", tmp_path / "mine.yaml", "-g", "described", "-g", "described-noisy",
        "-g", "toy-real", "--seed", "100", "--seed", "101", "--store", tmp_path / "store",
    )  # fmt: skip
    assert said.code == 0, said
    records = list(records_of(tmp_path / "store").values())
    steps = {step["key"] for record in records for step in record["steps"] if step["kind"] == "prompts"}
    assert len(steps) == 1
    found = {record["variant"]["name"]: record["variant"] for record in records}
    assert found["described-noisy"]["prompts"] == {
        "builder": "toybench.prompts:ByLabel", "version": 1, "source": None, "guided_by": ["texture-statistics"],
        "given": {"skip": 3}, "resolved": {"skip": 3, "say": "a {label} square"},
    }  # fmt: skip
    assert found["described"]["guided_by"] == ["toy-guide", "texture-statistics"]
    assert "prompts" not in found["toy-real"]
    (kept,) = (tmp_path / "store").rglob("prompts/record.json")
    told = json.loads(kept.read_text())
    assert (told["images"] - told["kept"], told["left_out"]) == (3, {"first": 3})
    pages = [path.read_text() for path in (tmp_path / "store" / "leaderboard").rglob("*described*.html")]
    assert any("prompts.skip" in page for page in pages)


def test_a_builder_that_breaks_its_contract_is_a_failed_row(bench: Bench, records_of: Any, tmp_path: Path) -> None:
    """With what it broke."""
    (tmp_path / "mine.yaml").write_text(
        "misdescribed: {extends: toy-fitted, prompts: {builder: 'toybench.prompts:Faulty', params: {how: swapped}}}\n"
    )
    said = bench(
        "run", "--suite", "toy", "--registry", tmp_path / "mine.yaml", "-g", "misdescribed", "--seed", "100",
        "--store", tmp_path / "store",
    )  # fmt: skip
    assert said.code == 3
    (record,) = records_of(tmp_path / "store").values()
    assert record["status"] == "failed"
    assert "prompts of misdescribed: ContractFault" in record["error"]
    assert "names another class than image 2 has" in record["error"]
