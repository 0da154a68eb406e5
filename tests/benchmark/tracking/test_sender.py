"""The process that sends: what it follows, what it says, when it ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.records import files
from benchmark.tracking import live, sender
from benchmark.tracking.ledger import Ledger
from benchmark.tracking.sender import Sender, Tell
from benchmark.tracking.target import VARIABLE, Target

Said = list[dict[str, str]]
Once = Callable[[str, Path], None]
Seen = Callable[..., list[Any]]
Wait = Callable[..., None]


def test_a_finished_log_is_sent_and_the_sender_ends(place: Target, log: Path, words: Said, require_once: Once) -> None:
    """Each record once, noted in the ledger, the parent run settled; signs of life, and the end last."""
    _sender(place, log, words).run()
    require_once(place.uri, place.store)
    assert [one["what"] for one in words].count("end") == 1
    assert words[-1] == {"what": "end"}
    assert words[0] == {"what": "sign"}
    assert {one["what"] for one in words} == {"sign", "end"}
    assert len(words) > 4 * 4, "a sign after each part of each row"
    assert all(record.digest in Ledger(place) for record in files.read_all(place.store))


def test_a_run_without_records_leaves_nothing(place: Target, log: Path, words: Said, seen: Seen) -> None:
    """It failed before its first cell: a sign once connected, then the end."""
    lines = log.read_text().splitlines(keepends=True)
    log.write_text(lines[0] + lines[-1])
    _sender(place, log, words).run()
    assert words == [{"what": "sign"}, {"what": "end"}]
    assert seen(place.uri, everything=True) == []


def test_what_is_sent_already_is_not_sent_again(
    place: Target, log: Path, words: Said, require_once: Once, seen: Seen
) -> None:
    """A second sender on the same log finds it all there."""
    _sender(place, log, words).run()
    runs = {run.info.run_id for run in seen(place.uri, everything=True)}
    _sender(place, log, words).run()
    assert {run.info.run_id for run in seen(place.uri, everything=True)} == runs
    require_once(place.uri, place.store)


def test_the_parent_run_ends_as_the_log_does(place: Target, log: Path, words: Said, seen: Seen) -> None:
    """Finished, where the log says so."""
    _sender(place, log, words).run()
    (parent,) = [run for run in seen(place.uri, everything=True) if "histobench.invocation" in run.data.tags]
    assert (parent.info.status, parent.data.tags["status"]) == ("FINISHED", "complete")


def test_rows_are_sent_while_the_log_grows(place: Target, log: Path, words: Said, seen: Seen, wait_until: Wait) -> None:
    """Each as soon as it is told; nothing ends before the run says that it has finished."""
    lines = log.read_text().splitlines(keepends=True)
    cuts = [number for number, line in enumerate(lines) if '"kind": "record"' in line]
    log.write_text("".join(lines[: cuts[0] + 1]))
    following = threading.Thread(target=_sender(place, log, words).run)
    following.start()
    wait_until(lambda: len(seen(place.uri)) == 1)
    assert following.is_alive()
    with log.open("a") as stream:
        stream.write("".join(lines[cuts[0] + 1 : cuts[2] + 1]))
    wait_until(lambda: len(seen(place.uri)) == 3)
    assert following.is_alive()
    with log.open("a") as stream:
        stream.write("".join(lines[cuts[2] + 1 :]))
    following.join(60)
    assert not following.is_alive()
    assert len(seen(place.uri)) == 4
    assert words[-1] == {"what": "end"}


def test_a_run_that_is_gone_ends_it(place: Target, log: Path, words: Said, seen: Seen, run_ends: Any) -> None:
    """Its pipe closes: what was told by then is sent, and the parent run is known to have been cut short."""
    lines = log.read_text().splitlines(keepends=True)
    cut = next(number for number, line in enumerate(lines) if '"kind": "record"' in line)
    log.write_text("".join(lines[: cut + 1]))
    run_ends()
    _sender(place, log, words).run()
    assert len(seen(place.uri)) == 1
    assert words[-1] == {"what": "end"}
    (parent,) = [run for run in seen(place.uri, everything=True) if "histobench.invocation" in run.data.tags]
    assert (parent.info.status, parent.data.tags["status"]) == ("KILLED", "stopped before its end")


def test_one_record_that_cannot_be_read_holds_up_no_other(
    place: Target, log: Path, words: Said, seen: Seen, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named, and tried again until it can be."""
    monkeypatch.setattr(sender, "_REST_S", 0.05)
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:-1]))
    path = next((place.store / "records").rglob("toy-plain/*.json"))
    whole = path.read_bytes()
    path.write_bytes(b"{")
    following = threading.Thread(target=_sender(place, log, words).run)
    following.start()
    wait_until(lambda: len(seen(place.uri)) == 3 and any(one["what"] == "failing" for one in words))
    reason = next(one["why"] for one in words if one["what"] == "failing")
    assert reason.startswith("UserError: ")
    assert path.name in reason
    path.write_bytes(whole)
    wait_until(lambda: len(seen(place.uri)) == 4)
    with log.open("a") as stream:
        stream.write(lines[-1])
    following.join(60)
    assert words[-1] == {"what": "end"}


def test_a_record_that_was_replaced_meanwhile_is_passed_over(place: Target, log: Path, words: Said, seen: Seen) -> None:
    """Its file is gone; its successor has an event of its own."""
    next((place.store / "records").rglob("toy-plain/*.json")).unlink()
    _sender(place, log, words).run()
    assert len(seen(place.uri)) == 3
    assert {one["what"] for one in words} == {"sign", "end"}


def test_a_dead_server_is_asked_once_a_round(
    store: Path, log: Path, words: Said, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not once for each of the four records; why is told, a password is not."""
    monkeypatch.setattr(sender, "_RETRIES", 0)
    dead = Target(store, f"http://me:secret@127.0.0.1:{free_port}", VARIABLE)
    _sender(dead, log, words).run()
    failing = [one for one in words if one["what"] == "failing"]
    assert len(failing) == 1
    assert "127.0.0.1" in failing[0]["why"]
    assert "secret" not in str(words)
    assert words[-1] == {"what": "end"}


def test_it_rests_after_a_failure_but_not_at_the_end(
    store: Path, log: Path, words: Said, free_port: int, monkeypatch: pytest.MonkeyPatch, wait_until: Wait
) -> None:
    """While the run is at work a dead server is let alone for a while; when it has ended, there is one last try."""
    monkeypatch.setattr(sender, "_RETRIES", 0)
    monkeypatch.setattr(sender, "_REST_S", 1000.0)
    lines = log.read_text().splitlines(keepends=True)
    log.write_text("".join(lines[:-1]))
    dead = Target(store, f"http://127.0.0.1:{free_port}", VARIABLE)
    following = threading.Thread(target=_sender(dead, log, words).run)
    following.start()
    wait_until(lambda: any(one["what"] == "failing" for one in words))
    following.join(3 * sender._POLL_S)
    assert [one["what"] for one in words].count("failing") == 1
    with log.open("a") as stream:
        stream.write(lines[-1])
    following.join(60)
    assert [one["what"] for one in words].count("failing") == 2


def test_a_fit_under_way_is_shown_and_gone_at_the_end(
    place: Target, log: Path, words: Said, seen: Seen, wait_until: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its curve stands in a run of its own until the row has it."""
    monkeypatch.setattr(live, "_AFTER_S", 0.0)
    monkeypatch.setattr(live, "_EVERY_S", 0.0)
    lines = log.read_text().splitlines(keepends=True)
    fitted = next(number for number, line in enumerate(lines) if '"kind": "curve"' in line)
    log.write_text("".join(lines[: fitted + 1]))
    following = threading.Thread(target=_sender(place, log, words).run)
    following.start()
    wait_until(lambda: [run.data.metrics for run in _under_way(place, seen)] == [{"train/loss": 1.0}])
    assert _under_way(place, seen)[0].info.run_name.startswith("fit toy-fitted")
    with log.open("a") as stream:
        stream.write("".join(lines[fitted + 1 :]))
    following.join(60)
    assert _under_way(place, seen) == []
    assert len(seen(place.uri)) == 4


def test_a_fit_whose_run_is_gone_is_not_shown_for_ever(
    place: Target, log: Path, words: Said, seen: Seen, wait_until: Wait, monkeypatch: pytest.MonkeyPatch, run_ends: Any
) -> None:
    """No row will come to take its curve over."""
    monkeypatch.setattr(live, "_AFTER_S", 0.0)
    lines = log.read_text().splitlines(keepends=True)
    fitted = next(number for number, line in enumerate(lines) if '"kind": "curve"' in line)
    log.write_text("".join(lines[: fitted + 1]))
    following = threading.Thread(target=_sender(place, log, words).run)
    following.start()
    wait_until(lambda: len(_under_way(place, seen)) == 1)
    run_ends()
    following.join(60)
    assert words[-1] == {"what": "end"}
    assert _under_way(place, seen) == []


def test_words_are_lines_of_json_without_passwords() -> None:
    """One object a line; long reasons are cut."""
    stream = io.StringIO()
    tell = Tell(stream)
    tell("sign")
    tell("failing", "https://me:secret@tracker/base: " + "x" * 1000)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {"what": "sign"}
    assert second["why"].startswith("https://***@tracker/base: xx")
    assert len(second["why"]) == 500


def test_nobody_listening_is_no_error() -> None:
    """A run that is gone hears nothing, and the sender goes on."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        assert Tell(stream)("sign") is None
        with pytest.raises(BrokenPipeError):
            stream.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def test_a_place_that_cannot_be_is_told_by_the_process(store: Path, log: Path) -> None:
    """Neither a traceback nor a word that is not JSON."""
    (word,), errors = _process(store, log, {VARIABLE: "file:///nowhere"})
    assert word["what"] == "failing"
    assert word["why"].startswith(
        "UserError: MLFLOW_TRACKING_URI=file:///nowhere: runs are not kept in a plain folder."
    )
    assert errors == ""


def test_what_mlflow_prints_is_not_taken_for_a_word(store: Path, log: Path, tmp_path: Path) -> None:
    """It goes to standard error; that MLflow does not load is told, and waited out to the end of the run."""
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "mlflow.py").write_text("print('noise')\nraise ImportError('broken beyond repair')\n")
    path = os.pathsep.join([str(tmp_path / "shadow"), os.environ["PYTHONPATH"]])
    said, errors = _process(store, log, {VARIABLE: "", "PYTHONPATH": path})
    assert [one["what"] for one in said] == ["failing", "end"]
    assert said[0]["why"] == "ImportError: broken beyond repair"
    assert "noise" in errors


def _sender(place: Target, log: Path, words: Said) -> Sender:
    class Listened(Tell):
        """Says its words as ever, and keeps them."""

        def __call__(self, what: str, why: str | None = None) -> None:
            stream = io.StringIO()
            Tell(stream)(what, why)
            words.append(json.loads(stream.getvalue()))

    return Sender(place, log, None, Listened(io.StringIO()))


def _under_way(place: Target, seen: Seen) -> list[Any]:
    return [run for run in seen(place.uri, everything=True) if run.data.tags.get("kind") == "fit"]


def _process(store: Path, log: Path, more: dict[str, str]) -> tuple[Said, str]:
    """Run the sender as the forwarder does, for a run that has finished; return its words and its other output."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "benchmark.tracking.sender", "--store", str(store), "--log", str(log)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, **more}, timeout=120, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def log(store: Path) -> Path:
    """The event log of the run that made the store."""
    return next((store / "events").glob("*.jsonl"))


@pytest.fixture
def words() -> Said:
    """What a sender has said."""
    return []


@pytest.fixture(autouse=True)
def run_ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """The pipe from the run, as standard input; called, the run is gone."""
    reading, writing = os.pipe()
    monkeypatch.setattr(sys, "stdin", os.fdopen(reading))
    ends = [writing]

    def end() -> None:
        while ends:
            os.close(ends.pop())

    yield end
    end()
