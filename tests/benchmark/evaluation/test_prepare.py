"""From places to a suite that can be run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toybench import pictures

from benchmark import strict
from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from benchmark.evaluation import prepare
from benchmark.evaluation.prepare import Places, Prepared
from benchmark.evaluation.writing import Wishes
from benchmark.suite import catalogue


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Six synthetic images and 40 real ones of two classes, of 16 px."""
    pictures.write_classes(tmp_path / "real", {"a": 20, "b": 20})
    for number in range(6):
        path = tmp_path / "set" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures.Image.fromarray(pictures.noise(900 + number)).save(path)
    return Places(tmp_path / "set", tmp_path / "real", None, {})


def prepared(places: Places, base: Path, **wishes: Any) -> Prepared:
    sets = places.look(duplicates=True, progress=silent)
    return prepare.for_real_images(sets, places, Wishes("mine", ("random-network",), "clean", **wishes), base)


def test_what_is_written_is_a_suite_and_its_variant(places: Places, tmp_path: Path) -> None:
    """As `bench run` reads them; all images are measured where the floor has as many."""
    found = prepared(places, tmp_path / "base")
    suite = catalogue.read(found.suite)
    assert (suite.n, suite.protocol.size, found.generators) == (6, 16, ("mine", "real-holdout", "noise"))
    assert found.notes == ()
    assert Path(found.suite).parent.name.startswith("evaluate-real-mine-")
    entry = strict.read_yaml(found.registry)["mine"]
    assert entry["labels"] == {"a": 3, "b": 3}
    assert entry["summary"] == "6 images of set, 16 px, PNG files."
    assert found.data_root == Path(found.suite).parent / "data"
    assert (found.data_root / "real").resolve() == tmp_path / "real"


def test_bad_real_images_are_left_out_by_name(places: Places, tmp_path: Path) -> None:
    """They are in the dataset's parameters, and its caution says how many."""
    (tmp_path / "real" / "a" / "0003.png").write_bytes(b"")
    params = catalogue.read(prepared(places, tmp_path / "base").suite).dataset.params
    assert params["skip"] == {"real": {"a/0003.png": "empty: is empty"}}
    assert list(params["told"]) == ["1 of 40 real images were left out, which cannot be used."]


def test_without_labels_nothing_is_learnt(places: Places, tmp_path: Path) -> None:
    """On either side; what falls away is told."""
    for path in sorted((tmp_path / "set").rglob("*.png")):
        path.rename(tmp_path / "set" / path.name)
    found = prepared(places, tmp_path / "base")
    suite = catalogue.read(found.suite)
    assert set(suite.tasks) == {"fidelity", "coverage"}
    assert suite.dataset.params["labelled"] is False
    assert strict.read_yaml(found.registry)["mine"]["extends"] == "imageset-unlabelled"
    assert "classes of the synthetic images" in found.notes[0]


def test_one_class_is_nothing_to_tell_apart(places: Places, tmp_path: Path) -> None:
    """And no fault."""
    for part in ("set", "real"):
        for path in sorted((tmp_path / part / "b").iterdir()):
            path.rename(tmp_path / part / "a" / f"b{path.name}")
        (tmp_path / part / "b").rmdir()
    found = prepared(places, tmp_path / "base")
    assert "tstr" not in catalogue.read(found.suite).tasks
    assert found.notes == (
        "The synthetic images are of one class: what a classifier learns from them (tstr) is not measured.",
    )


def test_bad_images_stop_it_with_each_by_name(places: Places, tmp_path: Path) -> None:
    """Of all sets; and nothing is stopped where there are none."""
    prepare.refuse_bad(places.look(duplicates=True, progress=silent))
    for name in ("set/a/x.png", "real/b/y.png"):
        (tmp_path / name).touch()
    with pytest.raises(UserError) as stopped:
        prepare.refuse_bad(places.look(duplicates=True, progress=silent))
    lines = str(stopped.value).splitlines()
    assert [line for line in lines if line.startswith("  ")] == ["  a/x.png: is empty", "  b/y.png: is empty"]
    assert lines[-1].endswith("leave them out of this evaluation: --bad skip. Its record names them.")


def test_a_set_joins_a_suite_that_is_there(places: Places, tmp_path: Path) -> None:
    """Beside the controls that bound its board; classes that its data lack are told before any work."""
    synthetic = places.look(duplicates=True, progress=silent)[0]
    wishes = Wishes("mine", (), "clean", names={"a": "healthy", "b": "cancer"})
    found = prepare.for_suite(synthetic, places, wishes, tmp_path / "base", suite="phantom-bounds", data_root=None)
    assert (found.suite, found.generators) == ("phantom-bounds", ("mine", "real-holdout", "noise"))
    bare = prepare.for_suite(synthetic, places, wishes, tmp_path / "base", suite="pcam-mini", data_root=None)
    assert bare.generators == ("mine", "noise"), "without real images none can be held out"
    entry = strict.read_yaml(found.registry)["mine"]
    assert ("labels" in entry, entry["params"]) == (False, {"names": {"a": "healthy", "b": "cancer"}})
    with pytest.raises(UserError, match="no class of the real ones .healthy, cancer"):
        prepare.for_suite(
            synthetic, places, Wishes("mine", (), "clean"), tmp_path / "base", suite="phantom-bounds", data_root=None
        )


def test_a_class_that_the_set_lacks_is_told(places: Places, tmp_path: Path) -> None:
    """On the board and before; with one class alone nothing is learnt."""
    for number in range(3):
        path = tmp_path / "real" / "c" / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        for copy in range(6):
            pictures.Image.fromarray(pictures.noise(5_000 + 10 * number + copy)).save(path.with_stem(f"{number}{copy}"))
    found = prepared(places, tmp_path / "base")
    assert "No synthetic image is of c: a classifier that learns from them does not know of it." in found.notes
    assert strict.read_yaml(found.registry)["mine"]["summary"].endswith("; none of c.")
    assert "tstr" in catalogue.read(found.suite).tasks


def test_what_labels_were_taken_for_is_told_and_written_down(places: Places, tmp_path: Path) -> None:
    """By number, where a suite's dataset has its classes in order; else as the user says."""
    for number, name in enumerate("ab"):
        (tmp_path / "set" / name).rename(tmp_path / "set" / str(number))
    synthetic = places.look(duplicates=True, progress=silent)[0]
    joined = prepare.for_suite(
        synthetic, places, Wishes("mine", (), "clean"), tmp_path / "base", suite="phantom-bounds", data_root=None
    )
    assert "Labels of the synthetic images are taken '0' for 'healthy', '1' for 'cancer'." in joined.notes
    assert strict.read_yaml(joined.registry)["mine"]["params"]["names"] == {"0": "healthy", "1": "cancer"}
    with pytest.raises(UserError, match="nobody numbered the classes of the real images"):
        prepared(places, tmp_path / "other")
    found = prepared(places, tmp_path / "other", names={"0": "b", "1": "a"})
    assert "Labels of the synthetic images are taken '0' for 'b', '1' for 'a'." in found.notes
    assert strict.read_yaml(found.registry)["mine"]["params"]["names"] == {"0": "b", "1": "a"}


def test_numbers_stand_for_classes_where_their_order_is_somebodys(tmp_path: Path) -> None:
    """A release's, or that of the suite's own list; not the alphabet's."""
    suite = catalogue.read("phantom-bounds")
    assert prepare._is_ordered(suite)
    for params, expected in (({"path": "x"}, False), ({"path": "x", "classes": ["b", "a"]}, True)):
        dataset = suite.dataset.model_copy(update={"name": "folder", "params": params})
        assert prepare._is_ordered(suite.model_copy(update={"dataset": dataset})) == expected


def test_a_protocol_without_a_common_size_is_refused() -> None:
    """Before anything is looked at, unless a suite brings it."""
    with pytest.raises(UserError, match="--protocol paper has no common size, .* Take clean; or write a suite"):
        prepare.check(Wishes("mine", (), "paper"), None, ())
    prepare.check(Wishes("mine", (), "clean"), None, ())
