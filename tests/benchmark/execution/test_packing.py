"""A reference that was packed gives a lab without the images the numbers of the lab that has them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml

from benchmark.artifacts import arrays
from benchmark.datasets.phantom import spec, write
from benchmark.references import archive, contents
from benchmark.references import folder as references
from benchmark.references import manifest as manifests

Bench = Callable[..., Any]

SUITE: dict[str, Any] = {
    "name": "small", "version": 1, "summary": "Phantom patches in PCam's files.", "dataset": {"name": "pcam"},
    "roles": {
        "train": {"split": "train"}, "reference": {"split": "valid", "part": [0.0, 0.5]},
        "floor": {"split": "valid", "part": [0.5, 1.0]}, "test": {"split": "test"},
    },
    "protocol": {"size": 32, "filter": "lanczos", "codec": "dataset"}, "extractors": ["random-network"],
    "variants": ["real-holdout", "noise"], "tasks": {"fidelity": {}, "coverage": {}, "toy-distance": {}},
    "n": 40, "seeds": [100],
}  # fmt: skip
REAL = ["--data-root", "root"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """A lab with images: where they are, its suite, its store after a run of `noise`, and the pack it exported."""
    place = tmp_path_factory.mktemp("lab")
    sizes = {"train": 20, "valid": 120, "test": 20, "slides_train": 2, "slides_valid": 10, "slides_test": 4}
    write.write(place / "root", spec.PhantomSpec(seed=3, **sizes))
    suite = place / "small.yaml"
    suite.write_text(yaml.safe_dump(SUITE))
    bench = [sys.executable, "-m", "benchmark.cli.main"]
    common = ["--suite", str(suite), "--data-root", str(place / "root"), "--store", str(place / "store"), "--quiet"]
    for verb in (["run", "-g", "noise"], ["store", "export", "--out", str(place / "a.zip")]):
        subprocess.run(
            [*bench, *verb, *common], check=True, capture_output=True, timeout=300,
            env={**os.environ, "BENCH_TRACKING": "0"},
        )  # fmt: skip
    return SimpleNamespace(root=place / "root", suite=suite, store=place / "store", pack=place / "a.zip")


@pytest.fixture
def run(bench: Bench, lab: SimpleNamespace, tmp_path: Path) -> Callable[..., Any]:
    """Runs the suite in a lab that imported the pack and has no image."""
    said = bench("store", "import", lab.pack, "--store", tmp_path / "store")
    assert said.code == 0, said.err
    return lambda *more: bench("run", "--suite", lab.suite, "--store", tmp_path / "store", *more)


def records(store: Path) -> dict[tuple[str, str], Any]:
    """The records of a store by variant and task."""
    found = [json.loads(path.read_text()) for path in (store / "records").rglob("*.json")]
    return {(one["variant"]["name"], one["task"]["name"]): one for one in found}


def test_the_numbers_are_those_of_the_lab_that_has_the_images(run, lab, tmp_path: Path) -> None:
    """To the last bit, intervals and replicates included, on the very board; the record tells where it stands."""
    said = run("-g", "noise", "--json")
    theirs, ours = records(lab.store), records(tmp_path / "store")
    for task in ("fidelity", "coverage"):
        one, other = theirs["noise", task], ours["noise", task]
        assert other["status"] == "complete", other["error"]
        assert other["values"] == one["values"]
        reference = other["dataset"].pop("reference")
        assert other["dataset"] == one["dataset"]
        assert (other["suite"], other["device"]) == (one["suite"], one["device"])
        assert reference["digest"] == archive.peek(lab.pack).digest
        assert reference["suite"] == one["suite"]["identifier"]
        assert reference["device"] == "cpu"
    boards = {path.parent.parent.relative_to(tmp_path / "store") for path in (tmp_path / "store").rglob("seed-*.json")}
    assert boards == {path.parent.parent.relative_to(lab.store) for path in lab.store.rglob("seed-*.json")}
    assert said.code == 1


def test_what_needs_images_fails_as_a_row_that_says_so(run, tmp_path: Path) -> None:
    """Told beforehand, by task and variant; nothing is drawn or made for such a row."""
    said = run("--dry-run")
    assert (
        "4 of 6 rows need the images themselves and will fail: task 'toy-distance', variant 'real-holdout'" in said.err
    )
    assert said.code == 0
    said = run()
    assert said.code == 1
    found = records(tmp_path / "store")
    assert {place for place, one in found.items() if one["status"] == "failed"} == {
        ("noise", "toy-distance"), ("real-holdout", "toy-distance"), ("real-holdout", "fidelity"), ("real-holdout", "coverage"),
    }  # fmt: skip
    for place in (("noise", "toy-distance"), ("real-holdout", "fidelity")):
        assert "Real images are needed, and the imported reference" in found[place]["error"]
        assert found[place]["dataset"]["reference"]["suite"].startswith("small@1-")
    made = [path.name for path in (tmp_path / "store" / "objects").iterdir()]
    assert sorted(made) == ["data", "embed", "measure", "sample"]
    assert "No real images here: the imported reference" in said.err
    assert "6 of 6 records stand on an imported reference" in said.out


def test_real_images_win_and_share_nothing_with_what_was_imported(run, lab, tmp_path: Path) -> None:
    """Their steps have keys of their own, those of the lab that never imported; the record is written anew."""
    run("-g", "noise", "--quiet")
    said = run("-g", "noise", "--data-root", lab.root, "--quiet")
    assert said.code == 0, said.err
    for task in ("fidelity", "coverage", "toy-distance"):
        ours, theirs = records(tmp_path / "store")["noise", task], records(lab.store)["noise", task]
        assert ours["steps"] == theirs["steps"]
        assert "reference" not in ours["dataset"]
    assert len(list((tmp_path / "store" / "records-superseded").rglob("*.json"))) == 3


def test_another_limit_is_another_reference(run) -> None:
    """Refused with the reason, before anything is made."""
    said = run("-g", "noise", "--limit", "10")
    assert said.code == 2
    assert "role 'train' is train 0 to 1, the suite's is train 0 to 1, at most 10 images" in said.err


def test_who_has_nothing_is_told_of_both_ways(bench: Bench, lab, tmp_path: Path) -> None:
    """The images or a reference."""
    said = bench("run", "--suite", lab.suite, "--store", tmp_path / "empty")
    assert said.code == 2
    assert "needs --data-root" in said.err
    assert "bench store import FILE" in said.err
    assert not (tmp_path / "empty").exists()


def test_the_pack_holds_no_image_and_what_is_said_of_it(lab, tmp_path: Path) -> None:
    """Only arrays of labels, slides and features; its files are what a look at them expects."""
    manifest = archive.unpack(lab.pack, tmp_path / "out")
    contents.check(tmp_path / "out", manifest, where="a.zip")
    assert sorted(manifest.files) == [
        "features/0/reference/features.npy", "roles/floor/labels.npy", "roles/reference/labels.npy",
        "roles/reference/slides.npy", "roles/test/labels.npy", "roles/train/labels.npy",
    ]  # fmt: skip
    assert (manifest.slides, manifest.features, manifest.dataset.side) == ("named", ("reference",), 96)
    assert manifest.dataset.classes == ("healthy", "cancer")
    assert all(name.startswith("phantom_valid_") for name in references_slides(tmp_path / "out"))


def references_slides(folder: Path) -> list[str]:
    """The slides of the reference."""
    return list(contents.load(folder / manifests.slides_of("reference")))


def test_the_same_steps_give_the_same_bytes(bench: Bench, lab, tmp_path: Path) -> None:
    """Written again it is there already; another file under its name is never replaced, and nothing is left of it."""
    command = ["store", "export", "--suite", lab.suite, "--data-root", lab.root, "--store", lab.store, "--quiet"]
    shutil.copy(lab.pack, tmp_path / "a.zip")
    said = bench(*command, "--out", tmp_path / "a.zip")
    assert (said.code, "there already, byte for byte" in said.err) == (0, True)
    said = bench(*command, "--out", tmp_path / "b.zip", "--json")
    assert (tmp_path / "b.zip").read_bytes() == lab.pack.read_bytes()
    assert json.loads(said.out)[0]["reference"] == archive.peek(lab.pack).digest
    (tmp_path / "b.zip").write_text("mine")
    said = bench(*command, "--out", tmp_path / "b.zip")
    assert said.code == 2
    assert "is there already, and is another file" in said.err
    assert (tmp_path / "b.zip").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "b.zip"]


def test_hidden_slides_change_no_number(bench: Bench, lab, tmp_path: Path) -> None:
    """Numbers in the order of the ids: groups, and so intervals, are the same."""
    command = ["store", "export", "--suite", lab.suite, "--data-root", lab.root, "--store", lab.store, "--quiet"]
    bench(*command, "--out", tmp_path / "a.zip", "--hide-slides")
    archive.unpack(tmp_path / "a.zip", tmp_path / "out")
    hidden, known = references_slides(tmp_path / "out"), []
    manifest = archive.unpack(lab.pack, tmp_path / "named")
    known = references_slides(tmp_path / "named")
    assert archive.peek(tmp_path / "a.zip").slides == "numbered" != manifest.slides
    assert set(hidden) == {f"slide-{number:06d}" for number in range(len(set(known)))}
    assert np.array_equal(np.unique(hidden, return_inverse=True)[1], np.unique(known, return_inverse=True)[1])
    bench("store", "import", tmp_path / "a.zip", "--store", tmp_path / "store")
    bench("run", "--suite", lab.suite, "--store", tmp_path / "store", "-g", "noise", "--quiet")
    for task in ("fidelity", "coverage"):
        ours, theirs = records(tmp_path / "store")["noise", task], records(lab.store)["noise", task]
        assert [(one["value"], one["interval"]) for one in ours["values"]] == [
            (one["value"], one["interval"]) for one in theirs["values"]
        ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dataset": {"name": "phantom"}}, "Dataset 'phantom' of suite 'other' is made by whoever runs it"),
        ({"tasks": {"tstr": {}}}, "No task of suite 'other' needs features"),
        ({"extractors": []}, "No task of suite 'other' needs features"),
    ],
)
def test_what_nobody_needs_a_pack_of_is_refused(bench: Bench, lab, tmp_path: Path, changes: Any, said: str) -> None:
    """Before anything is made."""
    (tmp_path / "other.yaml").write_text(yaml.safe_dump({**SUITE, "name": "other", **changes}))
    told = bench(
        "store", "export", "--suite", tmp_path / "other.yaml", "--data-root", lab.root, "--store", tmp_path / "store"
    )
    assert (told.code, said in told.err) == (2, True), told.err
    assert not (tmp_path / "store" / "objects").exists()


def test_a_reference_damaged_in_the_store_is_not_measured_on(run, tmp_path: Path) -> None:
    """The run ends with what to do; `bench store verify` names it too."""
    (folder,) = references.folders(tmp_path / "store" / "references")
    path = folder / "features" / "0" / "reference" / "features.npy"
    values = np.array(arrays.load(path))
    values[0, 0] += 1
    arrays.save(path, values)
    said = run("-g", "noise", "--quiet")
    assert said.code == 3
    assert "is missing or not what was imported. Import the reference again" in str(records(tmp_path / "store"))
    (folder / "roles" / "train" / "labels.npy").unlink()
    shutil.rmtree(tmp_path / "store" / "objects")
    said = run("-g", "noise", "--quiet")
    assert (said.code, "labels.npy is missing or not what was imported" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("suite", "more", "said"),
    [
        (None, ["--data-root"], "--reference abc: --data-root names the images themselves"),
        (None, [], "--reference abc: there is no such reference in"),
        ("phantom-bounds", [], "--reference abc: dataset 'phantom' is made here"),
    ],
)
def test_a_reference_that_is_named_in_vain_is_refused(
    bench: Bench, lab, tmp_path: Path, suite: str | None, more: list[str], said: str
) -> None:
    """Beside real images, where it was not imported, and where nobody needs one."""
    root = [lab.root] if more else []
    told = bench("run", "--suite", suite or lab.suite, "--store", tmp_path / "s", "--reference", "abc", *more, *root)
    assert (told.code, said in told.err) == (2, True), told.err
