"""Datasets whose files the user brings make none."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.contracts.progress import silent
from benchmark.datasets.given import Given
from benchmark.datasets.pcam import Pcam
from benchmark.datasets.pcam_kaggle import PcamKaggle
from benchmark.errors import UserError


@pytest.mark.parametrize("kind", [Given, Pcam, PcamKaggle])
def test_they_say_what_to_do_instead(kind: type[Given | Pcam | PcamKaggle], tmp_path: Path) -> None:
    """By name, with their advice."""
    dataset = kind()
    assert (dataset.made, dataset.made_bytes()) == (False, 0)
    with pytest.raises(UserError) as told:
        dataset.make(tmp_path, silent)
    assert str(told.value) == f"Dataset '{kind.name}' cannot be made in {tmp_path}. {kind.advice}"
    assert list(tmp_path.iterdir()) == []
