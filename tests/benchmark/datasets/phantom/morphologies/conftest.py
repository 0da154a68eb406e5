"""Fixtures for the tests of tissue morphologies."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmark.datasets.phantom import fields, nuclei, tissue


class Placed(NamedTuple):
    """Nuclei of one kind that were placed at once."""

    kind: nuclei.NucleusKind
    points: NDArray[np.float64]
    angles: NDArray[np.float64] | None
    gain: tuple[float, float]


class Noted(tissue.Tissue):
    """Tissue that notes where which nuclei were placed."""

    def __init__(self) -> None:
        super().__init__()
        self.placed: list[Placed] = []

    def place(self, rng: Any, points: Any, kind: Any, *, gain: Any = (0.85, 1.1), angles: Any = None) -> fields.Field:
        self.placed.append(Placed(kind, points, angles, gain))
        return super().place(rng, points, kind, gain=gain, angles=angles)

    def centers(self, *kinds: nuclei.NucleusKind) -> NDArray[np.float64]:
        """Return where nuclei of some kinds are centered, shape (n, 2)."""
        found = [one.points for one in self.placed if one.kind in kinds]
        return np.concatenate(found) if found else np.empty((0, 2))

    @property
    def kinds(self) -> set[nuclei.NucleusKind]:
        """Return which kinds of nuclei there are."""
        return {one.kind for one in self.placed if len(one.points)}


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> type[Noted]:
    """Every tissue that is painted notes its nuclei."""
    monkeypatch.setattr(tissue, "Tissue", Noted)
    return Noted


@pytest.fixture
def unbent(monkeypatch: pytest.MonkeyPatch) -> None:
    """No outline is bent or warped: circles are round, bands are straight."""
    monkeypatch.setattr(fields, "smooth", lambda rng, cells: np.zeros((fields.SIZE, fields.SIZE), np.float32))
