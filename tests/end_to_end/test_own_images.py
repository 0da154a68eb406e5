"""Suites on images of one's own: three classes in a folder, a zip or arrays, controls that bound the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from toybench import pictures

Bench = Callable[..., Any]

LEVELS = {"stroma": 60, "normal": 120, "tumor": 180}
COUNTS = {"train": 8, "valid": 40, "test": 4}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with three classes of 32-px images in three splits, as a folder, a zip and arrays."""
    images, labels, split, seed = [], [], [], 0
    for name, count in COUNTS.items():
        for word, level in sorted(LEVELS.items()):
            folder = tmp_path / "root" / "mine" / name / word
            folder.mkdir(parents=True)
            for number in range(count):
                image = (pictures.noise(seed, 32) // 4 + level).astype(np.uint8)
                Image.fromarray(image).save(folder / f"{number:03d}.png")
                images.append(image), labels.append(word), split.append(name)
                seed += 1
    pictures.pack(tmp_path / "root" / "mine", tmp_path / "root" / "mine.zip", around="mine/")
    np.savez(tmp_path / "root" / "mine.npz", images=np.stack(images), labels=labels, split=split)
    return tmp_path / "root"


@pytest.fixture
def arguments(suite_file: Callable[..., Path], root: Path, tmp_path: Path) -> Callable[..., list[object]]:
    """The arguments of a run of two controls on a dataset, in one store."""

    def of(name: str, dataset: dict[str, Any], **changes: Any) -> list[object]:
        suite = suite_file(
            name, dataset=dataset, variants=["noise", "real-holdout"], primary=None, n=45,
            protocol={"base": "clean", "size": 32}, **changes,
        )  # fmt: skip
        return ["run", "--suite", suite, "--data-root", root, "--store", tmp_path / "store", "--no-tracking"]

    return of


FOLDER = {"name": "folder", "params": {"path": "mine"}}
PLACES = (
    FOLDER,
    {"name": "folder", "params": {"path": "mine.zip"}},
    {"name": "arrays", "params": {"path": "mine.npz"}},
)


@pytest.mark.slow
def test_three_classes_are_measured(start_with_torch: Any, arguments: Any) -> None:
    """Every cell complete; real images are nearer to real ones than noise is, and better to learn three classes from."""
    few: dict[str, Any] = {"below_n_min": "mark"}
    tasks = {"fidelity": few, "coverage": few, "tstr": {"classifiers": 1, "epochs": 12, "batch": 8, "width": 8}}
    told = arguments("mine", FOLDER, extractors=["texture-statistics"], tasks=tasks)
    said = start_with_torch(*told, "--json").wait()
    assert said.code == 0, said
    rows = json.loads(said.out)
    assert {(row["task"], row["generator"]) for row in rows if row["status"] == "complete"} == {
        (task, name) for task in tasks for name in ("noise", "real-holdout")
    }
    distance = {row["generator"]: row["value"] for row in rows if row["metric"].startswith("fd.")}
    assert distance["real-holdout"] < distance["noise"]
    area = {row["generator"]: row["value"] for row in rows if row["metric"] == "auc-tstr"}
    assert area["real-holdout"] > 0.9 > area["noise"]


def test_the_same_images_are_the_same_in_whatever_files(
    bench: Bench, arguments: Any, records_of: Any, tmp_path: Path
) -> None:
    """Numbers do not hang on how they are kept; who they are is in every record, with what is to be said of it."""
    for number, dataset in enumerate(PLACES):
        said = bench(*arguments(f"mine-{number}", dataset))
        assert said.code == 0, said
        assert "There is no release that these images could be checked against." in said.out
    records = records_of(tmp_path / "store").values()
    numbers = {(record["variant"]["name"], record["values"][0]["value"]) for record in records}
    assert len(records) == 6
    assert len(numbers) == 2
    names = {record["dataset"]["identity"]["name"].split(",")[0] for record in records}
    assert names == {dataset["params"]["path"] for dataset in PLACES}


def test_a_finished_run_is_reused_and_a_changed_file_is_not(bench: Bench, arguments: Any, root: Path) -> None:
    """One image of another look makes other data."""
    told = arguments("mine", FOLDER)

    def steps() -> int:
        return sum(row["make"] for row in json.loads(bench(*told, "--dry-run", "--json").out))

    assert bench(*told).code == 0
    assert steps() == 0
    Image.fromarray(pictures.noise(1, 32)).save(root / "mine" / "train" / "tumor" / "000.png")
    assert steps() > 0


def test_a_damaged_image_is_told_before_anything_is_learnt(bench: Bench, arguments: Any, root: Path) -> None:
    """By name, when the images are indexed; the message says what names all that are."""
    place = root / "mine" / "valid" / "tumor" / "005.png"
    place.write_bytes(place.read_bytes()[:-200])
    said = bench(*arguments("mine", FOLDER))
    assert (said.code, said.out) == (2, "")
    assert f"{place} cannot be read: image file is truncated." in said.err
    assert f"`bench data check {root / 'mine'}` names all such files" in said.err


def test_the_release_on_kaggle_is_measured(bench: Bench, arguments: Any, root: Path) -> None:
    """From its own folder and table; its splits are ours, and the board says so."""
    place = root / "pcam-kaggle"
    (place / "train").mkdir(parents=True)
    lines = ["id,label"]
    for number in range(150):
        name = f"{number:040x}"
        Image.fromarray(pictures.noise(number, 96)).save(place / "train" / f"{name}.tif")
        lines.append(f"{name},{number % 2}")
    (place / "train_labels.csv").write_text("\n".join(lines))
    sizes = {"train": 20, "valid": 110, "test": 20}
    said = bench(*arguments("kaggle", {"name": "pcam-kaggle", "params": {"sizes": sizes}}), "--json")
    assert said.code == 0, said
    assert {(row["generator"], row["status"]) for row in json.loads(said.out)} == {
        ("noise", "complete"), ("real-holdout", "complete"),
    }  # fmt: skip
