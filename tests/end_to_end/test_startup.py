"""What answers at once imports nothing that takes long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import sys
from benchmark.cli.main import main
try:
    main()
except SystemExit as end:
    code = end.code
heavy = {"torch", "mlflow", "diffusers", "sklearn", "transformers", "inflect"} & sys.modules.keys()
sys.exit(f"loaded {heavy}" if heavy else code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["list", "generators"],
        ["list", "tasks"],
        ["list", "suites"],
        ["show", "demo"],
        ["run", "--help"],
        ["run", "--suite", "demo", "--dry-run"],
        ["data", "check", "--help"],
        ["data", "check", "toy"],
    ],
)
def test_help_and_lists_load_nothing_heavy(lightly: Any, arguments: list[str]) -> None:
    """Neither torch nor mlflow nor the words for numbers."""
    assert lightly(*arguments).returncode == 0


def test_a_finished_run_loads_nothing_heavy(lightly: Any, bench: Any, tmp_path: Path) -> None:
    """It reads records and writes the board."""
    run = ("run", "--suite", "toy", "--store", str(tmp_path / "store"), "-g", "toy-plain")
    assert bench(*run).code == 0
    said = lightly(*run)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.fixture
def lightly(environment: dict[str, str], tmp_path: Path) -> Any:
    """Calls `bench` and complains of what it has imported in the end."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", PROGRAM, *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert "loaded" not in done.stderr
        return done

    return call
