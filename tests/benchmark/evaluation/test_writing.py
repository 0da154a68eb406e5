"""The suite and the entry by which a set is measured, as they stand in files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmark import strict
from benchmark.evaluation import writing
from benchmark.evaluation.writing import Wishes
from benchmark.suite.schema import Suite

WISHES = Wishes("mine", ("random-network",), "clean", names={"x": "a"})


def written(look, **changes: object) -> Suite:
    """The suite, read as one from a file is."""
    given: dict[str, object] = {
        "wishes": WISHES, "size": 16, "n": 5, "real_n": 9, "has_floor": True, "dataset": {}, "has_classes": True
    }  # fmt: skip
    real = look("my Real.v2", {"a": 2, "b": 2}, part="real")
    return strict.validate(Suite, writing.suite(real, None, **(given | changes)), where="here")


def test_a_suite_says_what_is_compared(look) -> None:
    """The set between the rows that bound it; tasks that learn from labels where there are several."""
    suite = written(look)
    assert (suite.name, suite.variants, suite.n) == ("evaluate-my-real-v2", ("mine", "real-holdout", "noise"), 5)
    assert suite.tasks == {"fidelity": {}, "coverage": {}, "tstr": {"real_n": 5}}
    assert (suite.protocol.size, suite.seeds) == (16, (0,))
    assert written(look, real_n=3).tasks["tstr"] == {"real_n": 3}
    bare = written(look, has_floor=False, has_classes=False)
    assert (bare.variants, set(bare.tasks)) == (("mine", "noise"), {"fidelity", "coverage"})


def test_an_entry_names_places_labels_and_what_is_left_out(look, tmp_path: Path) -> None:
    """Whatever the record is to show stands in it."""
    found = look("set", {"x": 3, "b": 1})
    (tmp_path / "set" / "b" / "0009.png").touch()
    found = look("set")
    table = tmp_path / "t.csv"
    entry = writing.entry(found, table=table, labelled=True, names={"x": "a"}, shares={"a": 3, "b": 1}, told="Told.")
    assert entry == {
        "extends": "imageset", "summary": "Told.", "pixels": 16, "labels": {"a": 3, "b": 1},
        "weights": {"images": str(tmp_path / "set"), "labels": str(table)},
        "params": {"skip": {"b/0009.png": "empty: is empty"}, "names": {"x": "a"}},
    }  # fmt: skip
    bare = writing.entry(found, table=None, labelled=False, names={"x": "a"}, shares={}, told="Told.")
    assert (bare["extends"], "labels" in bare) == ("imageset-unlabelled", False)
    assert bare["params"] == {"skip": {"b/0009.png": "empty: is empty"}}


def test_a_board_says_what_was_seen(look, tmp_path: Path) -> None:
    """How many, of what size, how many not, and what of them no generator made."""
    look("set", {"x": 3})
    (tmp_path / "set" / "x" / "0009.png").touch()
    shutil.copy(tmp_path / "set" / "x" / "0000.png", tmp_path / "set" / "x" / "again.png")
    found = look("set", duplicates=False)
    assert writing.told_of(found, 2, {"training": 3, "real": 0}) == (
        "4 images of set, 16 px; 2 of them measured; 1 more left out, which cannot be used; 1 repeat others; "
        "3 are training images, pixel by pixel."
    )
    assert writing.told_of(look("set2", {"x": 1}), None, {}) == "1 images of set2, 16 px."


@pytest.mark.parametrize(
    ("name", "expected"),
    [("My GAN v1.2.zip", "my-gan-v1-2"), ("gan-v1.2", "gan-v1-2"), ("a_b", "a-b"), ("日本", "images"), ("set", "set")],
)
def test_names_fit_suites_and_variants(name: str, expected: str) -> None:
    """Small letters, digits and dashes."""
    assert writing.slug(name) == expected
