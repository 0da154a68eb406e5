"""Sets of images that are looked at before they are measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from toybench import pictures

from benchmark.contracts.progress import silent
from benchmark.evaluation import looking
from benchmark.evaluation.looking import Looked, Part

Look = Callable[..., Looked]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Looks at a folder of the test's, written first where counts are given."""

    def at(
        name: str, counts: dict[str, int] | None = None, *, part: Part = "synthetic", duplicates: bool = True
    ) -> Looked:
        if counts is not None:
            pictures.write_classes(tmp_path / name, counts)
        return looking.look(part, tmp_path / name, labels=None, duplicates=duplicates, progress=silent)

    return at
