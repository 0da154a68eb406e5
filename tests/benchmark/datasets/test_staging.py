"""Files that appear together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmark import errors
from benchmark.datasets import staging


def test_all_appear_on_success(targets: list[Path]) -> None:
    """Nothing is left beside them."""
    with staging.together(targets) as aside:
        for number, path in enumerate(aside):
            path.write_text(str(number))
        assert not any(path.exists() for path in targets)
    assert [path.read_text() for path in targets] == ["0", "1"]
    assert sorted(targets[0].parent.iterdir()) == sorted(targets)


def test_none_appears_when_one_was_not_written(targets: list[Path]) -> None:
    """A forgotten file fails the lot."""
    with pytest.raises(FileNotFoundError), staging.together(targets) as aside:
        aside[0].write_text("0")
    assert list(targets[0].parent.iterdir()) == []


def test_those_in_place_are_taken_back_when_a_rename_fails(
    targets: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second rename fails after the first succeeded."""
    plain = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if target == targets[1]:
            raise OSError("no")
        return plain(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="no"), staging.together(targets) as aside:
        write_all(aside)
    assert list(targets[0].parent.iterdir()) == []


def test_a_file_that_came_meanwhile_wins(targets: list[Path]) -> None:
    """First writer wins; the late one leaves no trace."""
    with pytest.raises(errors.UserError, match="exists already"), staging.together(targets) as aside:
        write_all([*aside, targets[1]])
    assert list(targets[0].parent.iterdir()) == [targets[1]]
    assert targets[1].read_text() == str(targets[1])


def write_all(paths: Sequence[Path]) -> None:
    """Write its own path into each file."""
    for path in paths:
        path.write_text(str(path))


@pytest.fixture
def targets(tmp_path: Path) -> list[Path]:
    """Two paths in a folder that is not there yet."""
    return [tmp_path / "new" / name for name in ("a", "b")]
