"""CONTRIBUTING.md: the generator in ten lines is written down, checked and run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the page says to write."""
    (source,), (entry,) = blocks("python"), blocks("yaml")
    (tmp_path / "tinted.py").write_text(source, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(entry, encoding="utf-8")
    return tmp_path


def test_its_commands_check_and_run_the_generator(folder: Path) -> None:
    """Both end well, and the generator's rows are in the store."""
    environment = {**os.environ, "BENCH_TRACKING": "0"}
    lines = blocks("sh")[0].splitlines()
    assert [shlex.split(line)[1] for line in lines] == ["validate", "run"]
    for line in lines:
        call = [sys.executable, "-m", "benchmark.cli.main", *shlex.split(line)[1:]]
        done = subprocess.run(
            call, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    records = [json.loads(path.read_text()) for path in (folder / "bench-store" / "records").rglob("*.json")]
    assert {record["task"]["name"] for record in records} == {"fidelity", "coverage", "tstr"}
    assert {(record["variant"]["name"], record["status"]) for record in records} == {
        (name, "complete") for name in ("tinted", "real-holdout", "noise")
    }
    assert {record["seed"] for record in records} == {100}


def test_the_generator_is_about_ten_lines() -> None:
    """The page promises it."""
    lines = [line for line in blocks("python")[0].splitlines() if line.strip() and "import" not in line]
    assert len(lines) <= 11
