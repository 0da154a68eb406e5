"""`bench run` as a user calls it: killed and resumed, tracked, shown."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

SLOW = ["-g", "toy-slow", "-g", "toy-real"]


def command(store: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "benchmark.cli.main", "run", "--suite", "toy", "--store", str(store), *more]


def records(store: Path) -> dict[str, dict]:
    """All records, without when and how long."""
    found = {}
    for path in sorted((store / "records").rglob("*.json")):
        found[str(path.relative_to(store))] = {**json.loads(path.read_text()), "run": None}
    return found


def rounds(kills: int, tmp_path: Path) -> None:
    """Kill the process group at random moments, resume, and compare with an uninterrupted run."""
    environment = {**os.environ, "BENCH_TRACKING": "0"}
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    subprocess.run(command(whole, *SLOW), check=True, capture_output=True, env=environment, timeout=120)
    moment = random.Random(7)
    for _ in range(kills):
        process = subprocess.Popen(
            command(cut, *SLOW), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env=environment,
        )  # fmt: skip
        time.sleep(moment.uniform(0.3, 3.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command(cut, *SLOW), check=True, capture_output=True, env=environment, timeout=120)
    assert len(records(whole)) == 2
    assert records(cut) == records(whole)


def test_three_kills_change_no_record(tmp_path):
    """SIGKILL to the group; finished work is reused, the rest continues."""
    rounds(3, tmp_path)


@pytest.mark.slow
def test_ten_kills_change_no_record(tmp_path):
    """The same ten times."""
    rounds(10, tmp_path)


def test_a_run_is_shown_and_tracked_once(tmp_path):
    """The page is there; MLflow holds one nested run per variant; a second run adds none."""
    store = tmp_path / "store"
    for _ in range(2):
        done = subprocess.run(command(store), capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        assert "Research use only" in done.stdout
    assert "toy-fitted" in (store / "leaderboard" / "index.html").read_text() or any(
        "toy-fitted" in path.read_text() for path in (store / "leaderboard").rglob("*.html")
    )
    with sqlite3.connect(store / "mlflow.db") as database:
        query = "select count(*) from tags where key = 'mlflow.parentRunId'"
        assert database.execute(query).fetchone()[0] == len(records(store))


def test_failures_are_rows(tmp_path):
    """Exit 1 where some cells failed, 3 where all did; the others are complete."""
    environment = {**os.environ, "BENCH_TRACKING": "0"}
    some = command(tmp_path / "some", "-g", "toy-plain", "-g", "toy-diverging", "-g", "toy-filling")
    assert subprocess.run(some, capture_output=True, env=environment, check=False, timeout=120).returncode == 1
    found = {record["variant"]["name"]: record["status"] for record in records(tmp_path / "some").values()}
    assert found == {"toy-plain": "complete", "toy-diverging": "diverged", "toy-filling": "no-space"}
    none = command(tmp_path / "none", "-g", "toy-raising")
    assert subprocess.run(none, capture_output=True, env=environment, check=False, timeout=120).returncode == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--suite", "tyo"], "Did you mean 'toy'"),
        (["run", "--suite", "toy", "-g", "toy-plian"], "Did you mean 'toy-plain'"),
        (["run", "--suite", "phantom-bounds", "--device", "cuda"], "no CUDA device"),
        (["run", "--suite", "toy", "--store", f"{__file__}/store"], "cannot be written"),
    ],
)
def test_mistakes_are_one_message(arguments, said, tmp_path):
    """Exit 2, what was meant, no traceback."""
    arguments = arguments if "--store" in arguments else [*arguments, "--store", str(tmp_path / "store")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmark.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_help_and_lists_load_nothing_heavy(tmp_path):
    """Neither torch nor mlflow nor diffusers nor scikit-learn."""
    program = (
        "import sys; sys.argv = ['bench', *sys.argv[1:]]\n"
        "from benchmark.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'mlflow', 'diffusers', 'sklearn', 'transformers'} & sys.modules.keys()\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    for arguments in (["--help"], ["list", "generators"], ["list", "tasks"], ["list", "suites"], ["run", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], check=False, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
