"""The connection to MLflow."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.tracking import client, target
from benchmark.tracking.client import Client
from benchmark.tracking.journal import Point
from benchmark.tracking.target import Target


def test_thousands_of_points_arrive_in_order(connected: Client, place: Target) -> None:
    """A long curve goes in several requests."""
    import mlflow

    run = connected.create(connected.experiment("curves"), "long", 0, {})
    connected.draw(run, [Point("train/loss", 1.0 / (1 + at), at, at) for at in range(2500)])
    found = mlflow.MlflowClient(tracking_uri=place.uri).get_metric_history(run, "train/loss")
    assert [(one.step, one.value) for one in found] == [(at, 1.0 / (1 + at)) for at in range(2500)]


def test_search_goes_through_all_pages(connected: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """More runs than a page holds are all found."""
    monkeypatch.setattr(client, "_PAGE", 2)
    experiment = connected.experiment("pages")
    made = {connected.create(experiment, str(number), number, {"kind": "x"}) for number in range(5)}
    connected.create(experiment, "other", 9, {"kind": "y"})
    assert {run.info.run_id for run in connected.runs(experiment, "tags.kind = 'x'")} == made


def test_experiment_is_made_once_and_found_by_others(connected: Client, place: Target) -> None:
    """Two processes mean the same experiment, also where the other made it meanwhile."""
    other = Client(place)
    assert connected.experiment("shared") == other.experiment("shared")
    assert other._make("shared") == connected.experiment("shared")


@pytest.mark.slow
def test_laying_out_a_database_says_nothing(tmp_path: Path) -> None:
    """MLflow's and Alembic's hundred lines stay off the terminal, and nothing is left where the user stands."""
    program = (
        "import pathlib, sys; from benchmark.tracking import client, target; "
        "made = client.Client(target.resolve(pathlib.Path(sys.argv[1]), None)); made.experiment('x')"
    )
    (tmp_path / "here").mkdir()
    (tmp_path / "store").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "store")],
        cwd=tmp_path / "here", capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    assert list((tmp_path / "here").iterdir()) == []
    assert (tmp_path / "store" / "mlflow.db").exists()


def test_a_database_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A layout that is cut short leaves nothing under the final name, and does not spoil the next attempt."""
    import mlflow
    from alembic import command

    place = target.resolve(tmp_path, None)
    monkeypatch.setattr(command, "upgrade", lambda *of: pytest.fail("cut short"))
    with pytest.raises(pytest.fail.Exception, match="cut short"):
        Client(place)
    assert place.database is not None
    assert not place.database.exists()
    assert len(list(place.database.parent.glob(".mlflow.db.*.part"))) == 1
    monkeypatch.undo()
    Client(place)
    assert mlflow.MlflowClient(tracking_uri=place.uri).search_experiments()
    assert not list(place.database.parent.glob(".mlflow.db.*.part"))


@pytest.mark.slow
def test_one_of_several_processes_lays_it_out(place: Target) -> None:
    """All of them find the one that was put in place."""
    program = (
        "import pathlib, sys; from benchmark.tracking import client, target; "
        "print(client.Client(target.resolve(pathlib.Path(sys.argv[1]), None)).experiment('shared'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, place.store], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(set(said)) == 1
    assert said[0].strip()


def test_mlflow_neither_waits_long_nor_reports_home(connected: Client) -> None:
    """The settings are in the environment that MLflow reads."""
    from mlflow import environment_variables as read
    from mlflow.telemetry import utils

    assert read.MLFLOW_HTTP_REQUEST_TIMEOUT.get() == 30
    assert read.MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 2
    assert utils.is_telemetry_disabled()
    assert target.VARIABLE not in os.environ


@pytest.fixture
def connected(place: Target) -> Client:
    """A connection to the database of a store."""
    return Client(place)
