"""Where evaluations are written down."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest
import yaml
from toybench import pictures

from benchmark.contracts.progress import silent
from benchmark.datasets import given
from benchmark.errors import UserError
from benchmark.evaluation import looking, place

ENTRY = {"mine": {"weights": {"images": "somewhere"}}}


def write(base: Path, text: str = "a", *, name: str = "one", **places: str) -> Path:
    seen = {part: {"place": where} for part, where in {"synthetic": "some", "real": "real", **places}.items()}
    with place.staged(base) as staging:
        (staging / place.DATA).mkdir()
        return place.write(staging, suite={"name": text}, entries=ENTRY, seen=seen, name=name)


def test_all_files_come_at_once_and_replace_those_before(tmp_path: Path) -> None:
    """Nothing of a former suite is left, nor of the making."""
    base = tmp_path / "evaluations"
    made = write(base)
    assert made.name.startswith("one-")
    assert made.stat().st_mode == base.stat().st_mode, "others may look where they may look into the store"
    assert yaml.safe_load((made / "registry.yaml").read_text()) == ENTRY
    assert write(base, text="b") == made
    assert {path.name for path in made.iterdir()} == {"b.yaml", "registry.yaml", "seen.json", "data"}
    assert [path.name for path in base.iterdir()] == [made.name]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    """Not even an empty folder of the making."""
    with pytest.raises(RuntimeError), place.staged(tmp_path / "evaluations"):
        raise RuntimeError
    assert list((tmp_path / "evaluations").iterdir()) == []


def test_what_a_kill_left_long_ago_goes(tmp_path: Path) -> None:
    """And what another command makes at this moment stays."""
    old, new = tmp_path / ".making-old", tmp_path / ".making-new"
    for path in (old, new):
        path.mkdir()
    os.utime(old, (0, 0))
    write(tmp_path)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_name_stands_for_the_images_of_one_place(tmp_path: Path) -> None:
    """Another's row would take the place of theirs; beside other real images it is on another board."""
    first = write(tmp_path)
    with pytest.raises(UserError, match="stands for the images of some, .*of elsewhere another name: --name"):
        write(tmp_path, synthetic="elsewhere")
    assert [path.name for path in tmp_path.iterdir()] == [first.name]
    assert write(tmp_path, synthetic="elsewhere", real="other") != first
    assert write(tmp_path, synthetic="elsewhere", name="two") != first


def test_places_are_linked_under_the_names_of_their_part(tmp_path: Path) -> None:
    """Folders and files, two of them where labels lie beside; tables."""
    pictures.write_classes(tmp_path / "mine", {"a": 2})
    pixels = np.stack([pictures.noise(seed) for seed in range(3)])
    for part, content in (("x", pixels), ("y", np.zeros((3, 1, 1, 1), np.uint8))):
        with h5py.File(tmp_path / f"old_{part}.h5", "w") as file:
            file[part] = content
    table = tmp_path / "t.csv"
    table.write_text("file_name,label\na/0000.png,x\na/0001.png,y\n")
    sets = [
        looking.look("real", tmp_path / "mine", labels=table, duplicates=False, progress=silent),
        looking.look("train", tmp_path / "old_x.h5", labels=None, duplicates=False, progress=silent),
    ]
    place.link(tmp_path / "root", sets, {"real": table})
    assert {path.name: path.resolve().name for path in (tmp_path / "root").iterdir()} == {
        "real": "mine", "real.labels.csv": "t.csv", "train_x.h5": "old_x.h5", "train_y.h5": "old_y.h5"
    }  # fmt: skip


def test_a_link_is_known_by_its_own_name(tmp_path: Path) -> None:
    """What it leads to, in a cache, may have no suffix."""
    np.savez(tmp_path / "a.npz", images=np.stack([pictures.noise(seed) for seed in range(3)]))
    (tmp_path / "a.npz").rename(tmp_path / "blob")
    (tmp_path / "mine.npz").symlink_to(tmp_path / "blob")
    looked = looking.look("real", tmp_path / "mine.npz", labels=None, duplicates=False, progress=silent)
    place.link(tmp_path / "root", [looked], {})
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["real.npz"]
    assert given.named(tmp_path / "root" / "real.npz") == "mine.npz"
