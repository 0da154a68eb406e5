"""The store: opened, written, read, killed, shared, damaged, taken away."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.store import lease, verify
from benchmark.store.store import Damaged, Store

FILES = {"a.bin": b"some bytes", "sub/b.bin": b"others", "empty": b""}


@pytest.fixture
def result(store, finish):
    """A finished step of several files."""
    return finish(store, FILES)


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


ANOTHER = ": found format {}, expected 1. This store belongs to another version of bench."
DAMAGED = (
    ' is damaged. It marks the folder as a store; if it is one, let the file hold {"format": 1} again, or name another '
    "folder with --store."
)


class TestOpening:
    def test_a_new_store_says_what_it_is(self, tmp_path):
        """One file, of this layout, and nothing else."""
        Store(tmp_path / "deep" / "store")
        assert listing(tmp_path / "deep" / "store") == ["store.json"]
        marker = json.loads((tmp_path / "deep" / "store" / "store.json").read_text())
        assert marker == {"format": 1, "what": "a store of histobench"}

    def test_an_empty_folder_becomes_a_store_and_a_store_stays_one(self, tmp_path):
        """Opened again, its marker is not written again."""
        Store(tmp_path)
        before = (tmp_path / "store.json").stat()
        Store(tmp_path)
        Store(tmp_path).make()
        after = (tmp_path / "store.json").stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    def test_looking_makes_nothing(self, tmp_path):
        """Neither the folder nor one above it, until it is asked for."""
        store = Store(tmp_path / "deep" / "store", make=False)
        assert listing(tmp_path) == []
        store.make()
        assert listing(tmp_path) == ["deep", "deep/store", "deep/store/store.json"]

    def test_looking_into_an_empty_folder_leaves_it_empty(self, tmp_path):
        """What is tried there is gone again."""
        Store(tmp_path, make=False)
        assert listing(tmp_path) == []

    def test_the_first_digest_makes_the_folder(self, tmp_path):
        """Digests are remembered in the store."""
        (tmp_path / "data").write_bytes(b"x")
        store = Store(tmp_path / "store", make=False)
        assert len(store.memo.of_file(tmp_path / "data")) == 64
        assert listing(tmp_path / "store") == ["digests.sqlite", "store.json"]

    def test_a_relative_folder_stays_where_it_was(self, tmp_path, monkeypatch):
        """Wherever the process goes later."""
        monkeypatch.chdir(tmp_path)
        store = Store(Path("store"))
        monkeypatch.chdir("/")
        assert store.root == tmp_path / "store"

    @pytest.mark.parametrize("make", [True, False])
    def test_a_folder_of_something_else_is_refused_and_left_alone(self, tmp_path, make):
        """Whether it was to be made or not."""
        (tmp_path / "thesis.tex").write_text("mine")
        with pytest.raises(UserError) as error:
            Store(tmp_path, make=make)
        assert str(error.value) == (
            f"{tmp_path} is not empty and is no store. Name a new or empty folder with --store."
        )
        assert listing(tmp_path) == ["thesis.tex"]

    def test_what_a_kill_leaves_of_a_store_just_begun_is_no_hindrance(self, tmp_path, killed_at):
        """Killed at its first, second, ... file operation; the next one opens it."""
        kills = 0
        for nth in range(1, 50):
            root = tmp_path / str(nth)
            if not killed_at(nth, root, lambda root=root: Store(root)):
                break
            kills += 1
            Store(root)
            assert (root / "store.json").is_file()
        assert kills >= 2

    def test_a_part_of_another_file_is_no_beginning(self, tmp_path):
        """Only the marker's own leftovers are."""
        for name in (".other.json.1234.part", ".store.json.1234.bak"):
            folder = tmp_path / name.strip(".")
            folder.mkdir()
            (folder / name).write_text("")
            with pytest.raises(UserError, match="is not empty and is no store"):
                Store(folder)

    @pytest.mark.parametrize(
        ("marker", "said"),
        [
            *(
                (marker, ANOTHER.format(found))
                for marker, found in (('{"format": 2}', "2"), ('{"format": "1"}', "'1'"))
            ),
            *((marker, DAMAGED) for marker in ("{}", "[]", "", '{"format"', "\x00\x01")),
        ],
    )
    def test_a_store_of_another_version_or_with_a_damaged_marker_is_refused(self, tmp_path, marker, said):
        """What was found, what was expected; nothing is overwritten, for the folder may be someone else's."""
        (tmp_path / "store.json").write_text(marker)
        with pytest.raises(UserError) as error:
            Store(tmp_path)
        assert str(error.value) == f"{tmp_path / 'store.json'}{said}"
        assert (tmp_path / "store.json").read_text() == marker

    def test_many_workers_may_begin_one_store(self, tmp_path, start, ended):
        """Six at once, each of which goes on to work in it."""
        begin = multiprocessing.get_context("fork").Barrier(6)

        def work() -> None:
            begin.wait(60)
            store = Store(tmp_path / "store")
            (store.root / f"events-{os.getpid()}").mkdir()

        assert ended(*(start(work) for _ in range(6)))
        assert len(list((tmp_path / "store").glob("events-*"))) == 6

    def test_a_store_begun_by_another_at_this_moment_is_a_store(self, tmp_path, meanwhile):
        """It already has folders when this one looks, though it had no marker just before."""
        root = tmp_path / "store"
        root.mkdir()

        def other() -> None:
            (root / "store.json").write_text('{"format": 1}')
            (root / "leases").mkdir()

        assert meanwhile(root, other, lambda: Store(root))


class TestPlacesThatRefuse:
    @pytest.mark.parametrize("make", [True, False])
    @pytest.mark.parametrize("place", ["/proc/x", "/proc/x/y", "/dev/null/x", f"/tmp/{'a' * 300}"])
    def test_a_place_nobody_can_write_to_is_one_message(self, place, make):
        """Asked before anything is planned, root too."""
        with pytest.raises(UserError) as error:
            Store(Path(place), make=make)
        assert str(error.value).startswith(f"The store {place} cannot be written: ")
        assert str(error.value).endswith(". Name another folder with --store (or BENCH_STORE).")

    @pytest.mark.parametrize("more", [[], ["--dry-run"]])
    def test_bench_run_says_so_and_not_that_the_disk_is_full(self, bench, more):
        """Status 2, one line, nothing done."""
        said = bench("run", "--suite", "toy", "--store", "/proc/x", *more)
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            "Error: The store /proc/x cannot be written: No such file or directory. "
            "Name another folder with --store (or BENCH_STORE).\n"
        )

    @pytest.mark.parametrize("make", [True, False])
    def test_a_file_is_no_folder(self, tmp_path, make):
        """Nor is what would lie below it."""
        (tmp_path / "file").write_text("mine")
        for place in (tmp_path / "file", tmp_path / "file" / "store"):
            with pytest.raises(UserError, match=f"The store {place} cannot be written: Not a directory"):
                Store(place, make=make)
        assert (tmp_path / "file").read_text() == "mine"

    @pytest.mark.parametrize("make", [True, False])
    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_folder_that_may_not_be_written(self, public_folder, as_nobody, make, is_there):
        """The folder itself, or the one it would be made in."""
        place = public_folder / "store"
        if is_there:
            place.mkdir()
        for folder in (place, public_folder):
            if folder.exists():
                folder.chmod(0o555)

        def look() -> None:
            with pytest.raises(UserError, match=f"The store {place} cannot be written: Permission denied. Name"):
                Store(place, make=make)

        assert as_nobody(look)

    def test_a_store_that_may_only_be_read(self, public_folder, as_nobody):
        """Said at once, not when hours of work are to be written."""
        Store(public_folder / "store")
        (public_folder / "store").chmod(0o555)

        def look() -> None:
            with pytest.raises(UserError, match="cannot be written: Permission denied. Name another folder"):
                Store(public_folder / "store")

        assert as_nobody(look)

    def test_a_store_that_may_only_be_read_can_be_looked_at(self, public_folder, as_nobody):
        """A colleague's: its steps are read and checked, and nothing is written."""
        Store(public_folder / "store")
        (public_folder / "store").chmod(0o555)

        def look() -> None:
            opened = Store.existing(public_folder / "store", write=False)
            assert list(opened.objects()) == []
            assert opened.digest_of(opened.root / "store.json")
            assert [path.name for path in opened.root.iterdir()] == ["store.json"]

        assert as_nobody(look)

    def test_a_store_behind_a_closed_door(self, public_folder, as_nobody):
        """Not even whether there is one can be told."""
        (public_folder / "door").mkdir(mode=0o700)
        (public_folder / "door").chmod(0o000)

        def look() -> None:
            for opened in (Store, Store.existing):
                with pytest.raises(UserError, match=r"cannot be (written|read): Permission denied. Name another"):
                    opened(public_folder / "door" / "store")

        assert as_nobody(look)

    def test_from_a_working_folder_that_is_gone(self, tmp_path, start, ended):
        """A relative place has no meaning there."""

        def look() -> None:
            gone = tmp_path / "gone"
            gone.mkdir()
            os.chdir(gone)
            gone.rmdir()
            with pytest.raises(UserError, match="The store bench-store cannot be written: No such file or directory."):
                Store(Path("bench-store"), make=False)
            with pytest.raises(UserError, match="The store bench-store cannot be read: No such file or directory."):
                Store.existing(Path("bench-store"))

        assert ended(start(look))


class TestExisting:
    def test_a_store_that_is_there_is_opened(self, store, result):
        """And what it holds is found."""
        assert Store.existing(store.root).read("fit", result.manifest.key) == result

    @pytest.mark.parametrize("has_folder", [True, False])
    def test_none_there_is_one_message_and_makes_none(self, tmp_path, has_folder):
        """How to name one, how to make one."""
        place = tmp_path / "store"
        if has_folder:
            place.mkdir()
        with pytest.raises(UserError) as error:
            Store.existing(place)
        assert str(error.value) == f"There is no store at {place}. Name one with --store, or make one: bench run."
        assert listing(tmp_path) == (["store"] if has_folder else [])

    def test_a_name_too_long_for_the_disk(self, tmp_path):
        """Where it cannot even be looked for."""
        place = tmp_path / ("a" * 300)
        with pytest.raises(UserError) as error:
            Store.existing(place)
        assert str(error.value) == (
            f"The store {place} cannot be read: File name too long. Name another folder with --store (or BENCH_STORE)."
        )


class TestPublishing:
    def test_a_published_step_reads_back_whole(self, store, result):
        """Under its kind and key, the files with their manifest; the folder of work is gone."""
        found = store.read("fit", result.manifest.key)
        assert found == result
        assert found.folder == store.root / "objects" / "fit" / result.manifest.key
        assert listing(found.folder) == sorted([*FILES, "step.json", "sub"])
        assert {name: (found.folder / name).read_bytes() for name in FILES} == FILES
        assert not store.root.with_name("made").exists()

    def test_what_is_not_there_is_none(self, store, result):
        """Neither under another key nor of another kind."""
        assert store.read("fit", "0" * 64) is None
        assert store.read("sample", result.manifest.key) is None
        assert not store.has("sample", result.manifest.key)
        assert store.has("fit", result.manifest.key)

    def test_every_finished_step_is_listed_in_order(self, store, finish):
        """Kind by kind, by key."""
        made = [finish(store, n=n, kind=kind) for kind, n in (("sample", 1), ("fit", 2), ("fit", 1))]
        keys = sorted((result.manifest.kind, result.manifest.key, result.folder) for result in made)
        assert list(store.objects()) == keys

    def test_an_empty_store_lists_nothing(self, store):
        """No folder of objects is no error."""
        assert list(store.objects()) == []

    def test_files_that_are_no_steps_are_not_listed(self, store, result):
        """Those that a file manager leaves."""
        for folder in (store.root / "objects", store.root / "objects" / "fit"):
            (folder / ".DS_Store").write_bytes(b"\0")
        assert [key for _, key, _ in store.objects()] == [result.manifest.key]

    def test_all_is_on_the_disk_before_it_is_in_place(self, store, finish, monkeypatch):
        """Every file and folder, then the rename, then the folder that holds the new name."""
        flushed = []
        real = os.fsync

        def watch(handle: int) -> None:
            there = any((store.root / "objects").glob("fit/*"))
            flushed.append((os.fstat(handle).st_ino, there))
            real(handle)

        monkeypatch.setattr(os, "fsync", watch)
        folder = finish(store, FILES).folder
        before = {inode for inode, there in flushed if not there}
        assert {path.stat().st_ino for path in (folder, *folder.rglob("*"))} <= before
        assert flushed[-1] == (folder.parent.stat().st_ino, True)

    def test_the_first_writer_wins(self, store, finish):
        """The second is given what stands there, and its own is gone."""
        first = finish(store, {"a.bin": b"first"}, n=1)
        second = finish(store, {"a.bin": b"second", "more": b""}, n=1)
        assert second == first
        assert (first.folder / "a.bin").read_bytes() == b"first"
        assert listing(first.folder) == ["a.bin", "step.json"]
        assert not store.root.with_name("made").exists()

    def test_of_writers_at_one_moment_one_wins_whole(self, store, describe, write_out, start, ended, tmp_path):
        """Four processes publish unlike outputs under one key; all are given the same one, and no file is mixed."""
        begin = multiprocessing.get_context("fork").Barrier(4)

        def work(name: str) -> None:
            names = {f"{name}-{number}": name.encode() for number in range(20)}
            out = write_out(store.root / "work" / name, names)
            made = describe(out)
            begin.wait(60)
            (tmp_path / f"got-{name}").write_text(store.publish(made, out).manifest.digest)

        assert ended(*(start(lambda name=name: work(name)) for name in "abcd"))
        ((_, key, folder),) = store.objects()
        winner = {path.name[0] for path in folder.iterdir() if path.name != "step.json"}
        assert len(winner) == 1
        assert len(list(folder.iterdir())) == 21
        told = {(tmp_path / f"got-{name}").read_text() for name in "abcd"}
        assert told == {store.read("fit", key).manifest.digest}
        assert list((store.root / "work").iterdir()) == []

    def test_a_kill_while_publishing_leaves_nothing_half_written_and_the_lease_free(
        self, tmp_path, describe, write_out, killed_at
    ):
        """Killed at its first, second, ... file operation: the step is there whole or not at all, and can be made."""
        kills, few = {True: 0, False: 0}, {"sub/b": b"others"}
        for nth in range(1, 100):
            store = Store(tmp_path / str(nth))
            out = write_out(store.work_folder("step") / "out", few)
            made = describe(out)

            def work(store=store, out=out, made=made):
                with lease.hold(store.root / "leases" / "step", waiting=lambda: None):
                    return store.publish(made, out)

            if not killed_at(nth, store.root, work):
                break
            is_there = any(store.objects())
            kills[is_there] += 1
            assert list(verify.damaged(store)) == []
            waits = []
            with lease.hold(store.root / "leases" / "step", waiting=lambda waits=waits: waits.append(1)):
                assert waits == []
            write_out(out, few)
            result = work()
            assert store.read("fit", result.manifest.key) == result
            assert {name: (result.folder / name).read_bytes() for name in few} == few
        assert kills[False] >= 10, "it was killed before the rename"
        assert kills[True] >= 1, "and after it"

    def test_a_store_that_vanishes_under_way_is_an_error_and_not_a_result(self, store, describe, write_out):
        """Its folder was removed while the step was made."""
        out = write_out(store.root / "work" / "step" / "out", FILES)
        made = describe(out)
        shutil.rmtree(store.root)
        with pytest.raises(FileNotFoundError):
            store.publish(made, out)
        assert store.read("fit", made.key) is None

    def test_objects_that_may_not_be_written_are_an_error_and_not_a_result(
        self, public_folder, describe, write_out, as_nobody
    ):
        """What was made stays in the folder of work, where the worker can see to it."""
        store = Store(public_folder / "store")
        (store.root / "objects" / "fit").mkdir(parents=True)
        (store.root / "work").mkdir(mode=0o777)
        (store.root / "work").chmod(0o777)
        (store.root / "objects" / "fit").chmod(0o555)

        def work() -> None:
            out = write_out(store.root / "work" / "out", FILES)
            with pytest.raises(PermissionError):
                store.publish(describe(out), out)
            assert {*FILES} <= {*listing(out)}

        assert as_nobody(work)
        assert list(store.objects()) == []


class TestDamage:
    @pytest.mark.parametrize("length", range(len(b"some bytes")))
    def test_a_file_cut_short_is_damage(self, store, result, length):
        """To whatever length."""
        os.truncate(result.folder / "a.bin", length)
        with pytest.raises(Damaged, match=r"a\.bin is missing or not what was written"):
            store.read("fit", result.manifest.key)

    def test_an_altered_file_is_damage(self, store, result):
        """One letter, the length the same."""
        (result.folder / "sub" / "b.bin").write_bytes(b"Others")
        with pytest.raises(Damaged, match=r"sub/b\.bin is missing or not what was written"):
            store.read("fit", result.manifest.key)

    @pytest.mark.parametrize("instead", [lambda path: None, Path.mkdir, lambda path: path.symlink_to("nowhere")])
    def test_a_missing_file_is_damage(self, store, result, instead):
        """Gone, or a folder or a dead link in its place."""
        (result.folder / "empty").unlink()
        instead(result.folder / "empty")
        with pytest.raises(Damaged, match="empty is missing or not what was written"):
            store.read("fit", result.manifest.key)

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"{}", b"null"])
    def test_an_unreadable_manifest_is_damage(self, store, result, content):
        """Cut short, no text, no manifest."""
        (result.folder / "step.json").write_bytes(content)
        with pytest.raises(Damaged, match=r"has no readable step\.json"):
            store.read("fit", result.manifest.key)

    def test_a_missing_manifest_is_damage_and_no_finished_step(self, store, result):
        """The folder alone is never 'done'."""
        (result.folder / "step.json").unlink()
        with pytest.raises(Damaged, match=r"has no readable step\.json"):
            store.read("fit", result.manifest.key)
        assert not store.has("fit", result.manifest.key)

    def test_a_manifest_made_to_fit_altered_files_is_damage(self, store, result, describe):
        """Their digest is in the record, not only here: the digest over all files no longer fits."""
        (result.folder / "a.bin").write_bytes(b"altered ..")
        text = (result.folder / "step.json").read_text()
        changed = describe(result.folder).files["a.bin"].sha256
        (result.folder / "step.json").write_text(text.replace(result.manifest.files["a.bin"].sha256, changed))
        with pytest.raises(Damaged, match=r"step\.json is not what was written"):
            store.read("fit", result.manifest.key)

    def test_a_step_moved_under_another_key_is_damage(self, store, result):
        """Copied by hand, it is still the work of its own recipe."""
        shutil.copytree(result.folder, store.folder_of("fit", "0" * 64))
        with pytest.raises(Damaged, match=r"step\.json is not what was written"):
            store.read("fit", "0" * 64)

    def test_damage_set_aside_makes_room(self, store, result, finish):
        """It stays for whoever wants to look, and the step can be made again."""
        (result.folder / "a.bin").write_bytes(b"altered")
        aside = store.set_aside("fit", result.manifest.key)
        assert aside.parent == store.root / "damaged"
        assert aside.name.startswith(f"fit-{result.manifest.key[:16]}-")
        assert (aside / "a.bin").read_bytes() == b"altered"
        assert store.read("fit", result.manifest.key) is None
        finish(store, FILES)
        assert store.read("fit", result.manifest.key).manifest == result.manifest

    def test_the_same_step_may_be_set_aside_twice(self, store, finish):
        """Under names of their own."""
        asides = {store.set_aside("fit", finish(store, FILES).manifest.key) for _ in range(2)}
        assert len(asides) == 2
        assert all((aside / "step.json").is_file() for aside in asides)

    def test_what_was_read_once_is_not_hashed_again(self, store, result):
        """Only `verify` mistrusts size, time and inode."""
        store.read("fit", result.manifest.key)
        path = result.folder / "a.bin"
        before = path.stat()
        path.write_bytes(b"SOME BYTES")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert store.read("fit", result.manifest.key) == result
        assert [problem for _, _, problem in verify.damaged(store)] == ["a.bin: changed since it was written"]
