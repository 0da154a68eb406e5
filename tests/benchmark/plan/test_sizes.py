"""Estimates of what steps write: never below, never far above what is written."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from toybench import packs

from benchmark.artifacts import features, image_set
from benchmark.contracts.generator import Requests
from benchmark.contracts.task import Features
from benchmark.plan import sizes
from benchmark.plan.specs import DatasetSpec, ReferenceSpec
from benchmark.suite.schema import RoleEntry


def written(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_images_are_estimated_from_above(tmp_path: Path):
    """Against a real shard of 250 with long prompts."""
    rows = np.arange(250)
    requests = Requests(rows, rows % 2, np.full(250, 2**62), rows // 2, ("tumour", "normal"))
    prompts = ["a long prompt that tells of nuclei, stroma and stain in so many words " * 3] * 250
    image_set.write_shard(tmp_path, np.zeros((250, 32, 32, 3), np.uint8), requests, prompts)
    assert written(tmp_path) <= sizes.of_images(250, 32) <= 1.5 * written(tmp_path)


def test_features_are_estimated_from_above(tmp_path: Path):
    """Against the widest usual network."""
    made = Features(np.zeros((50, 2048), np.float32), np.zeros(50, np.int64), np.array(["slide-0001"] * 50))
    features.write(tmp_path, made)
    assert written(tmp_path) <= sizes.of_features(50) <= 1.5 * written(tmp_path)


def test_a_made_dataset_says_itself_what_it_writes():
    """Three splits of 40 squares of 16 pixels."""
    spec = DatasetSpec(name="toy", target="toybench.data:Toy", version=1, params={"count": 40})
    assert sizes.of_dataset(spec) == 3 * 40 * 16 * 16 * 3


def test_images_of_a_role_are_told_where_a_release_or_the_suite_tells_them():
    """Of PCam's release a share, and no more than the suite takes; of other data what the suite takes."""
    pcam = DatasetSpec(name="pcam", target="benchmark.datasets.pcam:Pcam", version=1)
    toy = DatasetSpec(name="toy", target="toybench.data:Toy", version=1, params={"count": 40})
    whole, half = RoleEntry(split="train"), RoleEntry(split="valid", part=(0.0, 0.5))
    some = RoleEntry(split="train", n=50_000)
    assert [sizes.of_role(pcam, role) for role in (whole, half, some)] == [262_144, 16_384, 50_000]
    assert sizes.of_role(pcam, RoleEntry(split="test", n=50_000)) == 32_768
    assert [sizes.of_role(toy, role) for role in (whole, half, some)] == [None, None, 50_000]


def test_images_of_a_copy_that_is_here_are_counted(tmp_path: Path):
    """Another copy than the release has other numbers; files that cannot be read are told of where they are read."""
    folder = tmp_path / "pcam"
    folder.mkdir()
    for part, values in (("x", np.zeros((40, 96, 96, 3), np.uint8)), ("y", np.zeros((40, 1, 1, 1), np.uint8))):
        with h5py.File(folder / f"camelyonpatch_level_2_split_train_{part}.h5", "w") as file:
            file[part] = values
    pcam = DatasetSpec(name="pcam", target="benchmark.datasets.pcam:Pcam", version=1, root=tmp_path)
    assert sizes.of_role(pcam, RoleEntry(split="train")) == 40
    assert sizes.of_role(pcam, RoleEntry(split="train", part=(0.0, 0.5), n=50)) == 20
    assert sizes.of_role(pcam, RoleEntry(split="test")) == 32_768


def test_the_side_of_images_that_are_not_here_is_known_from_their_reference(tmp_path: Path):
    """Though the dataset's class cannot look at a file."""
    reference = ReferenceSpec(digest="r" * 64, folder=packs.unpacked(tmp_path))
    given = {"name": "folder", "target": "m:Folder", "version": 1, "params": {"path": "x"}, "files": "e" * 64}
    assert sizes.side_of(DatasetSpec(**given)) is None
    assert sizes.side_of(DatasetSpec(**given, reference=reference)) == 96
