"""`bench evaluate`: images made elsewhere get a full row without any data of ours."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from toybench import pictures

LEVELS = {"stroma": 60, "normal": 120, "tumor": 180}


def write(folder: Path, count: int, *, seed: int) -> None:
    """Images of 16 px of three classes, of unlike brightness; half of `count` of the last."""
    for number, (word, level) in enumerate(LEVELS.items()):
        (folder / word).mkdir(parents=True)
        for row in range(count if number < 2 else count // 2):
            image = (pictures.noise(seed + 10_000 * number + row) // 4 + level).astype(np.uint8)
            Image.fromarray(image).save(folder / word / f"{row:04d}.png", compress_level=1)


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """Synthetic and real images."""
    write(tmp_path / "made", 24, seed=1000)
    write(tmp_path / "real", 100, seed=5000)
    return tmp_path / "made", tmp_path / "real"


@pytest.mark.slow
def test_a_full_row_of_three_classes(start_with_torch: Any, sets: tuple[Path, Path], tmp_path: Path) -> None:
    """Bad files left out are in the record, by name; the floor and the ceiling stand beside the set."""
    made, real = sets
    planted = pictures.plant_bad(made / "tumor", made / "normal" / "0003.png")
    words = ("evaluate", made, "--real", real, "--extractor", "random-network", "--bad", "skip", "--json")
    said = start_with_torch(*words, "--seed", 100, "--no-tracking").wait()
    assert said.code == 0, said
    rows = json.loads(said.out)
    assert {(row["generator"], row["status"]) for row in rows} == {
        ("made", "complete"), ("real-holdout", "complete"), ("noise", "complete")
    }  # fmt: skip
    assert {row["task"] for row in rows} == {"fidelity", "coverage", "tstr"}
    value = {(row["generator"], row["metric"]): row["value"] for row in rows}
    # Bright, middle and dark images are as easy to tell apart in both sets; noise teaches nothing of it.
    assert value["made", "auc-tstr"] > 0.9 > value["noise", "auc-tstr"]
    assert value["real-holdout", "kd.random-network"] < 0.1 * value["noise", "kd.random-network"]
    record = json.loads(next((tmp_path / "bench-store" / "records").rglob("made/*fidelity.json")).read_text())
    left_out = record["variant"]["given"]["skip"]
    assert {name.removeprefix("tumor/"): why.partition(":")[0] for name, why in left_out.items()} == planted
    assert record["variant"]["labels"] == {"normal": 24, "stroma": 24, "tumor": 12}
    assert record["variant"]["summary"] == (
        f"60 images of made, 16 px, PNG files; 54 of them measured; {len(planted)} more left out, which cannot be used."
    )
    assert record["n_synthetic"] == 54
    assert "/made" not in json.dumps({**record, "run": None}), "records hold no paths"


def test_a_set_of_several_shards_beside_training_images(start_with_torch: Any, tmp_path: Path) -> None:
    """Files, some of a folder that is linked, are read long after the first shard is written; a copy is told."""
    pictures.write_classes(tmp_path / "train", {"0": 30})
    real = np.stack([pictures.noise(1_000 + seed) for seed in range(700)])
    np.savez(tmp_path / "real.npz", images=real, labels=np.zeros(len(real), int))
    for folder in ("made", "elsewhere"):
        (tmp_path / folder).mkdir()
    (tmp_path / "made" / "linked").symlink_to(tmp_path / "elsewhere")
    for seed in range(259):
        Image.fromarray(pictures.noise(9_000 + seed)).save(tmp_path / ("made", "elsewhere")[seed % 2] / f"{seed}.png")
    shutil.copy(tmp_path / "train" / "0" / "0000.png", tmp_path / "made")
    words = (
        "evaluate",
        tmp_path / "made",
        "--real",
        tmp_path / "real.npz",
        "--train",
        tmp_path / "train",
        "--no-tracking",
    )
    said = start_with_torch(*words, "--extractor", "texture-statistics", "--seed", 100, "--json").wait()
    assert said.code == 0, said
    rows = json.loads(said.out)
    assert {row["task"] for row in rows} == {"fidelity", "coverage"}
    assert {row["n"]["synthetic"] for row in rows if row["value"] is not None} == {260}
    assert "1 of the synthetic images are training images, pixel by pixel" in said.err
    assert "Nothing tells the classes of the synthetic images" in said.err


@pytest.mark.slow
def test_twenty_bad_files_among_five_thousand(start_with_torch: Any, tmp_path: Path) -> None:
    """All are named, and no other; the 4,980 that are left are all measured."""
    pictures.write_classes(tmp_path / "made", {"a": 2490, "b": 2490}, side=32)
    first = pictures.plant_bad(tmp_path / "made" / "a", tmp_path / "made" / "a" / "0007.png", side=32)
    for name in sorted(first)[:8]:
        shutil.copy(tmp_path / "made" / "a" / name, tmp_path / "made" / "b" / f"again-{name}")
    shutil.copy(tmp_path / "made" / "b" / "0001.png", tmp_path / "made" / "b" / "again-b-duplicate.png")
    planted = {f"a/{name}" for name in first} | {f"b/again-{name}" for name in sorted(first)[:8]}
    planted.add("b/again-b-duplicate.png")
    while len(planted) < 20:
        planted.add(name := f"b/empty-{len(planted)}.png")
        (tmp_path / "made" / name).touch()
    real = np.random.default_rng(100).integers(0, 256, (20_400, 32, 32, 3), np.uint8)
    np.savez(tmp_path / "real.npz", images=real, labels=np.arange(len(real)) % 2, classes=["a", "b"])
    # Small, so that classifiers learn from thousands of images in minutes.
    words = ("evaluate", tmp_path / "made", "--real", tmp_path / "real.npz", "--size", 8)
    words = (*words, "--extractor", "texture-statistics")
    said = start_with_torch(*words, "--no-tracking").wait()
    assert said.code == 2
    named = {line.strip().partition(": ")[0] for line in said.err.splitlines() if line.startswith("  ")}
    assert named == planted
    assert f"20 of {4980 + 20:,} synthetic images cannot be used" in said.err
    said = start_with_torch(*words, "--no-tracking", "--bad", "skip", "--seed", 100, "--json").wait()
    assert said.code == 0, said
    measured = [row for row in json.loads(said.out) if row["generator"] == "made" and row["value"] is not None]
    assert {row["n"]["synthetic"] for row in measured} == {4980}
    assert {row["metric"].partition(".")[0] for row in measured} >= {"fd", "kd", "coverage-k5", "auc-tstr"}
    assert {path.name for path in (tmp_path / "made" / "a").iterdir()} >= set(first), "nothing of the user's is touched"
