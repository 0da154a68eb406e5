"""Obtaining a step: made once, reused when whole, made again when damaged, never made twice at a time."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import filelock
import numpy as np
import pytest
from PIL import Image

from benchmark import provenance, threads
from benchmark.contracts.generator import Batch
from benchmark.events import log
from benchmark.events.log import EventLog
from benchmark.execution import stopwatch
from benchmark.execution.desk import Toolbox
from benchmark.execution.report import Silent
from benchmark.execution.worker import Worker
from benchmark.store import manifest as manifests
from benchmark.store.store import Store
from benchmark.store.throughput import Throughput


class Stumbling:
    """Breaks down in the way it is told, once; what it did before that is in scratch."""

    def __init__(self, how="raise"):
        self.how = how

    def fit(self, train, context):
        checkpoint = context.scratch / "checkpoint"
        assert not list(context.folder.iterdir())
        if not checkpoint.exists():
            checkpoint.write_text("half")
            (context.folder / "half.bin").write_bytes(b"half")
            raise {"raise": RuntimeError, "stop": KeyboardInterrupt, "exit": SystemExit}[self.how]("out of luck")
        (context.folder / "whole.txt").write_text(f"after {checkpoint.read_text()}")

    def sample(self, requests, context):
        yield Batch(images=np.zeros((len(requests), 4, 4, 3), np.uint8))


class Killed:
    """Works a while, tells so, and is killed, once; whether what it did is kept in scratch is told it."""

    def __init__(self, folder, keeps=True):
        self.folder, self.keeps = Path(folder), keeps

    def fit(self, train, context):
        (context.folder / "whole.txt").touch()
        if not (self.folder / "killed").exists():
            time.sleep(WORKED)
            if self.keeps:
                (context.scratch / "checkpoint").touch()
            (self.folder / "killed").touch()
            context.progress(1, 2)
            os.kill(os.getpid(), signal.SIGKILL)

    def sample(self, requests, context):
        yield Batch(images=np.zeros((len(requests), 4, 4, 3), np.uint8))


class Curving:
    """Logs a curve in the numbers of NumPy, some of them not finite."""

    def fit(self, train, context):
        for at, value in enumerate((np.float32(0.5), 2, math.nan, math.inf)):
            context.log("loss", value, np.int64(at))

    def sample(self, requests, context):
        yield Batch(images=np.zeros((len(requests), 4, 4, 3), np.uint8))


class Picturing:
    """Sends a picture twice, as a training does that goes on, and another."""

    def fit(self, train, context):
        for name, at in (("some/samples", 3), ("some/samples", 3), ("b", 4)):
            context.picture(name, np.full((2, 3, 3), 10 * at, np.uint8), np.int64(at))

    def sample(self, requests, context):
        yield Batch(images=np.zeros((len(requests), 4, 4, 3), np.uint8))


class Waiting:
    """Fits when a file says so, and says itself that it began."""

    wait_until: Callable[..., None]

    def __init__(self, folder):
        self.folder = Path(folder)

    def fit(self, train, context):
        (self.folder / "began").touch()
        self.wait_until((self.folder / "go").exists)
        (context.folder / "who.txt").write_text(threading.current_thread().name)


WORKED = 2.0
"""Seconds of work before a kill; far more than what is left to do takes."""


def kinds(events: EventLog) -> list[str]:
    return [event.kind for event in log.read(events.path)]


def test_a_step_is_made_and_published(worker, toys, told):
    """The stage's files, at the key's place, with a manifest that says what, how and where."""
    step = toys.data(count=6)
    result = worker.obtain(step, {}, 3, 9)
    assert result.folder == worker.store.root / "objects" / "data" / step.key
    assert np.load(result.folder / "train.npy").shape == (6, 16, 16, 3)
    manifest = manifests.read(result.folder)
    assert manifest == result.manifest
    assert (manifest.kind, manifest.title, manifest.key, manifest.recipe) == ("data", step.title, step.key, step.recipe)
    assert manifest.files == manifests.describe_files(result.folder)
    assert {"train.npy", "test-pixels.npy", "identity.json"} < set(manifest.files)
    assert manifest.digest == manifests.digest_of(manifest.files)
    assert manifest.run.invocation == "an invocation"
    assert 0 < manifest.run.wall_s < 60
    assert manifest.run.provenance == provenance.collect(device="cpu", threads=threads.count())
    assert (told.calls[0], told.calls[-1]) == (("begin", "dataset toy", 3, 9), ("end", "dataset toy", False))
    assert not list((worker.store.root / "work").iterdir())


def test_events_tell_what_was_made(worker, toys, events):
    """Start and end, with title, stage and key; the digest when there is one."""
    step = toys.data(count=6)
    result = worker.obtain(step, {}, 1, 1)
    started, finished = log.read(events.path)
    same = {"step": "dataset toy", "stage": "data", "key": step.key}
    assert (started.kind, started.data) == ("step_started", same)
    assert (finished.kind, finished.data) == ("step_finished", {**same, "digest": result.manifest.digest})


def test_a_finished_step_is_reused(worker, toys, told, events):
    """Nothing is made; whoever waits hears that it was there."""
    step = toys.data(count=6)
    first = worker.obtain(step, {}, 1, 1)
    told.calls.clear()
    again = worker.obtain(step, {}, 1, 1)
    assert again.manifest == first.manifest
    assert told.calls == [("end", "dataset toy", True)]
    assert kinds(events) == ["step_started", "step_finished", "step_reused"]
    assert list(log.read(events.path))[-1].data["digest"] == first.manifest.digest


@pytest.mark.parametrize("damage", ["changed", "missing", "manifest"])
def test_a_damaged_step_is_set_aside_and_made_again(worker, toys, told, damage):
    """With a warning that says where the damaged files went."""
    step = toys.data(count=6)
    first = worker.obtain(step, {}, 1, 1)
    path = first.folder / ("step.json" if damage == "manifest" else "valid.npy")
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(content[:-9] + b"damaged!\n")
    told.calls.clear()
    again = worker.obtain(step, {}, 1, 1)
    assert again.manifest.digest == first.manifest.digest
    ((warning,),) = told.of("warn")
    (aside,) = (worker.store.root / "damaged").iterdir()
    assert warning.endswith(f"It is set aside in {aside} and made again.")
    assert aside.name.startswith(f"data-{step.key[:16]}-")
    assert told.of("end") == [("dataset toy", False)]
    assert (again.folder / path.name).exists()


@pytest.mark.parametrize(("how", "error"), [("raise", RuntimeError), ("stop", KeyboardInterrupt), ("exit", SystemExit)])
def test_a_failure_leaves_checkpoints_and_nothing_else(worker, toys, obtain, events, how, error):
    """A full disk must not stay full; the next attempt starts with an empty output and finds its checkpoint."""
    data = toys.data(count=6)
    fit = toys.fit(data, toys.generator(f"{__name__}:Stumbling", params={"how": how}))
    with pytest.raises(error, match="out of luck"):
        obtain(fit)
    work = worker.store.work_folder(fit.key)
    assert {path.name for path in work.iterdir()} == {"scratch", "seconds.json"}
    assert worker.store.read("fit", fit.key) is None
    assert kinds(events)[-1] == "step_started"
    result = obtain(fit)
    assert (result.folder / "whole.txt").read_text() == "after half"
    assert set(result.manifest.files) == {"whole.txt"}
    assert not work.exists()


@pytest.mark.parametrize("keeps", [True, False])
def test_seconds_before_a_kill_count_where_the_step_goes_on(worker, toys, obtain, tmp_path, monkeypatch, keeps):
    """So that an estimate is that of the whole step; what began anew took as long as its last attempt."""
    monkeypatch.setattr(stopwatch, "EVERY_S", 0.0)
    data = toys.data(count=6)
    obtain(data)
    fit = toys.fit(data, toys.generator(f"{__name__}:Killed", params={"folder": str(tmp_path), "keeps": keeps}))
    child = os.fork()
    if child == 0:
        try:
            obtain(fit)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    wall_s = obtain(fit).manifest.run.wall_s
    assert (wall_s > WORKED) is keeps
    assert Throughput(worker.store).seconds(fit) == wall_s


def test_what_a_kill_left_of_an_output_is_thrown_away(worker, toys):
    """Half a file of an earlier attempt is no part of this one."""
    step = toys.data(count=6)
    out = worker.store.work_folder(step.key) / "out"
    out.mkdir(parents=True)
    (out / "half.bin").write_bytes(b"half")
    assert "half.bin" not in worker.obtain(step, {}, 1, 1).manifest.files


def test_curves_are_events(obtain, toys, events):
    """Numbers of any kind, as JSON; one that is not finite is none."""
    fit = toys.fit(toys.data(count=6), toys.generator(f"{__name__}:Curving"))
    obtain(fit)
    curves = [event.data for event in log.read(events.path) if event.kind == "curve"]
    assert [(one["name"], one["value"], one["at"]) for one in curves] == [
        ("loss", 0.5, 0), ("loss", 2.0, 1), ("loss", None, 2), ("loss", None, 3),
    ]  # fmt: skip
    assert {(one["step"], one["key"]) for one in curves} == {("fit toy", fit.key)}


def test_pictures_are_files_beside_the_steps_and_events(obtain, toys, events, worker):
    """Lossless, under the step's key and a safe name; no part of what the step makes."""
    fit = toys.fit(toys.data(count=6), toys.generator(f"{__name__}:Picturing"))
    result = obtain(fit)
    told = [event.data for event in log.read(events.path) if event.kind == "picture"]
    assert [(one["name"], one["at"], one["key"]) for one in told] == [
        ("some/samples", 3, fit.key), ("some/samples", 3, fit.key), ("b", 4, fit.key),
    ]  # fmt: skip
    assert told[0]["path"] == f"pictures/{fit.key}/some_samples-0000003.png"
    assert (np.asarray(Image.open(worker.store.root / told[0]["path"])) == 30).all()
    assert np.asarray(Image.open(worker.store.root / told[2]["path"])).shape == (2, 3, 3)
    assert "b-0000004.png" not in str(result.manifest.files)


def test_a_picture_costs_no_result(obtain, toys, events, worker):
    """Where it cannot be written the step goes on, and no event tells of what is not there."""
    (worker.store.root / "pictures").write_text("no folder")
    obtain(toys.fit(toys.data(count=6), toys.generator(f"{__name__}:Picturing")))
    assert "picture" not in kinds(events)


@pytest.mark.timeout(60)
def test_two_workers_are_never_at_one_step(worker, toys, told, obtain, tmp_path, wait_until):
    """The second waits, says so, and takes what the first made."""
    data = toys.data(count=6)
    fit = toys.fit(data, toys.generator(f"{__name__}:Waiting", params={"folder": str(tmp_path)}))
    inputs = {"data": obtain(data)}
    told.calls.clear()
    other = Worker(Store(worker.store.root), Toolbox("cpu"), EventLog(tmp_path / "other.jsonl"), Silent(), "the other")
    Waiting.wait_until = staticmethod(wait_until)
    first = threading.Thread(target=other.obtain, args=(fit, inputs, 1, 1), name="the first")
    first.start()
    wait_until((tmp_path / "began").exists)
    told.on_wait = (tmp_path / "go").touch
    result = worker.obtain(fit, inputs, 1, 1)
    first.join()
    assert told.calls == [("wait", "fit toy"), ("end", "fit toy", True)]
    assert (result.folder / "who.txt").read_text() == "the first"
    assert result.manifest.run.invocation == "the other"


@pytest.mark.timeout(60)
def test_only_the_holder_of_the_lease_sets_a_step_aside(worker, toys, told):
    """What is damaged at first sight may have been made again when the lease is free."""
    step = toys.data(count=6)
    path = worker.obtain(step, {}, 1, 1).folder / "valid.npy"
    content = path.read_bytes()
    path.write_bytes(b"damaged")
    holder = filelock.FileLock(worker.store.root / "leases" / step.key, thread_local=False)
    holder.acquire()
    told.calls.clear()
    told.on_wait = lambda: (path.write_bytes(content), holder.release())
    result = worker.obtain(step, {}, 1, 1)
    assert path.read_bytes() == content
    assert told.calls == [("wait", "dataset toy"), ("end", "dataset toy", True)]
    assert result.folder == path.parent
    assert not (worker.store.root / "damaged").exists()


def test_the_lease_is_given_back_whatever_happens(worker, toys, obtain):
    """A step that failed can be tried by another worker at once."""
    fit = toys.fit(toys.data(count=6), toys.generator(f"{__name__}:Stumbling"))
    with pytest.raises(RuntimeError):
        obtain(fit)
    lock = filelock.FileLock(worker.store.root / "leases" / fit.key)
    lock.acquire(timeout=0)
    lock.release()
