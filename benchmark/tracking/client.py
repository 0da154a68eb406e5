"""MLflow's client, imported quietly, with the few operations that sending a row takes."""

from __future__ import annotations

import glob
import logging
import os
import secrets
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import filelock

from benchmark.tracking.journal import Point
from benchmark.tracking.target import Target

if TYPE_CHECKING:
    from mlflow.entities import DatasetInput, Run

T = TypeVar("T")

_PAGE = 500
"""Runs MLflow returns at once."""
_POINTS, _TEXTS = 1000, 40
"""Metrics, parameters and tags MLflow takes at once; texts are fewer, for the size of a request is bounded too."""


class Refused(Exception):
    """The server is there but will not take something; says what to do."""


def surroundings(timeout_s: int, retries: int) -> dict[str, str]:
    """Return the environment in which MLflow neither waits for long nor reports home."""
    return {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(timeout_s),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(retries),
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "GIT_PYTHON_REFRESH": "quiet",
    }


class Client:
    """A connection to one tracking place."""

    def __init__(self, target: Target, *, timeout_s: int = 30, retries: int = 2) -> None:
        """Import MLflow and make the connection; a new database is laid out now, which takes seconds.

        Args:
            target: Where to.
            timeout_s: Longest wait for one answer of a server, in seconds.
            retries: How often a failed request is repeated.
        """
        os.environ.update(surroundings(timeout_s, retries))
        if target.artifacts is not None:
            # Or MLflow gives its own "Default" experiment a folder below wherever the user happens to be.
            os.environ["_MLFLOW_SERVER_ARTIFACT_ROOT"] = target.artifacts.as_uri()
        warnings.simplefilter("ignore")
        import mlflow

        for name in ("mlflow", "alembic", "sqlalchemy", "urllib3"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._target = target
        if target.database is not None:
            _lay_out(target.database)
        self._client = mlflow.MlflowClient(tracking_uri=target.uri, registry_uri=target.uri)
        self._experiments: dict[str, str] = {}
        self._told: dict[tuple[str, str], str] = {}

    def experiment(self, name: str) -> str:
        """Return the id of an experiment, made if it is not there.

        Raises:
            Refused: If someone deleted it.
        """
        if name not in self._experiments:
            self._experiments[name] = self._find(name) or self._make(name)
        return self._experiments[name]

    def tag_experiment(self, experiment: str, tags: Mapping[str, str]) -> None:
        """Set tags of an experiment, unless they were set just now."""
        new = {key: text for key, text in tags.items() if self._told.get((experiment, key)) != text}
        for key, text in new.items():
            self._client.set_experiment_tag(experiment, key, text)
            self._told[experiment, key] = text

    def runs(self, experiment: str, condition: str) -> Iterator[Run]:
        """Yield the runs of an experiment that meet a condition in MLflow's search language."""
        token = None
        while True:
            page = self._client.search_runs([experiment], condition, max_results=_PAGE, page_token=token)
            yield from page
            token = page.token
            if not token:
                return

    def create(self, experiment: str, name: str, started: int, tags: Mapping[str, str]) -> str:
        """Return the id of a new run."""
        made = self._client.create_run(experiment, start_time=started, tags=dict(tags), run_name=name)
        return str(made.info.run_id)

    def delete(self, run: str) -> None:
        """Move a run to MLflow's trash."""
        self._client.delete_run(run)

    def log(self, run: str, *, params: Mapping[str, str], metrics: Mapping[str, float], time: int) -> None:
        """Log parameters, and metrics that have one value."""
        from mlflow.entities import Metric, Param

        for texts in _chunks([Param(key, value) for key, value in params.items()], _TEXTS):
            self._client.log_batch(run, params=texts)
        for numbers in _chunks([Metric(key, value, time, 0) for key, value in metrics.items()], _POINTS):
            self._client.log_batch(run, metrics=numbers)

    def draw(self, run: str, points: Iterable[Point]) -> None:
        """Log training curves."""
        from mlflow.entities import Metric

        for some in _chunks([Metric(one.name, one.value, one.time, one.at) for one in points], _POINTS):
            self._client.log_batch(run, metrics=some)

    def tag(self, run: str, tags: Mapping[str, str]) -> None:
        """Set tags."""
        from mlflow.entities import RunTag

        for texts in _chunks([RunTag(key, value) for key, value in tags.items()], _TEXTS):
            self._client.log_batch(run, tags=texts)

    def untag(self, run: str, keys: Iterable[str]) -> None:
        """Remove tags."""
        for key in keys:
            self._client.delete_tag(run, key)

    def inputs(self, run: str, datasets: list[DatasetInput]) -> None:
        """Log the datasets a run used."""
        self._client.log_inputs(run, datasets)

    def upload(self, run: str, folder: Path) -> None:
        """Send all files below a folder, under their relative paths."""
        self._client.log_artifacts(run, str(folder))

    def send(self, run: str, path: Path, place: str) -> None:
        """Send one file to a folder of a run."""
        self._client.log_artifact(run, str(path), place)

    def rename(self, run: str, name: str) -> None:
        """Give a run another name."""
        self._client.update_run(run, name=name)

    def end(self, run: str, status: str, ended: int | None = None) -> None:
        """Set a run's status and the time it ended."""
        self._client.set_terminated(run, status, ended)

    def _find(self, name: str) -> str | None:
        found = self._client.get_experiment_by_name(name)
        if found is None:
            return None
        if found.lifecycle_stage != "active":
            raise Refused(
                f"the experiment '{name}' was deleted there. Restore it (mlflow experiments restore "
                f"--experiment-id {found.experiment_id}) or remove it for good (mlflow gc)"
            )
        return str(found.experiment_id)

    def _make(self, name: str) -> str:
        place = self._target.artifacts
        try:
            return str(self._client.create_experiment(name, artifact_location=_uri(place, name)))
        except Exception:
            # Someone else may have made it in this moment.
            found = self._find(name)
            if found is None:
                raise
            return found


def _lay_out(database: Path) -> None:
    """Make a database aside and rename it into place: MLflow cannot take up a layout that was cut short."""
    import mlflow

    hidden = f".{database.name}"
    with filelock.FileLock(database.with_name(f"{hidden}.lock")):
        if database.exists():
            return
        for left in database.parent.glob(f"{glob.escape(hidden)}.*.part*"):
            left.unlink()
        # MLflow keeps its connection to a file of one name, so a second attempt needs another.
        aside = database.with_name(f"{hidden}.{secrets.token_hex(4)}.part")
        mlflow.MlflowClient(tracking_uri=f"sqlite:///{aside}", registry_uri=f"sqlite:///{aside}")
        aside.rename(database)


def _uri(place: Path | None, name: str) -> str | None:
    return None if place is None else (place / name).as_uri()


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
