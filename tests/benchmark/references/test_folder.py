"""Imported references: what is read was imported, or is named as damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toybench import packs

from benchmark.errors import UserError
from benchmark.references import folder as references
from benchmark.references import manifest as manifests
from benchmark.references.folder import Reference


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    """An imported reference."""
    return references.read(packs.unpacked(tmp_path))


def test_everything_comes_back(reference: Reference) -> None:
    """Labels, slides, features and the rows in full precision; of roles without slides none."""
    given = packs.arrays()
    assert np.array_equal(reference.labels("reference"), given[packs.LABELS])
    assert np.array_equal(reference.slides("reference"), given[packs.SLIDES])
    assert np.array_equal(reference.features(0, "reference"), given[packs.FEATURES])
    assert np.array_equal(reference.exact(0, "reference"), given[packs.EXACT])
    assert reference.slides("train") is None
    assert reference.digest == packs.parsed().digest == reference.folder.name
    assert (
        reference.describe()
        == f"reference {reference.digest[:12]} of {reference.manifest.suite.identifier} (PCam of a lab)"
    )
    assert list(reference.problems()) == []


def test_a_changed_file_is_not_read(reference: Reference) -> None:
    """It is named, by reading it and by looking for problems."""
    path = reference.folder / packs.FEATURES
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    with pytest.raises(
        UserError, match=r"features.npy is missing or not what was imported. Import the reference again"
    ):
        reference.features(0, "reference")
    assert list(reference.problems()) == [f"{packs.FEATURES}: changed since it was imported"]


def test_a_missing_and_a_further_file(reference: Reference) -> None:
    """Both are named."""
    (reference.folder / packs.LABELS).unlink()
    (reference.folder / "run.py").write_text("")
    with pytest.raises(UserError, match=r"labels.npy is missing"):
        reference.labels("reference")
    assert list(reference.problems()) == ["run.py: not part of it", f"{packs.LABELS}: missing"]


@pytest.mark.parametrize("how", ["gone", "spoilt", "other"])
def test_a_manifest_that_is_not_what_was_imported(reference: Reference, how: str) -> None:
    """Gone, no JSON, or of another reference: the folder's name is the digest."""
    path = reference.folder / manifests.NAME
    if how == "gone":
        path.unlink()
    else:
        path.write_text("{" if how == "spoilt" else path.read_text().replace('"cuda"', '"cpu"'))
    with pytest.raises(UserError, match=r"reference.json is missing or not what was imported"):
        references.read(reference.folder)


def test_the_folders_of_a_store(tmp_path: Path, reference: Reference) -> None:
    """Sorted, without what file managers leave; none where there is no such place."""
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("")
    assert references.folders(tmp_path) == [reference.folder]
    assert references.folders(references.place_of(tmp_path / "none")) == []
