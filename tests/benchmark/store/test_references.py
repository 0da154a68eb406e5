"""Importing references into a store: whole or not at all, once, and again where one was damaged."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from toybench import packs

from benchmark import digests
from benchmark.errors import UserError
from benchmark.references.folder import place_of
from benchmark.store import garbage, references
from benchmark.store.store import Store


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A sound pack."""
    return packs.write(tmp_path / "a.zip")


def left(store: Store) -> list[str]:
    """What a store holds besides what every store does."""
    kept = ("store.json", "digests.sqlite")
    return sorted(
        path.relative_to(store.root).as_posix()
        for path in store.root.rglob("*")
        if path.is_file() and path.name not in kept and path.parent.name != "leases"
    )


def test_a_pack_is_imported_under_its_digest(tmp_path: Path, pack: Path) -> None:
    """Every file as it was packed, in a store that is made for it; nothing else stays."""
    store = Store(tmp_path / "new", make=False)
    found = references.bring(store, pack)
    assert found.is_new
    digest = packs.parsed().digest
    assert left(store) == sorted(f"references/{digest}/{name}" for name in packs.entries(pack))
    for name, content in packs.entries(pack).items():
        assert (place_of(store.root) / digest / name).read_bytes() == content
    ((listed, size),) = references.listed(store)
    assert (listed.digest, size) == (digest, sum(map(len, packs.entries(pack).values())))


def test_importing_twice_changes_nothing(store: Store, pack: Path, tmp_path: Path) -> None:
    """Also where the second was packed at another time: it is the same reference."""
    references.bring(store, pack)
    before = {path: path.stat().st_mtime_ns for path in store.root.rglob("*.npy")}
    again = packs.write(tmp_path / "b.zip", made={"when": "2027-01-01", "accelerator": None})
    assert digests.of_file(again) != digests.of_file(pack)
    assert [references.bring(store, one).is_new for one in (pack, again)] == [False, False]
    assert {path: path.stat().st_mtime_ns for path in store.root.rglob("*.npy")} == before


def test_a_pack_that_is_refused_leaves_nothing(store: Store, tmp_path: Path) -> None:
    """Whether by its archive or by its arrays."""
    bad = packs.arrays()[packs.FEATURES]
    bad[0, 0] = np.nan
    spoilt = packs.packed(tmp_path / "b.zip", {**packs.entries(packs.write(tmp_path / "a.zip")), packs.FEATURES: b""})
    for path in (packs.write(tmp_path / "c.zip", change={packs.FEATURES: bad}), spoilt):
        with pytest.raises(UserError, match="features.npy"):
            references.bring(store, path)
        assert left(store) == []
        assert list(store.root.glob("work/*")) == list(store.root.glob("leases/import-*")) == []


def test_no_store_is_made_for_what_is_no_pack(tmp_path: Path) -> None:
    """A typo in a name leaves nothing behind."""
    with pytest.raises(UserError, match="cannot be read"):
        references.bring(Store(tmp_path / "new", make=False), tmp_path / "none.zip")
    assert not (tmp_path / "new").exists()


def test_a_pack_that_will_not_fit_is_refused(
    store: Store, pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before it is unpacked."""
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(UserError, match=r"a.zip needs about .* are free. Free some \(bench store gc\) or name another"):
        references.bring(store, pack)
    assert left(store) == []


def test_damage_is_named_and_mended_by_importing_again(store: Store, pack: Path) -> None:
    """What was there is set aside."""
    folder = references.bring(store, pack).reference.folder
    path = folder / packs.LABELS
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\1")
    assert list(references.damaged(store)) == [(folder.name, f"{packs.LABELS}: changed since it was imported")]
    assert references.count(store) == 1
    assert references.bring(store, pack).is_new
    assert path.read_bytes() == content
    assert list(references.damaged(store)) == []
    assert len(list((store.root / "damaged").glob("reference-*"))) == 1


def test_a_damaged_manifest_is_named(store: Store, pack: Path) -> None:
    """A list that would hide it is refused."""
    folder = references.bring(store, pack).reference.folder
    (folder / "reference.json").write_text("{")
    ((digest, problem),) = references.damaged(store)
    assert (digest, problem) == (folder.name, "its manifest is missing or not what was imported")
    with pytest.raises(UserError, match="Import the reference again"):
        list(references.listed(store))


def test_a_kill_leaves_no_reference_and_the_same_command_brings_it(store: Store, pack: Path, killed_at) -> None:
    """At any file operation in the store; what is left aside is garbage."""
    kills = 0
    for nth in range(1, 200, 3):
        if not killed_at(nth, store.root, lambda: references.bring(store, pack)):
            break
        kills += 1
        assert list(references.damaged(store)) == []
        garbage.remove(store, garbage.find(store))
        assert all(name.startswith("references/") for name in left(store))
    assert kills > 5
    assert references.bring(store, pack).reference.digest == packs.parsed().digest


def test_garbage_is_no_reference(store: Store, pack: Path) -> None:
    """`bench store gc` leaves them alone."""
    references.bring(store, pack)
    garbage.remove(store, garbage.find(store, unfinished=True))
    assert references.count(store) == 1
