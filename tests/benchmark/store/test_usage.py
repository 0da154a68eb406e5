"""How much a store holds, counted by hand."""

from __future__ import annotations

import shutil

from benchmark.store import usage


def test_every_part_of_a_store_is_counted(store, finish):
    """Stages first, then the other folders; files beside them are not parts."""
    for kind, n, content in (("sample", 1, b"12345"), ("sample", 2, b"1"), ("fit", 1, b"")):
        finish(store, {"sub/a.bin": content}, n=n, kind=kind)
    manifests = {
        kind: sum(path.stat().st_size for path in (store.root / "objects" / kind).glob("*/step.json"))
        for kind in ("fit", "sample")
    }
    (store.root / "records" / "board").mkdir(parents=True)
    (store.root / "records" / "board" / "one.json").write_bytes(b"123")
    (store.root / "records" / "two.json").write_bytes(b"12")
    assert list(usage.by_kind(store)) == [
        ("fit", 1, manifests["fit"]),
        ("sample", 2, manifests["sample"] + 6),
        ("records", 2, 5),
    ]


def test_an_empty_store_holds_nothing(store):
    """Its marker is no part."""
    assert list(usage.by_kind(store)) == []


def test_files_where_stages_should_be_are_passed_over(store, finish):
    """Those that a file manager leaves."""
    finish(store)
    (store.root / "objects" / ".DS_Store").write_bytes(b"\0")
    assert [what for what, _, _ in usage.by_kind(store)] == ["fit"]


def test_links_are_not_followed_into_other_folders(tmp_path):
    """A linked file counts as what it links to, a dead link and a linked folder nothing."""
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "big").write_bytes(b"1" * 1000)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "file").symlink_to(tmp_path / "far" / "big")
    (tmp_path / "here" / "folder").symlink_to(tmp_path / "far")
    (tmp_path / "here" / "dead").symlink_to("nowhere")
    (tmp_path / "here" / "loop").symlink_to("loop")
    assert usage.bytes_of(tmp_path / "here") == 1000


def test_a_folder_that_goes_while_it_is_counted_counts_nothing(tmp_path, meanwhile):
    """Published by a worker after its name was read; the rest is counted."""
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_bytes(b"123")

    def count() -> None:
        assert usage.bytes_of(tmp_path) == 6

    assert meanwhile(tmp_path / "b", lambda: shutil.rmtree(tmp_path / "b"), count)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    """Nor does a file in its place."""
    (tmp_path / "file").write_bytes(b"123")
    assert usage.bytes_of(tmp_path / "nowhere") == usage.bytes_of(tmp_path / "file") == 0
