"""`bench data`."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toybench import pictures

Bench = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three classes, nothing wrong with them."""
    pictures.write_classes(tmp_path / "mine", {"a": 4, "b": 4, "c": 2})
    return tmp_path / "mine"


def test_sound_data_are_status_0(bench: Bench, folder: Path) -> None:
    """For people a page, for programs all of it; nothing but the result."""
    said = bench("data", "check", folder)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("mine, digest ")
    told = bench("data", "check", folder, "--json")
    found = json.loads(told.out)
    assert (told.code, found["images"], found["sound"]) == (0, 10, True)
    assert found["splits"]["all"]["classes"]["c"]["share"] == 0.2


def test_what_spoils_a_run_is_status_1(bench: Bench, folder: Path) -> None:
    """Damage, and the same image under two labels; redundant ones alone do not."""
    shutil.copy(folder / "a" / "0000.png", folder / "a" / "x.png")
    assert bench("data", "check", folder).code == 0
    shutil.copy(folder / "a" / "0000.png", folder / "b" / "x.png")
    assert bench("data", "check", folder).code == 1
    (folder / "b" / "x.png").write_text("x")
    said = bench("data", "check", folder, "--json")
    assert said.code == 1
    assert json.loads(said.out)["bad"] == [
        {"split": "all", "class": "b", "name": "b/x.png", "kind": "no image",
         "reason": "is no PNG, JPEG or TIFF, whatever its name says"},
    ]  # fmt: skip


def test_what_cannot_be_read_at_all_is_status_2(bench: Bench, tmp_path: Path) -> None:
    """One message, and nothing on standard output."""
    for name, said in (("nothing", "neither a dataset nor a path"), (str(tmp_path), "holds nothing and no image")):
        told = bench("data", "check", name)
        assert (told.code, told.out) == (2, "")
        assert said in told.err


def test_a_dataset_by_name(bench: Bench, tmp_path: Path) -> None:
    """One that is made, and one under a data root."""
    assert bench("data", "check", "toy").out.startswith("toy\n")
    told = bench("data", "check", "pcam-kaggle", "--data-root", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert "Fetch the data of the Kaggle competition" in told.err


def test_progress_is_for_terminals(on_terminal: Any, tmp_path: Path, bench: Bench) -> None:
    """And not under --quiet."""
    np.save(tmp_path / "x.npy", np.stack([pictures.noise(seed, 64) for seed in range(600)]))
    command = [sys.executable, "-m", "benchmark.cli.main", "data", "check", str(tmp_path / "x.npy")]
    code, out, shown = on_terminal(command)
    assert (code, out.startswith("x.npy, digest ")) == (0, True)
    assert "600/600" in shown
    assert on_terminal([*command, "--quiet"])[2] == ""


def test_the_help_tells_what_a_status_means(bench: Bench) -> None:
    """And what counts as blank."""
    said = " ".join(bench("data", "check", "--help").out.split())
    assert "Exit status: 0 the data can be used; 1 something was found" in said
    assert "standard deviation is below 2 gray levels" in said
