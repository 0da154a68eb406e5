"""Fixtures and rules for all tests: the toy package is on the path, and no test is skipped for an unstated reason."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

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
    "needs_chromium": (lambda: shutil.which("chromium") is not None, "chromium is not installed"),
}
_unstated: list[str] = []


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose stated need is not met."""
    for marker, (is_met, reason) in _NEEDS.items():
        if item.get_closest_marker(marker) and not is_met():
            pytest.skip(f"{marker}: {reason}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a skip for any reason but a stated need."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(f"{marker}: " in reason for marker in _NEEDS) and "--benchmark-skip" not in reason:
            _unstated.append(f"{report.nodeid}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where a test was skipped for an unstated reason."""
    if _unstated:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were skipped for an unstated reason."""
    for line in _unstated:
        terminalreporter.write_line(f"SKIPPED FOR AN UNSTATED REASON: {line}", red=True)


def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


@pytest.fixture
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture
def shared() -> Path:
    """The folder of real patches and weights beside the repository."""
    return SHARED
