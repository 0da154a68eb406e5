"""A process that shares a training with the one that started it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict

import pytest

from generators.stable_diffusion import processes
from generators.stable_diffusion.recipe import Recipe


@pytest.mark.slow
def test_it_ends_with_the_one_that_started_it(toy_pipeline, tmp_path, root):
    """It waits for a leader that never comes; when its standard input closes, as a kill closes it, it is gone."""
    about = {"base": str(toy_pipeline), "device": "cpu", "seed": 5, "recipe": asdict(Recipe(processes=2))}
    (tmp_path / "spec.json").write_text(json.dumps({**about, "port": processes._free_port(), "threads": 1}))
    command = [sys.executable, "-m", "generators.stable_diffusion.fellow", str(tmp_path / "spec.json"), "1"]
    fellow = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=root)
    with pytest.raises(subprocess.TimeoutExpired):
        fellow.wait(timeout=5)
    fellow.stdin.close()
    assert fellow.wait(timeout=120) == 1
