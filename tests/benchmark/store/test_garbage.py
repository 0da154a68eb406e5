"""What may go goes, what is needed stays."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import filelock
import pytest

from benchmark.errors import UserError
from benchmark.events import log
from benchmark.store import garbage, lease
from benchmark.store.store import Store


@pytest.fixture
def stand_on(store):
    """Writes what `gc` reads of a record: the keys of its steps."""

    def write(*keys: str, path: str = "board/variant/seed-0-task.json", **more) -> Path:
        place = store.root / "records" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps({"steps": [{"kind": "fit", "key": key} for key in keys], **more}))
        return place

    return write


@pytest.fixture
def hold_elsewhere(store, start, wait_until, tmp_path):
    """Starts a process that holds a lease of the store until it is killed."""

    def run(key: str):
        def forever() -> None:
            with lease.hold(store.root / "leases" / key, waiting=lambda: None):
                (tmp_path / "held").write_text("")
                multiprocessing.Event().wait()

        process = start(forever)
        wait_until((tmp_path / "held").exists)
        return process

    return run


def names(store: Store) -> list[str]:
    return [item.what for item in garbage.find(store)]


def keys(store: Store) -> set[str]:
    return {key for _, key, _ in store.objects()}


def test_an_empty_store_has_none(store):
    """Nothing is found, nothing removed."""
    assert garbage.find(store) == []
    garbage.remove(store, [])


def test_steps_that_records_stand_on_stay_and_others_go(store, finish, stand_on):
    """Of any kind, whichever record names them."""
    made = [finish(store, n=n, kind=kind).manifest.key for kind, n in (("data", 1), ("fit", 2), ("sample", 3))]
    lost = [finish(store, {"a": b"12345"}, n=n, kind=kind) for kind, n in (("fit", 4), ("sample", 5))]
    stand_on(made[0], made[1])
    stand_on(made[0], made[2], path="other-board/variant/seed-1-task.json")
    found = garbage.find(store)
    assert [item.what for item in found] == [f"{result.manifest.kind} {result.manifest.key[:12]}" for result in lost]
    for item, result in zip(found, lost, strict=True):
        assert (item.folder, item.key) == (result.folder, None)
        assert item.bytes == 5 + (result.folder / "step.json").stat().st_size
    garbage.remove(store, found)
    assert keys(store) == {*made}
    assert names(store) == []
    assert all(store.read(kind, key) for kind, key in zip(("data", "fit", "sample"), made, strict=True))


def test_what_a_stopped_run_had_done_stays_until_it_is_asked_for(store, finish):
    """Finished steps and half-done work, whether a run begun, found or finished them; what ended runs left goes."""
    mine, found_, theirs = (finish(store, n=n).manifest.key for n in (1, 2, 3))
    (store.root / "work" / "half-done").mkdir(parents=True)
    stopped, ended = log.EventLog(store.root / "events" / "a.jsonl"), log.EventLog(store.root / "events" / "b.jsonl")
    stopped.add("step_finished", key=mine)
    stopped.add("step_reused", key=found_)
    stopped.add("step_started", key="half-done")
    ended.add("step_finished", key=theirs)
    ended.add("run_finished", complete=0, cells=1)
    assert names(store) == [f"fit {theirs[:12]}"]
    assert {item.folder.name for item in garbage.find(store, unfinished=True)} == {mine, found_, theirs, "half-done"}
    stopped.add("run_finished", complete=1, cells=1)
    assert len(names(store)) == 4


def test_finding_removes_nothing(store, finish):
    """`--dry-run` is just that."""
    key = finish(store).manifest.key
    assert len(garbage.find(store)) == 1
    assert keys(store) == {key}


def test_without_a_record_every_step_may_go(store, finish):
    """Records are what is kept for ever, steps are for them."""
    finish(store, n=1)
    finish(store, n=2)
    garbage.remove(store, garbage.find(store))
    assert keys(store) == set()


def test_a_record_of_another_schema_counts(store, finish, stand_on):
    """What it needs stays, though this version cannot read it."""
    key = finish(store).manifest.key
    stand_on(key, schema_version=99, unheard_of=True)
    assert names(store) == []


def test_a_superseded_record_holds_nothing(store, finish, stand_on):
    """It is kept as a text only."""
    key = finish(store).manifest.key
    stand_on(key, path="../records-superseded/board/variant/seed-0-task/0123456789ab.json")
    assert names(store) == [f"fit {key[:12]}"]


@pytest.mark.parametrize(
    "text",
    ["", "not JSON", "[]", "null", "{}", '{"steps": 1}', '{"steps": [1]}', '{"steps": [{}]}', '{"steps": [{"key": []}]}',
     "[" * 100_000, '{"steps": [{"key": "1"}]'],
)  # fmt: skip
def test_a_file_among_the_records_that_is_none_stops_it(store, finish, stand_on, text):
    """Better nothing goes than what it may stand on."""
    finish(store)
    path = stand_on()
    path.write_text(text)
    with pytest.raises(UserError) as error:
        garbage.find(store)
    assert str(error.value) == f"{path} is no record, so what it stands on is not known. Mend or remove it."


def test_a_record_that_is_no_text_stops_it(store, stand_on):
    """A flipped bit."""
    path = stand_on()
    path.write_bytes(b'{"steps": [], "\xff": 1}')
    with pytest.raises(UserError, match="is no record, so what it stands on is not known"):
        garbage.find(store)


@pytest.mark.parametrize(
    ("instead", "reason"),
    [(lambda path: path.symlink_to("nowhere"), "No such file or directory"), (Path.mkdir, "Is a directory")],
)
def test_a_record_that_cannot_be_read_stops_it(store, stand_on, instead, reason):
    """A link to a disk that is not there, a folder of its name."""
    path = stand_on()
    path.unlink()
    instead(path)
    with pytest.raises(UserError) as error:
        garbage.find(store)
    assert str(error.value) == f"{path} cannot be read, so what it stands on is not known: {reason}."


def test_abandoned_work_goes_and_work_at_hand_stays(store, hold_elsewhere, write_out):
    """A worker's lease tells them apart."""
    for key in ("a" * 64, "b" * 64):
        write_out(store.work_folder(key), {"out/half": b"123", "scratch/checkpoint": b"45678"})
    worker = hold_elsewhere("b" * 64)
    found = garbage.find(store)
    assert [(item.what, item.key, item.bytes) for item in found] == [(f"abandoned work {'a' * 12}", "a" * 64, 8)]
    garbage.remove(store, found)
    assert [path.name for path in (store.root / "work").iterdir()] == ["b" * 64]
    worker.kill()
    worker.join()
    garbage.remove(store, garbage.find(store))
    assert list((store.root / "work").iterdir()) == []


def test_work_taken_up_since_it_was_found_stays(store, hold_elsewhere, write_out):
    """The worker came in between."""
    write_out(store.work_folder("a" * 64), {"scratch/checkpoint": b"1"})
    found = garbage.find(store)
    assert len(found) == 1
    hold_elsewhere("a" * 64)
    garbage.remove(store, found)
    assert (store.work_folder("a" * 64) / "scratch" / "checkpoint").is_file()


def test_no_worker_can_take_up_work_while_it_is_removed(store, write_out, meanwhile):
    """Its lease is held meanwhile, and free afterwards."""
    work = write_out(store.work_folder("a" * 64), {"scratch/checkpoint": b"1"})
    path = store.root / "leases" / ("a" * 64)

    def worker() -> None:
        with pytest.raises(filelock.Timeout):
            filelock.FileLock(path).acquire(timeout=0)

    found = garbage.find(store)
    assert meanwhile(work, worker, lambda: garbage.remove(store, found))
    assert not work.exists()
    with filelock.FileLock(path).acquire(timeout=0):
        pass


def test_what_was_set_aside_goes(store, finish):
    """It was kept for a look, not for ever."""
    result = finish(store, {"a": b"12345"})
    aside = store.set_aside("fit", result.manifest.key)
    (item,) = garbage.find(store)
    assert (item.what, item.folder, item.key) == (f"set aside {aside.name}", aside, None)
    garbage.remove(store, [item])
    assert not aside.exists()


def test_a_store_with_a_run_under_way_is_left_alone(store, finish, hold_elsewhere):
    """No record names yet what it has finished."""
    key = finish(store).manifest.key
    run = hold_elsewhere("run-20260101T000000-abcdef")
    with pytest.raises(UserError) as error:
        garbage.find(store)
    assert str(error.value) == (
        "The run 20260101T000000-abcdef is under way in this store. Try again when it has ended."
    )
    assert keys(store) == {key}
    run.kill()
    run.join()
    assert len(garbage.find(store)) == 1
    assert list((store.root / "leases").glob("run-*")) == [], "a dead run's lease is cleared away"


def test_who_works_on_a_step_is_no_run(store, hold_elsewhere):
    """Only runs hold up `gc`."""
    hold_elsewhere("a" * 64)
    assert garbage.find(store) == []


def test_removing_what_is_gone_already_is_no_error(store, finish):
    """Two calls at one moment."""
    finish(store)
    found = garbage.find(store)
    garbage.remove(store, found)
    garbage.remove(store, found)
    assert keys(store) == set()


def test_what_could_not_be_removed_is_said(public_folder, finish, as_nobody):
    """The rest goes; nobody is told of space that is not free."""
    store = Store(public_folder / "store")
    store.root.chmod(0o777)
    made = sorted((finish(store, n=n) for n in range(3)), key=lambda result: result.manifest.key)
    (store.root / "objects" / "fit").chmod(0o777)
    (store.root / "leases").mkdir()
    for result in made[:2]:
        result.folder.chmod(0o555)
    made[2].folder.chmod(0o777)

    def work() -> None:
        with pytest.raises(UserError) as error:
            garbage.remove(store, garbage.find(store))
        assert str(error.value) == (f"2 of 3 could not be removed, {made[0].folder} for one. Look who may write there.")

    assert as_nobody(work)
    assert keys(store) == {result.manifest.key for result in made[:2]}


def test_of_a_real_run_nothing_goes_but_what_a_removed_record_stood_on(undisturbed, bench):
    """What the other records share with it stays, and the next run makes the rest again."""
    store = Store(undisturbed)
    whole = keys(store)
    assert garbage.find(store) == []
    (record,) = undisturbed.rglob("records/**/toy-plain/*.json")
    stood_on = {step["key"] for step in json.loads(record.read_text())["steps"]}
    record.unlink()
    said = bench("store", "gc", "--store", undisturbed)
    assert said.code == 0
    gone = whole - keys(store)
    assert gone < stood_on
    assert sorted(line.split()[0] for line in said.out.splitlines()[2:]) == ["embed", "measure", "sample"]
    for path in undisturbed.rglob("records/**/*.json"):
        assert {step["key"] for step in json.loads(path.read_text())["steps"]} <= keys(store)
    assert bench("run", "--suite", "toy", "--store", undisturbed, "--quiet").code == 0
    assert keys(store) == whole
    assert record.is_file()
