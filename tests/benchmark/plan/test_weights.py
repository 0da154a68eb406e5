"""Weights: where they are and which they are."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from benchmark import digests
from benchmark.errors import UserError
from benchmark.plan import weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of weights and a note."""
    (tmp_path / "w" / "unet").mkdir(parents=True)
    (tmp_path / "w" / "unet" / "model.bin").write_bytes(b"123")
    (tmp_path / "w" / "config.json").write_text("{}")
    (tmp_path / "w" / "README.md").write_text("for people")
    return tmp_path


def resolve(reference: str, folder: Path):
    return weights.resolve(reference, folder=folder, digest_of=digests.of_file, where="variant 'x'")


def test_weights_are_named_by_all_their_files(folder):
    """Worked out by hand: sorted pairs of relative path and SHA-256."""
    pairs = [["config.json", hashlib.sha256(b"{}").hexdigest()], ["unet/model.bin", hashlib.sha256(b"123").hexdigest()]]
    expected = hashlib.sha256(json.dumps(pairs, separators=(",", ":")).encode()).hexdigest()
    assert resolve("w", folder).digest == expected
    assert resolve("w", folder).folder == folder / "w"


@pytest.mark.parametrize("change", ["content", "name", "new file", "hidden file"])
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
    if change == "hidden file":
        (folder / "w" / ".adapter.bin").write_bytes(b"1")
    assert resolve("w", folder).digest != before


def test_notes_for_people_do_not_count(folder):
    """A corrected README keeps every result."""
    before = resolve("w", folder).digest
    (folder / "w" / "README.md").write_text("corrected")
    assert resolve("w", folder).digest == before


def test_a_single_file_may_be_weights(folder):
    """By its name and content; what lies beside it does not count."""
    found = resolve("w/config.json", folder)
    assert (found.place, weights.counted(found)) == (folder / "w" / "config.json", ("config.json",))
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


def test_weights_of_a_package_are_found_without_importing_it(folder, monkeypatch):
    """The folder lies beside the package's modules."""
    package = folder / "weights_pack"
    (package / "net").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "net" / "a.bin").write_bytes(b"1")
    monkeypatch.syspath_prepend(folder)
    assert resolve("package:weights_pack/net", Path("/nowhere")).folder == package / "net"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("none", "variant 'x': weights 'none' are not at .*/none. Expected a folder or a file"),
        ("package:no_such_pack/x", "name the package 'no_such_pack', which is not installed"),
        ("package:no_such_pack.inner/x", "name the package 'no_such_pack.inner', which is not installed"),
        ("package:", "name the package '', which is not installed"),
        ("package:toybench/none", "are not at"),
        ("empty", "is empty"),
    ],
)
def test_weights_that_are_not_there_are_refused(folder, reference, expected):
    """With who wants them and where they were looked for."""
    (folder / "empty").mkdir()
    with pytest.raises(UserError, match=expected):
        resolve(reference, folder)
