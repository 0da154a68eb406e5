"""Fixtures for the tests of conformance: generators of one's own, sound and broken, on the toy suite."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.session import Choice

MEMORY = Path("/dev/shm")
CODE = Path(__file__).with_name("entrants.py").read_text()


@pytest.fixture(autouse=True)
def _in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial's store lies in memory where there is such a place: publishing waits for the disk many times."""
    if MEMORY.is_dir():
        monkeypatch.setattr(tempfile, "tempdir", str(MEMORY))


@pytest.fixture
def choice(tmp_path: Path) -> Callable[..., Choice]:
    """Chooses a class of ``entrants.py`` under the name ``mine``, on the toy suite or on one of one's own."""

    def make(name: str, *, fits: bool = False, suite: object = "toy", **params: object) -> Choice:
        (tmp_path / "entrants.py").write_text(CODE)
        registry = tmp_path / "mine.yaml"
        fits_on = "fits_on: train," if fits else ""
        registry.write_text(
            f"mine: {{generator: 'entrants.py:{name}', summary: x, {fits_on} params: {params or {}}}}\n"
        )
        return Choice(str(suite), ("mine",), (), None, "cpu", None, (registry,), offline=False)

    return make
