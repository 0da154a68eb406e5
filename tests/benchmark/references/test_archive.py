"""Packs: written alike whenever they are written, and read only where they hold what they say and no more."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from toybench import packs

from benchmark.errors import UserError
from benchmark.references import archive
from benchmark.references import manifest as manifests


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack."""
    return packs.write(tmp_path / "a.zip")


def refused(path: Path, folder: Path) -> str:
    """Return why a pack is not unpacked, by either way to read it or, of what only its bytes tell, by the second."""
    with pytest.raises(UserError) as error:
        archive.unpack(path, folder)
    assert str(error.value).startswith(str(path))
    return str(error.value)


def test_unpacking_gives_what_was_packed(pack: Path, tmp_path: Path) -> None:
    """Byte for byte, the manifest beside it."""
    manifest = archive.unpack(pack, tmp_path / "out")
    assert manifest == archive.peek(pack) == packs.parsed()
    there = {path.relative_to(tmp_path / "out").as_posix(): path for path in (tmp_path / "out").rglob("*.*")}
    assert {name: path.read_bytes() for name, path in there.items()} == packs.entries(pack)


def test_equal_references_are_equal_bytes(pack: Path, tmp_path: Path) -> None:
    """Written from the files that were unpacked, in whatever order they are named; none is compressed."""
    manifest = archive.unpack(pack, tmp_path / "out")
    sources = {name: tmp_path / "out" / name for name in manifest.files}
    first, second = io.BytesIO(), io.BytesIO()
    archive.write(first, manifest, sources)
    archive.write(second, manifest, dict(reversed(sources.items())))
    assert first.getvalue() == second.getvalue()
    with zipfile.ZipFile(first) as found:
        assert {(one.compress_type, one.date_time) for one in found.infolist()} == {(0, (1980, 1, 1, 0, 0, 0))}
    (tmp_path / "b.zip").write_bytes(first.getvalue())
    assert archive.unpack(tmp_path / "b.zip", tmp_path / "again") == manifest


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_pack_that_is_cut_short(pack: Path, tmp_path: Path, place: float) -> None:
    """Anywhere."""
    pack.write_bytes(pack.read_bytes()[: int(pack.stat().st_size * place)])
    assert "is no zip archive, or is cut short" in refused(pack, tmp_path / "out")


@pytest.mark.parametrize("name", [packs.FEATURES, packs.LABELS])
def test_a_flipped_bit(pack: Path, tmp_path: Path, name: str) -> None:
    """The file is named."""
    content = pack.read_bytes()
    inner = packs.entries(pack)[name]
    at = content.index(inner) + len(inner) - 1
    pack.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert f"{name} is not what was packed" in refused(pack, tmp_path / "out")


def test_a_file_that_was_exchanged(pack: Path, tmp_path: Path) -> None:
    """Packed anew, so that the archive's own check passes: its digest tells, and so does its size."""
    entries = packs.entries(pack)
    for other in (entries[packs.EXACT][:-1] + b"\1", entries[packs.EXACT] + b"\0"):
        packs.packed(pack, {**entries, packs.EXACT: other})
        assert f"{packs.EXACT} is not what was packed" in refused(pack, tmp_path / "out")
    with pytest.raises(UserError, match="exact.npy is not what was packed"):
        archive.peek(pack)  # Its size alone tells.


@pytest.mark.parametrize("name", ["../../evil.py", "/tmp/evil", "roles/", "extra.npy", "..\\evil"])
def test_an_entry_of_which_nothing_is_said(pack: Path, tmp_path: Path, name: str) -> None:
    """Refused before anything is written, so that no path leads anywhere."""
    packs.packed(pack, {**packs.entries(pack), name: b""})
    assert "of which reference.json says nothing" in refused(pack, tmp_path / "deep" / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


def test_a_file_that_is_missing(pack: Path, tmp_path: Path) -> None:
    """By name; and a pack without a manifest is none."""
    entries = packs.entries(pack)
    packs.packed(pack, {name: content for name, content in entries.items() if name != packs.LABELS})
    assert f"lacks {packs.LABELS}" in refused(pack, tmp_path / "out")
    packs.packed(pack, {name: content for name, content in entries.items() if name != manifests.NAME})
    assert "holds no reference.json: it is no packed reference" in refused(pack, tmp_path / "out")


def test_an_entry_that_stands_twice(pack: Path, tmp_path: Path) -> None:
    """Which of the two would count is nobody's guess."""
    with zipfile.ZipFile(pack, "a") as written, pytest.warns(UserWarning, match="Duplicate name"):
        written.writestr(packs.LABELS, b"x")
    assert "two entries of one name" in refused(pack, tmp_path / "out")


def test_a_bomb(pack: Path, tmp_path: Path) -> None:
    """What is compressed may become anything; a reference is not."""
    packs.packed(pack, {**packs.entries(pack), packs.FEATURES: bytes(10_000_000)}, kind=zipfile.ZIP_DEFLATED)
    assert pack.stat().st_size < 100_000
    assert "is compressed or encrypted" in refused(pack, tmp_path / "out")


def test_entries_that_share_their_bytes(pack: Path, tmp_path: Path) -> None:
    """Ten thousand entries over one file would unpack to ten thousand times its size."""
    content = bytearray(pack.read_bytes())
    with zipfile.ZipFile(pack) as found:
        names = [one for one in found.infolist() if one.filename == packs.FEATURES]
    size = names[0].file_size.to_bytes(4, "little")
    large = (len(content) * 2).to_bytes(4, "little")
    pack.write_bytes(bytes(content).replace(size + size, large + large))
    assert "claims to hold more than its own" in refused(pack, tmp_path / "out")


def test_an_encrypted_entry(pack: Path, tmp_path: Path) -> None:
    """By its flag, in the list at the archive's end."""
    content = bytearray(pack.read_bytes())
    at = content.rindex(b"PK\x01\x02") + 8
    content[at] |= 1
    pack.write_bytes(content)
    assert "is compressed or encrypted" in refused(pack, tmp_path / "out")


def test_a_manifest_that_is_too_long(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not read."""
    monkeypatch.setattr(manifests, "MOST_BYTES", 100)
    assert "reference.json has more than 100 bytes" in refused(pack, tmp_path / "out")


def test_more_entries_than_any_reference_has(pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is a list without end."""
    monkeypatch.setattr(archive, "_MOST_ENTRIES", 3)
    assert "holds 6 entries, more than any reference" in refused(pack, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"PK", b"x" * 1000, b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    """Nothing, text, an archive of nothing."""
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    said = refused(path, tmp_path / "out")
    assert "is no zip archive" in said or "holds no reference.json" in said


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, nothing at all."""
    assert "is a folder" in refused(tmp_path, tmp_path / "out")
    assert "cannot be read: No such file" in refused(tmp_path / "none.zip", tmp_path / "out")


def test_whatever_is_changed_in_a_pack_is_refused_or_changes_nothing(pack: Path, tmp_path: Path) -> None:
    """A few hundred flips of single bits, anywhere: one message each, no other error, and never another content."""
    sound, content = archive.unpack(pack, tmp_path / "sound"), pack.read_bytes()
    draws, refusals = np.random.default_rng(5), 0
    for place, bit in zip(draws.integers(len(content), size=150), draws.integers(8, size=150), strict=True):
        changed = bytearray(content)
        changed[place] ^= 1 << bit
        pack.write_bytes(changed)
        try:
            found = archive.unpack(pack, tmp_path / "out")
        except UserError:
            refusals += 1
            continue
        assert (found.files, found.digest) == (sound.files, sound.digest)
    assert refusals > 120
