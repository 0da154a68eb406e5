"""The guard of skips: `make test` names every skip, and fails on one for which no need is stated."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Tiny = Callable[..., subprocess.CompletedProcess[str]]

NEEDS = {
    "needs_shared": "the folder 'shared' beside the repository is absent",
    "needs_gpu": "there is no CUDA device",
    "needs_mount": "no file system can be mounted here, not even in a namespace of one's own",
    "needs_chromium": "chromium is not installed",
}


def test_needs_that_are_not_met_are_named_and_no_failure(tiny: Tiny, nothing_there: None) -> None:
    """Each with its marker and what is missing; neither are benchmarks, which `make test` leaves out, nor a known bug."""
    tests = "".join(f"@pytest.mark.{need}\ndef test_{need}():\n    assert False\n" for need in NEEDS)
    more = (
        "def test_speed(benchmark):\n    benchmark(print)\n"
        "@pytest.mark.xfail(strict=True)\ndef test_known():\n    assert False\n"
        "def test_sound():\n    assert True\n"
    )
    done = tiny(test_it=tests + more)
    assert done.returncode == 0, done.stdout
    skips = [line for line in done.stdout.splitlines() if line.startswith("SKIPPED [")]
    for need, reason in NEEDS.items():
        assert any(line.endswith(f" {need}: {reason}") for line in skips), need
    assert any("--benchmark-skip" in line for line in skips)
    assert len(skips) == 5
    assert "UNSTATED" not in done.stdout
    assert "1 passed, 5 skipped, 1 xfailed" in done.stdout


def test_a_need_that_is_met_runs_the_test(tiny: Tiny, tmp_path: Path) -> None:
    """It may fail then; its neighbor that needs nothing runs in any case."""
    (tmp_path / "shared").mkdir()
    done = tiny(test_it="@pytest.mark.needs_shared\ndef test_a():\n    assert False\ndef test_b():\n    assert True\n")
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout


def test_any_other_skip_fails_and_is_named(tiny: Tiny, tmp_path: Path) -> None:
    """However it comes about, whatever it says; the tests that pass beside it do not make up for it."""
    (tmp_path / "shared").mkdir()
    unstated = {
        "call": ("def test_call():\n    pytest.skip('no time')", "no time"),
        "mark": ("@pytest.mark.skip(reason='no mood')\ndef test_mark(): ...", "no mood"),
        "condition": ("@pytest.mark.skipif(True, reason='no way')\ndef test_condition(): ...", "no way"),
        "module": (
            "def test_module():\n    pytest.importorskip('no_such_module')",
            "could not import 'no_such_module'",
        ),
        "unittest": ("import unittest\ndef test_unittest():\n    raise unittest.SkipTest('no use')", "no use"),
        "fixture": ("@pytest.fixture\ndef late():\n    pytest.skip('no go')\ndef test_fixture(late): ...", "no go"),
        "need": ("def test_need():\n    pytest.skip('needs_gpu: so I say')", "needs_gpu: so I say"),
        "speed": ("def test_speed():\n    pytest.skip('--benchmark-skip')", "--benchmark-skip"),
        "met": ("@pytest.mark.needs_shared\n@pytest.mark.skip(reason='no luck')\ndef test_met(): ...", "no luck"),
    }
    done = tiny(test_it="\n".join([*(text for text, _ in unstated.values()), "def test_sound():\n    assert True"]))
    assert done.returncode == 1
    assert "1 passed, 9 skipped" in done.stdout
    lines = [line for line in done.stdout.splitlines() if "UNSTATED" in line]
    assert len(lines) == len(unstated)
    for name, (_, reason) in unstated.items():
        head = f"SKIPPED FOR AN UNSTATED REASON: tests/test_it.py::test_{name}: "
        assert any(line.startswith(head) and reason in line for line in lines), name


def test_a_file_that_is_skipped_fails_too(tiny: Tiny) -> None:
    """Though no test was found then, and a made-up need is no excuse."""
    done = tiny(
        test_it="pytest.importorskip('no_such_module')\ndef test_it(): ...\n",
        test_other="pytest.skip('needs_gpu: so I say', allow_module_level=True)\n",
    )
    assert done.returncode == 1
    first, second = [line for line in done.stdout.splitlines() if "UNSTATED" in line]
    assert first.startswith("SKIPPED FOR AN UNSTATED REASON: tests/test_it.py: ")
    assert "could not import 'no_such_module'" in first
    assert second == "SKIPPED FOR AN UNSTATED REASON: tests/test_other.py: Skipped: needs_gpu: so I say"


def test_worse_endings_keep_their_status(tiny: Tiny) -> None:
    """A skip does not make an interruption a mere failure."""
    done = tiny(test_it="def test_a():\n    pytest.skip('no time')\ndef test_b():\n    raise KeyboardInterrupt\n")
    assert done.returncode == 2


def test_markers_must_be_known(tiny: Tiny) -> None:
    """A need that is misspelt is no need."""
    done = tiny(test_it="@pytest.mark.needs_gpus\ndef test_a():\n    assert True\n")
    assert done.returncode != 0
    assert "'needs_gpus' not found in `markers`" in done.stdout


@pytest.fixture
def tiny(root: Path, tmp_path: Path) -> Tiny:
    """Runs small files of tests as `make test` would: its own command, under this project's settings and guard."""
    recipe = subprocess.run(
        ["make", "--dry-run", "test"], cwd=root, env=_surroundings(), capture_output=True, text=True, check=True
    )
    (line,) = re.findall(r"^\S+ -m pytest .*$", recipe.stdout, re.MULTILINE)

    def run(**files: str) -> subprocess.CompletedProcess[str]:
        tests = tmp_path / "repository" / "tests"
        tests.mkdir(parents=True)
        shutil.copy(root / "tests" / "conftest.py", tests)
        shutil.copy(root / "pyproject.toml", tests.parent)
        for name, text in files.items():
            (tests / f"{name}.py").write_text(f"import pytest\n{text}\n")
        command = [sys.executable, *shlex.split(line)[1:]]
        return subprocess.run(
            command, cwd=tests.parent, env=_surroundings(), capture_output=True, text=True, timeout=120
        )

    return run


def _surroundings() -> dict[str, str]:
    """Return the environment without what this run of make and pytest has put there."""
    return {key: text for key, text in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTEST_"))}


@pytest.fixture
def nothing_there(tmp_path: Path, tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without CUDA and without programs; the folder beside the repository is not there anyway."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("PATH", str(tmp_path))
