"""The folder of a fit: read back, and refused where it is not whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmark.artifacts.clustering import About, Clustering
from benchmark.errors import UserError
from generators.morphology import fitted

EXTRACTOR = {"name": "e", "version": 1, "params": {}, "source": None, "weights": "abc"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A fit of two clusters in three features."""
    found = Clustering(About("e", 2, 7, 10, 1.0), np.zeros(3), np.ones(3), np.eye(2, 3), np.array([0, 1, 1]))
    fitted.write(tmp_path, found, {"extractor": EXTRACTOR, "side": 32, "reach": [0.5, 2.0]})
    return tmp_path


def test_what_was_written_is_read(place):
    """And there is no pickle among it."""
    found = fitted.read(place)
    assert found.clustering.centers.tolist() == np.eye(2, 3).tolist()
    assert (found.extractor, found.side, found.reach.tolist()) == (EXTRACTOR, 32, [0.5, 2.0])
    assert {path.suffix for path in place.rglob("*") if path.is_file()} == {".json", ".npy"}


def damage_reach(place):
    about = json.loads((place / "morphology.json").read_text())
    (place / "morphology.json").write_text(json.dumps({**about, "reach": [1.0]}))


def pickle_centers(place):
    np.save(place / "clustering" / "centers.npy", np.array([{"a": 1}]), allow_pickle=True)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda place: (place / "morphology.json").unlink(), "holds no morphology.json. Expected a folder that `bench"),
        (lambda place: (place / "morphology.json").write_text("{"), "is damaged"),
        (lambda place: (place / "morphology.json").write_text("[]"), "is damaged"),
        (lambda place: (place / "morphology.json").write_text('{"schema": 9}'), "has schema 9, expected 1. Fit again"),
        (lambda place: (place / "clustering" / "centers.npy").unlink(), "is damaged: .*centers.npy"),
        (lambda place: (place / "clustering" / "centers.npy").write_bytes(b"\x93NUMPY"), "is damaged"),
        (pickle_centers, "is damaged: Object arrays cannot be loaded"),
        (damage_reach, "is damaged: its arrays do not fit"),
    ],
)
def test_what_is_not_whole_is_refused(place, harm, said):
    """With what to do."""
    harm(place)
    with pytest.raises(UserError, match=said):
        fitted.read(place)


def test_another_extractor_is_refused(place):
    """Other weights, another version or other code under the same name."""
    fit = fitted.read(place)
    fitted.check_same(fit, EXTRACTOR, place)
    for name, value in (("version", 2), ("weights", "abd"), ("source", "x"), ("params", {"seed": 1})):
        with pytest.raises(UserError, match=f"with extractor 'e' of {name} .*, and here that is"):
            fitted.check_same(fit, {**EXTRACTOR, name: value}, place)


def test_tables_keep_commas_and_quotes():
    """As CSV has them."""
    assert fitted.table(["a"], [['x, "y"']]) == 'a\n"x, ""y"""\n'
