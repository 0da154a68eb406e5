"""Patches in a file, and `bench morphology` called through `bench`'s own entry."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from benchmark.cli.main import main


class Said(NamedTuple):
    """What the command answered."""

    returncode: int
    stdout: str
    stderr: str


KINDS = np.array([[60, 40, 120], [230, 180, 210], [150, 60, 60]])
"""Mean colors of three kinds of patch."""


@pytest.fixture
def kinds() -> np.ndarray:
    """The kind of each of 48 patches."""
    return np.random.default_rng(5).permutation(np.arange(48) % 3)


@pytest.fixture
def folder(tmp_path: Path, kinds: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The place the command runs in: patches.npy, of 16 px, and labels.txt."""
    noise = np.random.default_rng(0).normal(0, 9, (48, 16, 16, 3))
    np.save(tmp_path / "patches.npy", np.clip(KINDS[kinds][:, None, None] + noise, 0, 255).astype(np.uint8))
    (tmp_path / "labels.txt").write_text("".join(f"{'cancer' if kind == 2 else 'healthy'}\n" for kind in kinds))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def morphology(folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Calls `bench morphology`."""

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["bench", "morphology", *words, "--device", "cpu"])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capfd.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return call
