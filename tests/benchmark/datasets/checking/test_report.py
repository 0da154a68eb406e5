"""What a look at a dataset finds, on sets whose faults were planted."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark.contracts.dataset import Identity
from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.progress import silent
from benchmark.datasets.checking import report, subjects
from benchmark.datasets.checking.subjects import Subject

SHARED = Path(__file__).resolve().parents[5] / "shared"


def found(place: Path) -> report.Report:
    return report.of(subjects.at(place), silent)


def spoiling(one: report.Report) -> list[str]:
    return [finding.what for finding in one.findings if finding.spoils]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two splits of three classes, nothing wrong with them."""
    pictures.write_classes(tmp_path / "x", {f"{split}/{name}": 4 for split in ("train", "test") for name in "abc"})
    return tmp_path / "x"


def test_a_sound_dataset_is_counted(folder: Path) -> None:
    """By split and class, with sizes and digests."""
    one = found(folder)
    plain = one.plain()
    assert (one.is_sound, plain["sound"], plain["images"], plain["classes"]) == (True, True, 24, ["a", "b", "c"])
    assert [(size["height"], size["width"], size["images"]) for size in plain["sizes"]] == [(16, 16, 24)]
    assert plain["splits"]["train"]["images"] == 12
    assert plain["splits"]["test"]["classes"]["b"] == {
        "images": 4, "share": pytest.approx(1 / 3), "redundant": 0, "blank": 0, "nearly_blank": 0, "bad": 0,
        "formats": {"PNG": 4},
    }  # fmt: skip
    assert plain["duplicates"]["groups"] == plain["bad"] == plain["blank"] == []
    assert plain["slides_in_several_splits"] is None
    assert (plain["official"], plain["codec"], len(plain["digest"])) == (False, "none", 64)
    assert json.loads(json.dumps(plain)) == plain


def test_redundant_duplicates_inside_a_split(folder: Path) -> None:
    """Members of a group minus one; they spoil nothing, since a suite leaves them out."""
    for name in ("x", "y"):
        shutil.copy(folder / "train" / "a" / "0000.png", folder / "train" / "a" / f"{name}.png")
    Image.open(folder / "train" / "b" / "0000.png").save(folder / "train" / "b" / "again.png", compress_level=9)
    one = found(folder)
    assert one.is_sound
    repeated = one.found["duplicates"]
    assert (repeated["redundant"], repeated["redundant_inside_splits"]) == (3, 3)
    assert [[member["name"] for member in group] for group in repeated["groups"]] == [
        ["train/a/0000.png", "train/a/x.png", "train/a/y.png"], ["train/b/0000.png", "train/b/again.png"],
    ]  # fmt: skip
    classes = one.found["splits"]["train"]["classes"]
    assert {name: about["redundant"] for name, about in classes.items()} == {"a": 2, "b": 1, "c": 0}


def test_images_in_several_splits_or_under_several_labels(folder: Path) -> None:
    """Both flatter numbers; inside a split nothing is redundant then."""
    shutil.copy(folder / "train" / "a" / "0000.png", folder / "test" / "a" / "x.png")
    shutil.copy(folder / "train" / "b" / "0001.png", folder / "train" / "c" / "x.png")
    one = found(folder)
    assert spoiling(one) == ["1 image in several splits.", "1 image under several labels."]
    assert one.found["duplicates"]["redundant"] == 2
    assert one.found["duplicates"]["redundant_inside_splits"] == 1
    assert one.found["duplicates"]["groups_across_splits"] == one.found["duplicates"]["groups_across_labels"] == 1


def test_bad_blank_and_odd_images_are_named(folder: Path) -> None:
    """All that cannot be used, and those that show nothing; damage does not hide the rest."""
    expected = pictures.plant_bad(folder / "train" / "a", folder / "train" / "a" / "0000.png")
    Image.new("RGB", (16, 16), (240, 240, 240)).save(folder / "test" / "c" / "blank.png")
    one = found(folder)
    named = {Path(bad["name"]).name: bad["kind"] for bad in one.found["bad"]}
    assert named == {name: kind for name, kind in expected.items() if kind != "duplicate"}
    assert {bad["split"] for bad in one.found["bad"]} == {"train"}
    assert [blank["name"] for blank in one.found["blank"]] == ["test/c/blank.png"]
    assert f"{len(named)} images cannot be used." in spoiling(one)
    assert one.found["splits"]["train"]["classes"]["a"]["bad"] == len(named)
    assert one.found["splits"]["test"]["classes"]["c"]["blank"] == 1


def test_sizes_without_a_majority_are_told(folder: Path) -> None:
    """With counts and an example each."""
    for path in sorted(folder.rglob("*.png"))[:12]:
        Image.fromarray(pictures.noise(len(path.name), 24)).save(path)
    one = found(folder)
    assert any("mix sizes: " in what and "(12 files, " in what for what in spoiling(one))
    assert [size["images"] for size in one.found["sizes"]] == [12, 12]


def test_formats_by_which_classes_can_be_told_apart(folder: Path) -> None:
    """A classifier may learn the codec instead of the tissue."""
    for path in (folder / "train" / "b").iterdir():
        Image.open(path).save(path.with_suffix(".jpg"), quality=95)
        path.unlink()
    (what,) = spoiling(found(folder))
    assert what.startswith(
        "File formats differ, by which alone classes or splits can be told apart: train a: PNG; train b: JPEG;"
    )


def test_slides_in_several_splits(tmp_path: Path) -> None:
    """By name, with the images of each."""
    pixels = np.stack([pictures.noise(seed) for seed in range(6)])
    slides, split = list("aabbbc"), ["train"] * 3 + ["valid", "valid", "test"]
    np.savez(tmp_path / "x.npz", images=pixels, labels=[0, 1] * 3, slides=slides, split=split)
    one = found(tmp_path / "x.npz")
    assert one.found["slides_in_several_splits"] == {"b": {"train": 1, "valid": 2}}
    assert spoiling(one) == ["1 slide in several splits."]
    assert [about["slides"] for about in one.found["splits"].values()] == [2, 1, 1]


def test_images_that_are_not_square_are_told(tmp_path: Path) -> None:
    """A suite would refuse them."""
    np.save(tmp_path / "x.npy", np.random.default_rng(0).integers(0, 256, (3, 8, 12, 3), np.uint8))
    assert spoiling(found(tmp_path / "x.npy")) == ["The images are 12 x 8 px; a suite takes square ones."]


def test_splits_stored_in_unlike_ways(tmp_path: Path) -> None:
    """What the dataset says of its codec is a finding, and hides nothing else."""
    from benchmark.errors import UserError

    def refuse(_: Identity) -> str:
        raise UserError("split 'test' went through JPEG, split 'train' did not.")

    pixels = np.stack([pictures.noise(seed) for seed in range(4)])
    images = Images(ArraySource(pixels), np.arange(4), np.arange(4) % 2, ("a", "b"), None, digest="")
    one = report.of(Subject({"train": images}, True, lambda: Identity("x", "0" * 64, True), refuse), silent)
    assert spoiling(one) == ["split 'test' went through JPEG, split 'train' did not."]
    assert (one.found["codec"], one.found["images"]) == (None, 4)


def test_the_pixels_of_a_split_have_one_digest_in_whatever_files(folder: Path, tmp_path: Path) -> None:
    """Of pixels and labels in their order."""
    inside = subjects.at(folder).splits["train"]
    np.savez(tmp_path / "x.npz", images=inside.read(0, 12), labels=inside.labels, split=["train"] * 12)
    digests = [found(place).found["splits"]["train"]["pixels"] for place in (folder, tmp_path / "x.npz")]
    assert digests[0] == digests[1] != found(folder).found["splits"]["test"]["pixels"]


@pytest.mark.needs_shared
def test_real_patches_of_which_every_second_is_doubled(tmp_path: Path) -> None:
    """A sample of real test patches from their archive, as HDF5 files of PCam's layout."""
    with zipfile.ZipFile(SHARED / "pcam26k" / "pcam26k-test.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))[:200:2]
        pixels = np.stack([np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in names])
    distinct = len({one.tobytes() for one in pixels})
    write_pcam(tmp_path, np.concatenate([pixels, pixels[::2]]))
    one = found(tmp_path)
    assert one.found["duplicates"]["redundant"] == 150 - distinct
    assert distinct > 90


def write_pcam(root: Path, pixels: np.ndarray) -> None:
    (root / "pcam").mkdir()
    for part, data in (("x", pixels), ("y", np.zeros((len(pixels), 1, 1, 1), np.uint8))):
        with h5py.File(root / "pcam" / f"camelyonpatch_level_2_split_test_{part}.h5", "w") as file:
            file[part] = data


@pytest.mark.slow
@pytest.mark.needs_shared
def test_all_real_patches_hold_exactly_the_known_duplicates(tmp_path: Path) -> None:
    """935 redundant ones inside splits, none across splits and none across labels: so their manifest says."""
    import subprocess
    import sys

    subprocess.run([sys.executable, SHARED / "make_pcam_h5.py", tmp_path], check=True, capture_output=True)
    one = found(tmp_path)
    repeated: dict[str, Any] = one.found["duplicates"]
    assert repeated["redundant"] == repeated["redundant_inside_splits"] == 935
    assert repeated["groups_across_splits"] == repeated["groups_across_labels"] == 0
    assert one.found["images"] == 24_500
    assert one.is_sound
