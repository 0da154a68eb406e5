"""Fixtures and rules for all tests: the toy package is on the path, and no test is skipped for an unstated reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
TOYBENCH = ROOT / "tests" / "toybench"

# An outside package with entry points of its own, for this process and for those it starts.
sys.path.insert(0, str(TOYBENCH))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(TOYBENCH), os.environ.get("PYTHONPATH")]))

_NEEDS = {
    "needs_shared": (lambda: SHARED.is_dir(), "the folder 'shared' beside the repository is absent"),
    "needs_gpu": (lambda: _has_gpu(), "there is no CUDA device"),
    "needs_mount": (lambda: _can_mount(), "no file system can be mounted here, not even in a namespace of one's own"),
    "needs_chromium": (lambda: shutil.which("chromium") is not None, "chromium is not installed"),
}
_UNSTATED = "skipped for an unstated reason"
_unstated: list[str] = []


@pytest.fixture
def records_of() -> Callable[[Path], dict[str, Any]]:
    """The records of a store as plain JSON by their path, without what is said of when and how long."""

    def read(store: Path) -> dict[str, Any]:
        found = {}
        for path in sorted((store / "records").rglob("*.json")):
            record = json.loads(path.read_text())
            del record["run"]
            found[str(path.relative_to(store))] = record
        return found

    return read


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose stated need is not met."""
    for marker, (is_met, reason) in _NEEDS.items():
        if item.get_closest_marker(marker) and not is_met():
            pytest.skip(f"{marker}: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note a skip for any reason but a stated need; that benchmarks are skipped is stated on the command line."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        place, reason = _cause(report)
        is_benchmark = "benchmark" in getattr(item, "fixturenames", ())
        # What a reason says can be made up; where it was raised cannot.
        if place != Path(__file__) and not (is_benchmark and "--benchmark-skip" in reason):
            report.user_properties.append((_UNSTATED, reason))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Gather what was noted: the tests may have run in other processes, of which the reports alone come back."""
    _unstated.extend(f"{report.nodeid}: {reason}" for name, reason in report.user_properties if name == _UNSTATED)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a skip of a whole file, which no need excuses: it takes along tests that have none."""
    if report.skipped:
        _unstated.append(f"{report.nodeid}: {_cause(report)[1]}")


def _cause(report: pytest.TestReport | pytest.CollectReport) -> tuple[Path | None, str]:
    """Return in which file a test was skipped, and the reason."""
    if isinstance(report.longrepr, tuple):
        return Path(report.longrepr[0]), report.longrepr[2]
    return None, str(report.longrepr)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a test was skipped for an unstated reason."""
    if _unstated and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were skipped for an unstated reason."""
    for line in _unstated:
        terminalreporter.write_line(f"SKIPPED FOR AN UNSTATED REASON: {line}", red=True)


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def _can_mount() -> bool:
    """Tell whether anybody may in a namespace of users, or else root in one of mounts; either goes with the command."""
    command = ["mount", "-t", "tmpfs", "tmpfs", "/tmp"]
    ways = [["unshare", flags, *command] for flags in ("-rm", "-m")] if shutil.which("unshare") else []
    return any(subprocess.run(way, capture_output=True, check=False).returncode == 0 for way in ways)


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def shared() -> Path:
    """The folder of real patches and weights beside the repository."""
    return SHARED
