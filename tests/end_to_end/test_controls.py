"""Every control, and images made elsewhere, through a toy suite and through the conformance checks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from benchmark.registry.variants import Catalogue

WITHOUT_WEIGHTS = sorted(
    one.name
    for one in Catalogue.discover()
    if one.origin == "histobench"
    and one.variant.kind == "control"
    and not one.variant.weights
    and one.variant.fits_on != "train"
)
"""`vae-roundtrip` takes tiny-sd, and runs in its suites; so does `small-vae-roundtrip`, which trains for long."""
COUNT = 40


@pytest.fixture
def made_elsewhere(tmp_path: Path) -> Path:
    """A registry file with a folder, an array with a table, and an array without labels."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (COUNT, 16, 16, 3), np.uint8)
    names = [("dark", "bright")[place % 2] for place in range(COUNT)]
    for place, name in enumerate(names):
        (tmp_path / "mine" / name).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[place]).save(tmp_path / "mine" / name / f"{place}.png")
    np.save(tmp_path / "mine.npy", pixels)
    (tmp_path / "labels.csv").write_text("label\n" + "\n".join(names))
    entries = {
        "in-folders": {"extends": "imageset", "weights": {"images": "mine"}},
        "in-an-array": {"extends": "imageset", "weights": {"images": "mine.npy", "labels": "labels.csv"}},
        "unlabelled": {"extends": "imageset-unlabelled", "weights": {"images": "mine.npy"}},
    }
    path = tmp_path / "registry.yaml"
    path.write_text(yaml.safe_dump(entries))
    return path


def test_every_control_and_images_made_elsewhere_through_a_toy_suite(
    bench: Any, suite_file: Any, made_elsewhere: Path, tmp_path: Path
) -> None:
    """All cells complete; one set gives one number, whichever way it is read."""
    variants = [*WITHOUT_WEIGHTS, "in-folders", "in-an-array", "unlabelled"]
    suite = suite_file(
        "controls", variants=variants, primary=[], n=COUNT,
        dataset={"name": "toy", "params": {"count": 160}},
    )  # fmt: skip
    said = bench("run", "--suite", suite, "--registry", made_elsewhere, "--store", tmp_path / "store", "--json")
    assert said.code == 0, said
    rows = json.loads(said.out)
    assert {(row["generator"], row["status"]) for row in rows} == {(name, "complete") for name in variants}
    gaps = {row["generator"]: row["value"] for row in rows}
    assert {"copycat", "copycat-jittered", "mode-drop", "jpeg-roundtrip", "resize-roundtrip", "label-shuffle"} < set(
        gaps
    )
    # All of the set, by three ways; the mean color does not hang on the order.
    assert gaps["in-folders"] == pytest.approx(gaps["in-an-array"], rel=1e-4)
    assert gaps["in-folders"] == pytest.approx(gaps["unlabelled"], rel=1e-4)


@pytest.mark.parametrize(
    "names",
    [
        ["copycat-jittered", "mode-drop", "in-folders"],
        pytest.param([*WITHOUT_WEIGHTS, "in-folders", "unlabelled"], marks=pytest.mark.slow),
    ],
    ids=["few", "all"],
)
def test_every_control_keeps_the_contract(bench: Any, suite_file: Any, made_elsewhere: Path, names: list[str]) -> None:
    """No check is broken; images made elsewhere are the same at every seed, and that is told."""
    suite = suite_file("large", dataset={"name": "toy", "params": {"count": 160}})
    flags = [word for name in names for word in ("--generator", name)]
    said = bench("validate", "--suite", suite, "--registry", made_elsewhere, *flags, "--json")
    found = json.loads(said.out)
    assert [one for one in found if one["state"] == "BROKEN"] == []
    assert said.code == 0, said
    assert {one["generator"] for one in found} == set(names)
    seeds = {one["generator"]: one["state"] for one in found if one["check"] == "other seeds, other images"}
    assert {name for name, state in seeds.items() if state != "kept"} == {"in-folders", "unlabelled"} & set(names)


def test_images_without_labels_are_refused_where_labels_are_needed(
    bench: Any, suite_file: Any, made_elsewhere: Path, tmp_path: Path
) -> None:
    """Before anything is run."""
    suite = suite_file("learning", variants=["toy-plain"], primary=[], tasks={"tstr": {}})
    said = bench(
        "run", "--suite", suite, "--registry", made_elsewhere, "-g", "unlabelled", "--store", tmp_path / "store"
    )
    assert said.code == 2
    assert "Task 'tstr' needs the label of each image, and variant 'unlabelled' draws without labels." in said.err
    assert not (tmp_path / "store" / "records").exists()


def test_another_image_is_another_set(bench: Any, suite_file: Any, made_elsewhere: Path, tmp_path: Path) -> None:
    """The digest of the files is part of the key: what was sampled from the old ones is not taken for the new."""
    suite = suite_file("again", variants=["in-folders"], primary=[], n=20)
    run = ("run", "--suite", suite, "--registry", made_elsewhere, "--store", tmp_path / "store", "--json")
    before = json.loads(bench(*run).out)[0]["value"]
    assert json.loads(bench(*run).out)[0]["value"] == before
    for path in (tmp_path / "mine" / "dark").iterdir():
        Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(path)
    assert json.loads(bench(*run).out)[0]["value"] > before
