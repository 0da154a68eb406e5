"""Weights: which they are, and that they are fetched only where that is asked for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from benchmark import digests
from benchmark.errors import UserError
from benchmark.plan import weights
from benchmark.registry.weights import Wanted, Weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of weights and a note."""
    (tmp_path / "w" / "unet").mkdir(parents=True)
    (tmp_path / "w" / "unet" / "model.bin").write_bytes(b"123")
    (tmp_path / "w" / "config.json").write_text("{}")
    (tmp_path / "w" / "README.md").write_text("for people")
    return tmp_path


def resolve(path: str, folder: Path, **given: object):
    wanted = Wanted("variant", "x", "base", Weights(path=path, **given), "mine.yaml", folder)
    return weights.resolve(wanted, digest_of=digests.of_file, offline=True)


def test_weights_are_named_by_all_their_files(folder):
    """Worked out by hand: sorted pairs of relative path and SHA-256."""
    pairs = [["config.json", hashlib.sha256(b"{}").hexdigest()], ["unet/model.bin", hashlib.sha256(b"123").hexdigest()]]
    expected = hashlib.sha256(json.dumps(pairs, separators=(",", ":")).encode()).hexdigest()
    found = resolve("w", folder)
    assert found.digest == expected
    assert found.folder == folder / "w"
    assert found.files == ("config.json", "unet/model.bin")


@pytest.mark.parametrize("change", ["content", "name", "new file"])
def test_any_change_of_a_file_is_another_set(folder, change):
    """A single byte, a moved file, one more."""
    before = resolve("w", folder).digest
    model = folder / "w" / "unet" / "model.bin"
    if change == "content":
        model.write_bytes(b"124")
    if change == "name":
        model.rename(model.with_name("other.bin"))
    if change == "new file":
        (folder / "w" / "extra.bin").touch()
    assert resolve("w", folder).digest != before


def test_notes_for_people_do_not_count(folder):
    """A corrected README keeps every result."""
    before = resolve("w", folder).digest
    (folder / "w" / "README.md").write_text("corrected")
    assert resolve("w", folder).digest == before


def test_a_single_file_may_be_weights(folder):
    """By its name and content; what lies beside it does not count."""
    found = resolve("w/config.json", folder)
    assert (found.place, found.files) == (folder / "w" / "config.json", ("config.json",))
    (folder / "w" / "unet" / "model.bin").write_bytes(b"124")
    assert resolve("w/config.json", folder).digest == found.digest
    (folder / "w" / "config.json").write_text("{ }")
    assert resolve("w/config.json", folder).digest != found.digest
    assert resolve("w", folder).place == folder / "w"


def test_a_path_may_start_at_the_users_home(folder, monkeypatch, tmp_path):
    """Whatever folder the registry lies in; a full path too."""
    monkeypatch.setenv("HOME", str(folder))
    other = tmp_path / "elsewhere"
    other.mkdir()
    assert resolve("~/w", other).folder == folder / "w"
    assert resolve(str(folder / "w"), other).folder == folder / "w"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("none", "Variant 'x', weights 'base' of mine.yaml: expected a file, or a folder that is not empty at .*/none"),
        ("package:no_such_pack/x", "names the package 'no_such_pack', which is not installed"),
        ("package:no_such_pack.inner/x", "names the package 'no_such_pack.inner', which is not installed"),
        ("package:", "names the package '', which is not installed"),
        ("package:toybench/none", "expected a file, or a folder"),
        ("empty", "expected a file, or a folder that is not empty"),
    ],
)
def test_weights_that_are_not_there_are_refused(folder, path, expected):
    """With who wants them and where they were looked for."""
    (folder / "empty").mkdir()
    with pytest.raises(UserError, match=expected):
        resolve(path, folder)


def test_weights_of_a_known_digest_are_verified(folder):
    """A variant's as an extractor's."""
    with pytest.raises(
        UserError, match="Variant 'x', weights 'base': .*model.bin has the sha256 .*, expected 000000000000"
    ):
        resolve("w", folder, sha256={"unet/model.bin": "0" * 64})


def test_nothing_is_fetched_offline(tmp_path, monkeypatch):
    """What is missing is said with the command that brings it."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    hub = Weights(hub="toy/net", revision="0" * 40, files=("a.json",))
    wanted = Wanted("variant", "x", "base", hub, "mine.yaml", tmp_path)
    with pytest.raises(
        UserError, match="Variant 'x', weights 'base' needs weights .* `bench weights fetch x`, without"
    ):
        weights.resolve(wanted, digest_of=digests.of_file, offline=True)


@pytest.fixture
def away(tmp_path, monkeypatch):
    """No weights of this machine's user are found."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


def planned_for(**changes):
    given = {"hub": "toy/net", "revision": "0" * 40, "files": ("b.bin", "a.json"), "disk_mb": 1.5} | changes
    wanted = Wanted("variant", "x", "base", Weights(**given), "mine.yaml", Path())
    return weights.resolve(wanted, digest_of=digests.of_file, offline=True, to_run=False)


def test_a_plan_that_is_only_shown_may_stand_on_what_is_not_here(away, tmp_path):
    """Nothing is fetched; what it is, how large, and what brings it."""
    found = planned_for()
    assert (found.absent.what, found.absent.bytes) == ("toy/net at 0000000", 1_500_000)
    assert found.absent.remedy == "bench weights fetch x"
    assert (found.folder, found.files) == (tmp_path / "weights" / "toy--net", ("a.json", "b.bin"))
    assert planned_for(disk_mb=0.0).absent.bytes == 0
    assert "absent" not in found.model_dump(), "what is not here is in no key"


@pytest.mark.parametrize("change", [{"hub": "toy/other"}, {"revision": "1" * 40}, {"files": ("a.json", "c.bin")}])
def test_what_is_asked_for_decides_what_stands_in_for_a_digest(away, change):
    """Other files of another commit are other weights; what they are said to weigh decides nothing."""
    assert planned_for().digest == planned_for(disk_mb=9.0).digest
    assert planned_for(**change).digest != planned_for().digest


def test_weights_whose_every_digest_is_known_have_their_own_before_they_are_here(away, folder):
    """What was made from them once is found; where one is not known, nothing can be."""
    known = {"b.bin": hashlib.sha256(b"123").hexdigest(), "a.json": hashlib.sha256(b"{}").hexdigest()}
    place = folder / "weights" / "toy--net"
    here, partly = planned_for(sha256=known), planned_for(sha256={"b.bin": known["b.bin"]})
    place.mkdir(parents=True)
    (place / "b.bin").write_bytes(b"123")
    (place / "a.json").write_bytes(b"{}")
    there = planned_for(sha256=known)
    assert there.absent is None
    assert there.digest == here.digest != partly.digest


def test_weights_of_a_path_have_to_be_there(away, tmp_path):
    """Nobody could bring them."""
    with pytest.raises(UserError, match="expected a file, or a folder that is not empty"):
        planned_for(path="none", hub=None, revision=None, files=())
