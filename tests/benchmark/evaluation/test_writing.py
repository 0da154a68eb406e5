"""The suite and the entry by which a set is measured, as they stand in files."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from toybench import pictures

from benchmark import strict
from benchmark.contracts.progress import silent
from benchmark.datasets import places
from benchmark.errors import UserError
from benchmark.evaluation import looking, writing
from benchmark.evaluation.writing import Wishes
from benchmark.suite.schema import Suite

WISHES = Wishes("mine", ("random-network",), "clean", names={"x": "a"})


def written(look, **changes: object) -> Suite:
    """The suite, read as one from a file is."""
    given: dict[str, object] = {
        "wishes": WISHES, "size": 16, "n": 5, "real_n": 9, "has_floor": True, "dataset": {}, "learnt": True
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
    bare = written(look, has_floor=False, learnt=False)
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


def test_labels_beside_an_hdf5_file_are_named_too(tmp_path: Path) -> None:
    """The entry's own files are all that a generator sees."""
    for part, content in (("x", np.stack([pictures.noise(seed) for seed in range(4)])), ("y", np.arange(4) % 2)):
        with h5py.File(tmp_path / f"gan_{part}.h5", "w") as file:
            file[part] = content
    found = looking.look("synthetic", tmp_path / "gan_x.h5", labels=None, duplicates=True, progress=silent)
    entry = writing.entry(found, table=None, labelled=True, names={}, shares={"0": 2, "1": 2}, told="Told.")
    assert entry["weights"] == {"images": str(tmp_path / "gan_x.h5"), "labels": str(tmp_path / "gan_y.h5")}
    alone = shutil.move(tmp_path / "gan_y.h5", tmp_path / "elsewhere.h5")
    again = places.find(tmp_path / "gan_x.h5", labels=Path(alone)).images()
    assert again.labels.tolist() == [0, 1, 0, 1]
    with h5py.File(alone, "a") as file:
        del file["y"]
        file["y"] = np.arange(3)
    with pytest.raises(UserError, match="elsewhere.h5 has 3 labels for 4 images"):
        places.find(tmp_path / "gan_x.h5", labels=Path(alone))


def test_a_board_says_what_was_seen(look, tmp_path: Path) -> None:
    """How many, of what size, how many not, and what of them no generator made."""
    look("set", {"x": 3})
    (tmp_path / "set" / "x" / "0009.png").touch()
    shutil.copy(tmp_path / "set" / "x" / "0000.png", tmp_path / "set" / "x" / "again.png")
    found = look("set", duplicates=False)
    assert writing.told_of(found, 2, {"training": 3, "real": 0}, ["b", "c"]) == (
        "4 images of set, 16 px, PNG files; 2 of them measured; 1 more left out, which cannot be used; of all 4, "
        "1 repeat others; "
        "3 are training images, pixel by pixel; none of b, c."
    )
    assert writing.told_of(look("set2", {"x": 1}), None, {}, ()) == "1 images of set2, 16 px, PNG files."


def test_links_that_lead_nowhere_are_told_and_not_looked_for_in_a_run(look, tmp_path: Path) -> None:
    """No file stands for them among those that a run reads; other bad images are left out by name."""
    look("set", {"x": 3})
    (tmp_path / "set" / "x" / "0008.png").touch()
    (tmp_path / "set" / "x" / "0009.png").symlink_to(tmp_path / "gone.png")
    found = look("set")
    assert set(found.skip) == {"x/0008.png", "x/0009.png"}
    entry = writing.entry(found, table=None, labelled=True, names={}, shares={}, told="")
    assert set(entry["params"]["skip"]) == {"x/0008.png"}
    told = writing.told_of(found, None, {}, ())
    assert "; 1 more left out, which cannot be used; no image behind x/0009.png, which leads nowhere" in told
    assert len(places.find(tmp_path / "set", without=entry["params"]["skip"]).images()) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [("My GAN v1.2.zip", "my-gan-v1-2"), ("gan-v1.2", "gan-v1-2"), ("a_b", "a-b"), ("日本", "images"), ("set", "set")],
)
def test_names_fit_suites_and_variants(name: str, expected: str) -> None:
    """Small letters, digits and dashes."""
    assert writing.slug(name) == expected
