"""Manifests: what they say of files, and how damage shows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pydantic
import pytest

from benchmark import digests
from benchmark.store import manifest as manifests
from benchmark.store.manifest import FileEntry

FILES = {"b.bin": b"\x00\xff", "a/step.json": b"{}", "a/empty": b""}


@pytest.fixture
def folder(tmp_path: Path, write_out) -> Path:
    """A folder of a few files and an empty folder."""
    made = write_out(tmp_path / "out", FILES)
    (made / "nothing").mkdir()
    return made


def test_every_file_is_described_but_the_manifest_itself(folder, describe):
    """By relative path, with digest and size; a file of its name further down is one like any."""
    manifests.write(folder, describe(folder))
    assert manifests.describe_files(folder) == {
        name: FileEntry(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
        for name, content in FILES.items()
    }


def test_an_empty_folder_has_no_files(tmp_path):
    """And a digest all the same."""
    assert manifests.describe_files(tmp_path) == {}
    assert len(manifests.digest_of({})) == 64


def test_the_digest_is_of_names_and_contents(folder):
    """The order does not matter; which file holds what does, and its size follows from that."""
    found = manifests.describe_files(folder)
    backwards = dict(reversed(found.items()))
    assert list(backwards) != list(found)
    assert manifests.digest_of(backwards) == manifests.digest_of(found)
    swapped = {**found, "b.bin": found["a/empty"], "a/empty": found["b.bin"]}
    renamed = {"c.bin" if name == "b.bin" else name: entry for name, entry in found.items()}
    fewer = {name: entry for name, entry in found.items() if name != "a/empty"}
    seen = [manifests.digest_of(files) for files in (found, swapped, renamed, fewer)]
    assert len(set(seen)) == 4


def test_a_manifest_reads_back_as_it_was_written(folder, describe):
    """Letters and nested values included."""
    recipe = {"kind": "fit", "config": {"list": [1, 2.5, None], "name": "Fréchet"}}
    made = describe(folder, kind="sample", recipe=recipe, wall_s=0.1)
    manifests.write(folder, made)
    assert manifests.read(folder) == made
    assert made.format == 1


def test_a_manifest_is_sound_under_its_own_key(folder, describe):
    """The key is the digest of the recipe, the digest that of the files."""
    made = describe(folder)
    assert made.key == digests.of_value(made.recipe)
    assert manifests.is_sound(made, made.key)


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "0" * 64},
        {"recipe": {"n": 2}},
        {"digest": "0" * 64},
        {"files": {}},
        {"files": {"b.bin": FileEntry(sha256="0" * 64, bytes=2)}},
    ],
)
def test_a_changed_manifest_is_not_sound(folder, describe, changes):
    """Whichever part of it was changed."""
    made = describe(folder)
    assert not manifests.is_sound(made.model_copy(update=changes), made.key)


def test_a_manifest_under_another_key_is_not_sound(folder, describe):
    """Nor where key and recipe were changed together."""
    made = describe(folder)
    assert not manifests.is_sound(made, "0" * 64)
    forged = made.model_copy(update={"recipe": {"n": 2}, "key": digests.of_value({"n": 2})})
    assert manifests.is_sound(forged, forged.key)
    assert not manifests.is_sound(forged, made.key)


def test_how_it_was_run_is_no_part_of_what_it_made(folder, describe):
    """Two runs of one recipe agree."""
    assert describe(folder, wall_s=1.0).digest == describe(folder, wall_s=9.0).digest


def test_a_missing_manifest_is_an_os_error(tmp_path):
    """As is one that is a folder, or whose folder is a file."""
    with pytest.raises(FileNotFoundError):
        manifests.read(tmp_path)
    (tmp_path / "step.json").mkdir()
    with pytest.raises(IsADirectoryError):
        manifests.read(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        manifests.read(tmp_path / "file")


def test_a_manifest_cut_short_anywhere_is_refused(folder, describe):
    """At the first bytes, the last but the line end, and many between."""
    manifests.write(folder, describe(folder))
    whole = (folder / "step.json").read_bytes()
    for length in (*range(0, len(whole) - 10, 29), *range(len(whole) - 10, len(whole) - 1)):
        (folder / "step.json").write_bytes(whole[:length])
        with pytest.raises(pydantic.ValidationError):
            manifests.read(folder)


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: {**value, "more": 1},
        lambda value: {**value, "format": "1"},
        lambda value: {key: inner for key, inner in value.items() if key != "run"},
        lambda value: {**value, "files": {"a": {"sha256": "0", "bytes": "2"}}},
        lambda value: [value],
    ],
)
def test_a_manifest_with_other_keys_or_types_is_refused(folder, describe, damage):
    """Unknown, missing, or of another type."""
    manifests.write(folder, describe(folder))
    (folder / "step.json").write_text(json.dumps(damage(json.loads((folder / "step.json").read_text()))))
    with pytest.raises(pydantic.ValidationError):
        manifests.read(folder)


def test_a_byte_that_is_no_utf8_is_damage_like_any(folder, describe):
    """One flipped bit on the disk."""
    manifests.write(folder, describe(folder))
    whole = (folder / "step.json").read_bytes()
    (folder / "step.json").write_bytes(whole.replace(b"a step", b"a\xffstep"))
    with pytest.raises(pydantic.ValidationError, match="Invalid JSON"):
        manifests.read(folder)
