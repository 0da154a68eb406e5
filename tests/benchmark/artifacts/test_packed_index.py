"""What is known of real images that are not here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toybench import packs

from benchmark.artifacts import dataset_index, packed_index
from benchmark.contracts.dataset import Identity, Layout
from benchmark.errors import UserError
from benchmark.references import folder as references
from benchmark.suite.schema import RoleEntry


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The index of an imported reference."""
    (tmp_path / "out").mkdir()
    packed_index.write(tmp_path / "out", references.read(packs.unpacked(tmp_path / "references")))
    return tmp_path / "out"


def test_identity_and_layout_are_those_of_the_images(folder: Path) -> None:
    """As for any dataset; which reference it is beside them."""
    assert dataset_index.read_identity(folder) == (Identity("PCam of a lab", "d" * 64, official=False), "none")
    assert packed_index.read_layout(folder) == Layout(classes=("healthy", "cancer"), side=96)
    assert packed_index.read_about(folder) == {
        "digest": packs.parsed().digest, "suite": packs.parsed().suite.identifier, "histobench": "0.1.0",
        "device": "cuda", "torch": "2.9", "diffusers": "0.36",
    }  # fmt: skip


def test_a_dataset_with_images_has_no_such_layout(tmp_path: Path) -> None:
    """It is asked for its own."""
    assert packed_index.read_layout(tmp_path) is None


def test_a_role_has_labels_and_slides_and_no_pixels(folder: Path) -> None:
    """Who reads them is told."""
    found = packed_index.read_role(folder, RoleEntry(split="valid"), ("healthy", "cancer"))
    assert np.array_equal(found.labels, packs.arrays()[packs.LABELS])
    assert np.array_equal(found.slides, packs.arrays()[packs.SLIDES])
    with pytest.raises(UserError, match="An imported reference holds no images"):
        found.read(0, 1)
    assert packed_index.read_role(folder, RoleEntry(split="train"), ("a", "b")).slides is None


def test_a_role_it_does_not_have(folder: Path) -> None:
    """Another part of a split that it has."""
    with pytest.raises(UserError, match=r"no role of split 'valid', part \[0.0, 0.5\]"):
        packed_index.read_role(folder, RoleEntry(split="valid", part=(0.0, 0.5)), ("a", "b"))
