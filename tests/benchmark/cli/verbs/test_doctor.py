"""`bench doctor`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def test_a_sound_installation_is_status_zero(bench: Bench, tmp_path: Path) -> None:
    """A line a check, all of them ok; no store is made."""
    said = bench("doctor", "--store", tmp_path / "store")
    head, _, *lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert head.split() == ["check", "state", "what"]
    assert len(lines) > 20
    assert all("  ok  " in line for line in lines)
    assert lines[0].startswith("python ")
    assert not (tmp_path / "store").exists()


def test_a_problem_is_status_one_and_stands_out(bench: Bench, tmp_path: Path) -> None:
    """Only where it is."""
    (tmp_path / "file").touch()
    said = bench("doctor", "--store", tmp_path / "file")
    assert said.code == 1
    assert [line.split()[:2] for line in said.out.splitlines() if "PROBLEM" in line] == [["store", "PROBLEM"]]


@pytest.mark.parametrize(("place", "code", "state"), [("store", 0, "ok"), ("file", 1, "PROBLEM")])
def test_json_says_the_same(bench: Bench, tmp_path: Path, place: str, code: int, state: str) -> None:
    """With the same status."""
    (tmp_path / "file").touch()
    said = bench("doctor", "--store", tmp_path / place, "--json")
    rows = json.loads(said.out)
    assert said.code == code
    assert {tuple(row) for row in rows} == {("check", "state", "what")}
    assert {row["check"]: row["state"] for row in rows}["store"] == state
    assert {row["state"] for row in rows if row["check"] != "store"} == {"ok"}
