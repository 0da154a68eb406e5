"""What one run leaves: pages, tracked rows, and rows for what failed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

RUN = ("run", "--suite", "toy", "--store")


def test_it_is_shown_and_tracked_once(bench_afresh: Any, records_of: Any, tmp_path: Path) -> None:
    """The page is there; MLflow holds one nested run per variant; a second run adds none."""
    for _ in range(2):
        said = bench_afresh(*RUN, tmp_path, BENCH_TRACKING="1")
        assert said.code == 0, said
        assert "Research use only" in said.out
    assert "toy-fitted" in "".join(path.read_text() for path in (tmp_path / "leaderboard").rglob("index.html"))
    with sqlite3.connect(tmp_path / "mlflow.db") as database:
        query = "select count(*) from tags where key = 'mlflow.parentRunId'"
        assert database.execute(query).fetchone()[0] == len(records_of(tmp_path)) > 0


def test_failures_are_rows(bench: Any, records_of: Any, tmp_path: Path) -> None:
    """Exit 1 where some cells failed, 3 where all did; the others are complete."""
    some = bench(*RUN, tmp_path / "some", "-g", "toy-plain", "-g", "toy-diverging", "-g", "toy-filling")
    assert some.code == 1
    found = {record["variant"]["name"]: record["status"] for record in records_of(tmp_path / "some").values()}
    assert found == {"toy-plain": "complete", "toy-diverging": "diverged", "toy-filling": "no-space"}
    assert bench(*RUN, tmp_path / "none", "-g", "toy-raising").code == 3
