"""Suites run one after the other: what their exit codes are together, and that a dry run leaves nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.cli import performing
from benchmark.errors import ExitCode
from benchmark.session import Choice


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0], ExitCode.COMPLETE), ([0, 0], ExitCode.COMPLETE), ([0, 1], ExitCode.PARTIAL), ([0, 3], ExitCode.PARTIAL),
        ([3, 3], ExitCode.NOTHING), ([3, 1], ExitCode.PARTIAL),
    ],
)  # fmt: skip
def test_nothing_was_measured_only_where_that_holds_for_all(codes: list[int], expected: ExitCode) -> None:
    """Complete where all are."""
    assert performing._worst([ExitCode(code) for code in codes]) is expected


def test_a_dry_run_makes_no_store(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever it plans."""
    choice = Choice("phantom-bounds", (), (), None, "cpu", None, (), offline=True, to_run=False)
    code = performing.perform(
        [choice], tmp_path / "store", quiet=True, tracking=False, uri=None, dry_run=True, as_json=False
    )
    assert code is ExitCode.COMPLETE
    assert "measure" in capsys.readouterr().out
    assert not (tmp_path / "store").exists()
