"""`bench data`."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toybench import pictures

from benchmark.datasets import pcam_release

Bench = Callable[..., Any]

DRIVER = """
import sys
from benchmark.cli import main
from benchmark.datasets import pcam_release as release
file = release.ReleaseFile(sys.argv[1], sys.argv[2], int(sys.argv[3]), release.Packed(int(sys.argv[4]), *sys.argv[5:7]))
release.files = lambda *_, **__: (file,)
sys.argv[1:] = sys.argv[7:]
main.main()
"""
"""`bench` with a release of one file."""


@pytest.fixture
def small(release: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The release is a small one."""
    official = [file.name for file in pcam_release.files()]
    by_name = {file.name: file for file in release}

    def files(*given: Any, **more: Any) -> list[Any]:
        return [by_name[file.name] for file in files_of(*given, **more)]

    files_of = pcam_release.files
    monkeypatch.setattr(pcam_release, "files", files)
    assert official == list(by_name)


def test_a_split_is_fetched_once(bench: Bench, small: None, mirror: Any, tmp_path: Path) -> None:
    """With a table for people, and one for programs that says the same."""
    command = ("data", "fetch", "pcam", "--split", "valid", "--data-root", tmp_path, "--url", f"{mirror.address}/pcam")
    said = bench(*command)
    assert said.code == 0, said
    assert [line.split()[:2] for line in said.out.splitlines()[2:]] == [
        [f"camelyonpatch_level_2_split_valid_{part}", "fetched"] for part in ("meta.csv", "y.h5", "x.h5")
    ]
    again = bench(*command, "--offline", "--json")
    assert (again.code, again.err) == (0, "")
    rows = json.loads(again.out)
    assert [row["state"] for row in rows] == ["there"] * 3
    path = tmp_path / "pcam" / "camelyonpatch_level_2_split_valid_x.h5"
    assert (rows[2]["file"], rows[2]["bytes"]) == (str(path), path.stat().st_size)
    assert len(rows[2]["md5"]) == 32


def test_settings_come_from_the_environment_too(
    bench: Bench, small: None, mirror: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Place, mirror, and that nobody is to be asked."""
    monkeypatch.setenv("BENCH_DATA_ROOT", str(tmp_path))
    monkeypatch.setenv("BENCH_PCAM_URL", f"{mirror.address}/pcam")
    monkeypatch.setenv("BENCH_OFFLINE", "1")
    said = bench("data", "fetch", "pcam", "--no-meta")
    assert (said.code, mirror.asked) == (2, [])
    assert "6 of 6 files are not in" in said.err
    monkeypatch.delenv("BENCH_OFFLINE")
    said = bench("data", "fetch", "pcam", "--no-meta", "--quiet", "--json")
    assert (said.code, said.err, len(json.loads(said.out))) == (0, "", 6)


def test_a_mistake_is_one_message(bench: Bench, tmp_path: Path) -> None:
    """And status 2; the nearest command and dataset are named."""
    for words, says in (
        (("data", "fetsh"), "Did you mean 'fetch'"),
        (("data", "fetch", "pcan", "--data-root", tmp_path), "Did you mean 'pcam'"),
        (("data", "fetch", "pcam"), "--data-root"),
    ):
        said = bench(*words)
        assert (said.code, said.out) == (2, "")
        assert says in said.err
    assert list(tmp_path.iterdir()) == []


def test_without_a_network_there_is_one_message(bench: Bench, tmp_path: Path) -> None:
    """The name is said that nobody knows, and nothing is left."""
    said = bench("data", "fetch", "pcam", "--data-root", tmp_path / "new", "--url", "http://nowhere.invalid/pcam")
    assert said.code == 2
    error = said.err.splitlines()[-1]
    assert error.startswith(
        "Error: http://nowhere.invalid/pcam/camelyonpatch_level_2_split_train_meta.csv could not be"
    )
    assert "the name nowhere.invalid is not known here (no network?)" in error
    assert not (tmp_path / "new").exists()


def test_stopped_by_ctrl_c_it_goes_on_from_there(
    release: Any, mirror: Any, tmp_path: Path, root: Path, wait_until: Callable[..., None]
) -> None:
    """Status 130, no name for half a file; the same command asks for the rest alone."""
    file = release[2]
    known = [file.name, file.md5, file.about, *file.packed]
    arguments = ["data", "fetch", "pcam", "--data-root", tmp_path, "--url", f"{mirror.address}/pcam"]
    command = [sys.executable, "-c", DRIVER, *map(str, [*known, *arguments])]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    part = tmp_path / "pcam" / f"{file.name}.gz.part"
    mirror.block_s = 0.5
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as running:  # fmt: skip
        wait_until(lambda: part.exists() and part.stat().st_size > 0)
        running.send_signal(signal.SIGINT)
        _, warned = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "the same command continues from here" in warned
    assert "Traceback" not in warned
    kept = part.stat().st_size
    assert 0 < kept < file.packed.bytes
    assert [path.name for path in (tmp_path / "pcam").iterdir()] == [part.name]
    mirror.block_s = 0.0
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert mirror.asked[-1] == (f"/pcam/{file.name}.gz", f"bytes={kept}-")
    assert [path.name for path in (tmp_path / "pcam").iterdir()] == [file.name]


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
