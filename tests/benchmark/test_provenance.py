"""Where a number comes from."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
from pathlib import Path

import pytest

from benchmark import provenance


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that tracks a file of the module's name."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "provenance.py").write_text("1")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_a_checkout_is_named_by_its_commit(checkout: Path):
    """Clean, then dirty as soon as a tracked file changes; an untracked one does not count."""
    commit = git(checkout, "rev-parse", "HEAD")
    assert provenance._git(checkout) == (commit, False)
    (checkout / "notes.txt").write_text("x")
    assert provenance._git(checkout) == (commit, False)
    (checkout / "provenance.py").write_text("2")
    assert provenance._git(checkout) == (commit, True)


def test_an_installed_copy_inside_someone_elses_checkout_has_no_commit(checkout: Path):
    """A virtual environment often lies in a repository: that one's commit says nothing of this code."""
    installed = checkout / ".venv" / "benchmark"
    installed.mkdir(parents=True)
    (installed / "provenance.py").write_text("1")
    assert provenance._git(installed) == (None, None)


def test_versions_and_machine_are_those_of_this_process():
    """Against what Python itself says."""
    found = provenance.collect(device="cpu", threads=3)
    assert found.packages["numpy"] == importlib.metadata.version("numpy")
    assert found.packages["histobench"] == importlib.metadata.version("histobench")
    assert found.python == platform.python_version()
    assert found.threads == 3
    assert found.accelerator is None
    assert found.cores >= 1
    assert found.processor


def test_a_package_that_is_absent_is_left_out(monkeypatch):
    """No version is made up."""
    monkeypatch.setattr(provenance, "PACKAGES", ("numpy", "no-such-package"))
    assert list(provenance.collect.__wrapped__(device="cpu", threads=1).packages) == ["numpy"]
