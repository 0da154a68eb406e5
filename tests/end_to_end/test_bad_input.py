"""Bad input through real processes: one clear message, status 2, no traceback, nothing half-written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import yaml

Bench = Callable[..., Any]
SuiteFile = Callable[..., Path]

COUNTS = {"train": 40, "valid": 48, "test": 20}


def refused(bench: Bench, store: Path, *arguments: object, objects: Collection[str] = ()) -> str:
    """Run a suite that cannot be run; return the one message, after looking that nothing else came of it.

    Args:
        bench: Calls `bench`.
        store: Where the results would be.
        arguments: What is wrong.
        objects: Stages that are finished all the same.
    """
    before = below(store)
    said = bench("run", *arguments, "--store", store)
    assert said.code == 2, said
    assert said.out == ""
    assert said.err.startswith("Error: "), said.err
    assert said.err.count("Error: ") == 1
    assert "Traceback" not in said.err
    assert len(said.err) < 1200
    # What is only noticed while the images are read has a log by then; what the step began is gone.
    made = below(store) - before
    assert {path.parts[1] for path in made if path.parts[0] == "objects"} == set(objects)
    assert {path.parts[0] for path in made} <= {"store.json", "digests.sqlite", "events", "leases", "objects"}
    return str(said.err)


def file_of(root: Path, split: str, part: str) -> Path:
    """Return where a file of PCam's layout lies."""
    return root / "pcam" / f"camelyonpatch_level_2_split_{split}_{part}.h5"


def below(folder: Path) -> set[Path]:
    """Return the files below a folder."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--suite", "tyo"], ["There is no suite 'tyo'", "Did you mean 'toy'?", "ending in .yaml"]),
        (["--suite", "nowhere.yaml"], ["nowhere.yaml cannot be read: No such file or directory"]),
        (["--suite", "toy", "-g", "toy-plian"], ["--generator toy-plian", "Did you mean 'toy-plain'?"]),
        (["--suite", "toy", "--device", "gpu"], ["--device gpu", "'auto', 'cpu' or 'cuda'"]),
        (["--suite", "phantom-bounds", "--device", "cuda"], ["--device cuda", "no CUDA device"]),
        (["--suite", "toy", "--registry", "nowhere.yaml"], ["nowhere.yaml cannot be read: No such file"]),
    ],
)
def test_a_wrong_word_on_the_command_line(bench: Bench, tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    """What was read, and the nearest that is valid; no store is begun."""
    message = refused(bench, tmp_path / "store", *arguments)
    assert all(word in message for word in words), message
    assert not (tmp_path / "store").exists()


def test_a_command_of_its_own_says_the_same(bench_afresh: Bench, bench: Bench, tmp_path: Path) -> None:
    """The other tests fork theirs."""
    asked = ("--suite", "tyo")
    assert refused(bench_afresh, tmp_path / "store", *asked) == refused(bench, tmp_path / "store", *asked)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"extractor": ["toy-mean"]}, ["unknown key 'extractor'", "Did you mean 'extractors'?"]),
        ({"protocol": {"size": 8, "filtre": "box"}}, ["unknown key 'protocol.filtre'", "Did you mean 'filter'?"]),
        ({"n": None}, ["key 'n' is missing"]),
        ({"n": "forty"}, ["key 'n'", "expected a whole number", "(found 'forty')"]),
        ({"n": 0}, ["key 'n'", "expected 1 or more", "(found 0)"]),
        ({"n": True}, ["key 'n'", "expected a whole number", "(found True)"]),
        ({"seeds": 0}, ["key 'seeds'", "(found 0)"]),
        ({"name": "another"}, ["key 'name' is 'another'", "the file is named 'mine'"]),
        ({"variants": ["toy-plian"], "primary": []}, ["key 'variants'", "Did you mean 'toy-plain'?"]),
        ({"tasks": {"toy-distanse": {}}}, ["key 'tasks'", "Did you mean 'toy-distance'?"]),
        ({"tasks": {"toy-distance": {"scael": 2.0}}}, ["task 'toy-distance'", "'scael'", "Did you mean 'scale'?"]),
        ({"dataset": {"name": "toi"}}, ["key 'dataset'", "Did you mean 'toy'?"]),
        ({"extractors": ["toy-maen"]}, ["key 'extractors'", "Did you mean 'toy-mean'?"]),
        ({"extractors": ["toy-guide"]}, ["'toy-guide' steers variant 'toy-fitted'", "leak"]),
        ({"roles": {"train": {"split": "trian"}}}, ["key 'roles.train.split'", "'train'", "(found 'trian')"]),
    ],
)
def test_a_wrong_key_in_a_suite(
    bench: Bench, tmp_path: Path, suite_file: SuiteFile, changes: dict[str, Any], words: list[str]
) -> None:
    """File, key, what was found, what was expected or the nearest valid name; no store is begun."""
    path = suite_file(**changes)
    path = path.rename(tmp_path / "mine.yaml")
    message = refused(bench, tmp_path / "store", "--suite", path)
    assert all(word in message for word in words), message
    assert str(path) in message or "suite 'mine'" in message or "task 'toy-distance'" in message
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: [toy\nversion: 1\n", ["is not valid YAML: line ", ", column "]),
        (b"name: toy\nname: toy\n", ["is not valid YAML: line 2, column 1: the key 'name' stands twice"]),
        (b"\xff\xfe\x00 no text", ["is not UTF-8 text. Expected a YAML file"]),
        (b"- toy\n", ["expected keys and values, found ['toy']"]),
        (b"", ["expected keys and values, found None"]),
        (b"!!python/object/apply:os.system [touch pwned]\n", ["is not valid YAML"]),
        (b"name: mine\nversion: 2026-01-01\n", ["found datetime.date(2026, 1, 1)", "put it in quotes"]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_suite(bench: Bench, tmp_path: Path, content: bytes, words: list[str]) -> None:
    """Where it stops to be one; nothing in it is run."""
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    message = refused(bench, tmp_path / "store", "--suite", path)
    assert str(path) in message
    assert all(word in message for word in words), message
    assert not (tmp_path / "pwned").exists()


def test_a_folder_in_a_suites_place(bench: Bench, tmp_path: Path) -> None:
    """Named like a file, or as a path without the ending."""
    (tmp_path / "mine.yaml").mkdir()
    assert "mine.yaml is a folder. Expected a YAML file." in refused(bench, tmp_path / "store", "--suite", "mine.yaml")
    message = refused(bench, tmp_path / "store", "--suite", tmp_path)
    assert f"There is no suite '{tmp_path}'" in message
    assert "A file of your own is named by its path, ending in .yaml" in message


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"extends": "toy-fited"}, ["There is no generator 'toy-fited' (extended by 'mine')", "Did you mean 'toy-fitted'?"]),
        ({"generator": "mine.py:Mine"}, ["key 'summary' is missing"]),
        ({"extends": "toy-plain", "param": {}}, ["unknown key 'param'", "Did you mean 'params'?"]),
        ({"extends": "toy-plain", "params": {"nose": 1.0}}, ["variant 'mine'", "'nose'", "Did you mean 'noise'?"]),
        ({"extends": "toy-plain", "version": "2"}, ["key 'version'", "(found '2')"]),
        ({"generator": "mine.py:Mine", "summary": "x"}, ["'mine.py:Mine': there is no file "]),
        ({"generator": "mine", "summary": "x"}, ["'mine' is not a target. Expected 'module:attribute' or 'file.py:attribute'"]),
        ({"generator": "nowhere:Mine", "summary": "x"}, ["there is no module 'nowhere'. Is its package installed?"]),
        ({"extends": "off-the-shelf", "weights": {"base": "nowhere"}}, ["weights 'base'", "expected a file, or a folder that is not empty at", "nowhere"]),
    ],
)  # fmt: skip
def test_a_wrong_entry_of_a_registry(bench: Bench, tmp_path: Path, entry: dict[str, Any], words: list[str]) -> None:
    """Variant and file, what was found, and the nearest."""
    registry = tmp_path / "registry.yaml"
    registry.write_text(yaml.safe_dump({"mine": entry}))
    message = refused(bench, tmp_path / "store", "--suite", "toy", "--registry", registry, "-g", "mine")
    assert all(word in message for word in words), message


@pytest.mark.parametrize("place", ["a/file/store", "a/full/folder", "/proc/store"])
def test_a_store_that_cannot_be(bench: Bench, tmp_path: Path, place: str) -> None:
    """Below a file, in a folder that holds something else, and where even root may not write."""
    (tmp_path / "a" / "full" / "folder").mkdir(parents=True)
    (tmp_path / "a" / "file").touch()
    (tmp_path / "a" / "full" / "folder" / "notes.txt").write_text("mine")
    store = tmp_path / place
    message = refused(bench, store, "--suite", "toy")
    assert f"The store {store} cannot be written: " in message or f"{store} is not empty and is no store" in message
    assert "another folder with --store" in message or "new or empty folder with --store" in message
    assert below(tmp_path) == {Path("a/file"), Path("a/full/folder/notes.txt")}


def test_a_store_of_another_version(bench: Bench, tmp_path: Path) -> None:
    """It is left as it is."""
    store = tmp_path / "store"
    store.mkdir()
    (store / "store.json").write_text('{"format": 99}')
    assert "found format 99, expected 1" in refused(bench, store, "--suite", "toy")
    assert below(store) == {Path("store.json")}


def test_real_patches_that_nobody_named(bench: Bench, tmp_path: Path, suite: Path) -> None:
    """What to fetch, from where by its name, and where to put it; the suite that needs none is named."""
    message = refused(bench, tmp_path / "store", "--suite", suite)
    assert "Dataset 'pcam' needs --data-root (or BENCH_DATA_ROOT)" in message
    assert_says_what_to_fetch(message)


@pytest.mark.parametrize(("gone", "first"), [("*", "train_x"), ("*test_y*", "test_y")])
def test_real_patches_that_are_not_there(
    bench: Bench, tmp_path: Path, suite: Path, patches: Path, gone: str, first: str
) -> None:
    """The first file that is missing, and all that is said where nothing is named."""
    for path in (patches / "pcam").glob(gone):
        path.unlink()
    message = refused(bench, tmp_path / "store", "--suite", suite, "--data-root", patches)
    assert f"Error: {file_of(patches, *first.split('_'))} is missing. " in message
    assert f"Here that folder is {patches / 'pcam'}/" in message
    assert_says_what_to_fetch(message)


def assert_says_what_to_fetch(message: str) -> None:
    """Record, names of the files, and folder."""
    assert "Zenodo record 2546921" in message
    assert "camelyonpatch_level_2_split_{train,valid,test}_{x,y}.h5 into a folder 'pcam' under the data root" in message
    assert "'demo' suite needs none" in message


@pytest.mark.parametrize("place", ["nowhere", "file", "file/below"])
def test_a_data_root_that_is_no_folder(bench: Bench, tmp_path: Path, suite: Path, place: str) -> None:
    """Missing, a file, or below one."""
    (tmp_path / "file").touch()
    message = refused(bench, tmp_path / "store", "--suite", suite, "--data-root", tmp_path / place)
    assert f"--data-root {tmp_path / place}: there is no such folder" in message


def test_a_packed_file_is_to_be_unpacked(bench: Bench, tmp_path: Path, suite: Path, patches: Path) -> None:
    """The command is given."""
    path = file_of(patches, "valid", "x")
    path.rename(path.with_name(path.name + ".gz"))
    message = refused(bench, tmp_path / "store", "--suite", suite, "--data-root", patches)
    assert f"Unpack it: gunzip -k '{path}.gz'" in message


@pytest.mark.parametrize(
    ("split", "part", "damage", "words"),
    [
        ("train", "x", {"cut": 0.5}, ["is cut short", "Fetch or write it again"]),
        ("test", "y", {"cut": 0.6}, ["is cut short", "Fetch or write it again"]),
        ("valid", "x", {"cut": 0.0}, ["is not an HDF5 file (0 bytes)"]),
        ("valid", "y", {"text": b"no patches"}, ["is not an HDF5 file (10 bytes); expected a PCam .h5 file"]),
        ("test", "x", {"text": b"\x1f\x8b packed"}, ["is still compressed (gzip)"]),
        ("train", "x", {"key": "images"}, ["has no data set 'x'; its keys: images"]),
        ("test", "y", {"key": "labels"}, ["has no data set 'y'; its keys: labels"]),
        ("train", "x", {"shape": (40, 32, 32, 3)}, ["(key 'x') is (40, 32, 32, 3) uint8; expected (N, 96, 96, 3) uint8"]),
        ("valid", "x", {"shape": (48, 3, 96, 96)}, ["is (48, 3, 96, 96) uint8; expected (N, 96, 96, 3) uint8"]),
        ("test", "y", {"shape": (20,)}, ["(key 'y') is (20,) uint8; expected (N, 1, 1, 1) uint8"]),
        ("train", "x", {"shape": (0, 96, 96, 3)}, ["(key 'x') is empty"]),
        ("valid", "x", {"dtype": "float32"}, ["is (48, 96, 96, 3) float32; expected (N, 96, 96, 3) uint8"]),
        ("train", "y", {"dtype": "int64"}, ["is (40, 1, 1, 1) int64; expected (N, 1, 1, 1) uint8"]),
        ("test", "y", {"label": 2}, ["label 2 at row 7 is outside the 2 classes (healthy, cancer)", "1 of 20 labels"]),
        ("valid", "y", {"shape": (47, 1, 1, 1)}, ["has 47 labels but camelyonpatch_level_2_split_valid_x.h5 has 48 patches"]),
        ("train", "x", {"shape": (39, 96, 96, 3)}, ["has 40 labels but camelyonpatch_level_2_split_train_x.h5 has 39 patches"]),
    ],
)  # fmt: skip
def test_files_that_are_no_patches(
    bench: Bench,
    tmp_path: Path,
    suite: Path,
    patches: Path,
    split: str,
    part: str,
    damage: dict[str, Any],
    words: list[str],
) -> None:
    """The file, the key, what was found, what was expected, what to do."""
    path = file_of(patches, split, part)
    spoil(path, part, **damage)
    message = refused(bench, tmp_path / "store", "--suite", suite, "--data-root", patches)
    named = path.with_name(path.name.replace("_x", "_y")) if "labels but" in words[0] else path
    assert str(named) in message
    assert all(word in message for word in words), message


def test_mended_files_are_taken_by_the_same_command(bench: Bench, tmp_path: Path, suite: Path, patches: Path) -> None:
    """What the refused run left in the store does no harm."""
    path, store = file_of(patches, "test", "y"), tmp_path / "store"
    sound = path.read_bytes()
    spoil(path, "y", label=7)
    words = ("--suite", suite, "--data-root", patches)
    assert "label 7 at row 7" in refused(bench, store, *words)
    path.write_bytes(sound)
    said = bench("run", *words, "--store", store)
    assert said.code == 0, said
    assert "unofficial copy" in said.out
    assert bench("store", "verify", "--store", store).code == 0


def test_no_images_for_a_role(bench: Bench, tmp_path: Path, suite: Path, patches: Path) -> None:
    """A part of a split into which none of its images falls: found before anything is made of the others."""
    changed = yaml.safe_load(suite.read_text())
    changed["roles"]["floor"]["part"] = [0.995, 1.0]
    suite.write_text(yaml.safe_dump(changed))
    message = refused(bench, tmp_path / "store", "--suite", suite, "--data-root", patches, objects={"data"})
    assert message == ("Error: Part [0.995, 1.0] of split 'valid' holds no image: it has too few. Widen the part.\n")


def test_fewer_images_of_a_class_than_a_row_hands_out(
    bench: Bench, tmp_path: Path, suite: Path, patches: Path, records_of: Callable[[Path], dict[str, Any]]
) -> None:
    """That row alone fails: it says how many there are, and what to do."""
    suite.write_text(yaml.safe_dump({**yaml.safe_load(suite.read_text()), "n": 60}))
    store = tmp_path / "store"
    said = bench("run", "--suite", suite, "--data-root", patches, "--store", store)
    found = {record["variant"]["name"]: record for record in records_of(store).values()}
    assert said.code == 1
    assert (found["toy-plain"]["status"], found["toy-real"]["status"]) == ("complete", "failed")
    words = r"Role 'floor' holds \d+ images of '(healthy|cancer)', but the suite asks for more \(image \d+\)"
    assert re.search(words, said.err)
    assert "Lower the suite's n or widen the role." in said.err
    assert "Traceback" not in said.err


def spoil(
    path: Path, part: str, *, cut: float | None = None, text: bytes | None = None, key: str | None = None,
    shape: tuple[int, ...] | None = None, dtype: str | None = None, label: int | None = None,
) -> None:  # fmt: skip
    """Do one thing wrong in a file of the layout."""
    if cut is not None:
        text = path.read_bytes()[: int(cut * path.stat().st_size)]
    if text is not None:
        path.write_bytes(text)
        return
    with h5py.File(path) as file:
        held = np.asarray(file[part])
    if label is not None:
        held[7] = label
    if shape is not None:
        held = np.resize(held, shape)
    path.unlink()
    with h5py.File(path, "w") as file:
        file[key or part] = held.astype(dtype or held.dtype)


@pytest.fixture
def suite(suite_file: SuiteFile) -> Path:
    """A suite of one's own on real patches."""
    return suite_file(
        "patches", dataset={"name": "pcam"}, variants=["toy-plain", "toy-real"], primary=[], n=10,
        protocol={"size": 16, "filter": "box", "codec": "dataset"},
    )  # fmt: skip


@pytest.fixture(scope="session")
def _patches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small files in PCam's layout; noise, labels in turn, no slides."""
    root = tmp_path_factory.mktemp("patches")
    (root / "pcam").mkdir()
    rng = np.random.default_rng(0)
    for split, count in COUNTS.items():
        with h5py.File(file_of(root, split, "x"), "w") as file:
            file["x"] = rng.integers(0, 256, (count, 96, 96, 3), np.uint8)
        with h5py.File(file_of(root, split, "y"), "w") as file:
            file["y"] = (np.arange(count, dtype=np.uint8) % 2).reshape(-1, 1, 1, 1)
    return root


@pytest.fixture
def patches(_patches: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(_patches, tmp_path / "patches"))
