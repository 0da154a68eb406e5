"""Where results are tracked."""

from __future__ import annotations

import importlib.metadata
import shlex
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.tracking import target


def test_store_has_its_own_database_and_artifacts(tmp_path: Path) -> None:
    """Where nothing is named, everything lies in the store."""
    place = target.resolve(tmp_path, None)
    assert place.uri == f"sqlite:///{tmp_path}/mlflow.db"
    assert place.database == tmp_path / "mlflow.db"
    assert place.artifacts == tmp_path / "mlflow-artifacts"
    assert not place.is_server
    assert target.resolve(tmp_path, "") == place


def test_relative_database_is_found_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process started elsewhere must mean the same file."""
    monkeypatch.chdir(tmp_path)
    place = target.resolve(tmp_path / "store", "sqlite:///sub/my.db")
    assert place.database == tmp_path / "sub" / "my.db"
    assert place.artifacts == tmp_path / "sub" / "mlflow-artifacts"


def test_server_keeps_its_own_artifacts(tmp_path: Path) -> None:
    """A client must not tell a server where its files go."""
    place = target.resolve(tmp_path, "http://tracker:5000")
    assert place.is_server
    assert place.artifacts is None
    assert place.database is None


@pytest.mark.parametrize("uri", ["file:///tmp/runs", "/tmp/runs", "runs", "./mlruns", "sqlite:///:memory:"])
def test_folder_and_memory_are_refused(tmp_path: Path, uri: str) -> None:
    """Never the file store; the message says what is expected."""
    with pytest.raises(UserError, match="Expected"):
        target.resolve(tmp_path, uri)


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("foo://bar", "--tracking-uri=foo://bar: MLflow knows no 'foo'. Known: "),
        ("postgres://host/db", "MLflow knows no 'postgres'. Did you mean 'postgresql'?"),
    ],
)
def test_what_mlflow_speaks_not_is_refused(tmp_path: Path, uri: str, said: str) -> None:
    """Before anything is run, rather than when the first result is sent."""
    with pytest.raises(UserError) as refused:
        target.resolve(tmp_path, uri)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "uri", ["postgresql+psycopg2://host/db", "mysql://host/db", "https://host", "databricks", "databricks://profile"]
)
def test_what_mlflow_speaks_is_taken(tmp_path: Path, uri: str) -> None:
    """Databases with and without a driver, servers."""
    assert target.resolve(tmp_path, uri).uri == uri


def test_what_a_package_teaches_mlflow_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's own way to add a kind of server."""
    added = importlib.metadata.EntryPoint("foo", "some.package:Store", "mlflow.tracking_store")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda *, group: [added] if added.group == group else [])
    assert target.resolve(tmp_path, "foo://bar").uri == "foo://bar"


def test_password_in_an_option_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """The command line goes into every record."""
    with pytest.raises(UserError, match="MLFLOW_TRACKING_PASSWORD") as caught:
        target.resolve(tmp_path, "https://me:secret@tracker/path")
    assert "secret" not in str(caught.value)


def test_password_in_the_variable_is_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in messages nor in the command to send results later."""
    monkeypatch.setenv(target.VARIABLE, "https://me:secret@tracker/path")
    place = target.resolve(tmp_path, "https://me:secret@tracker/path")
    assert place.uri == "https://me:secret@tracker/path"
    assert place.shown == "https://***@tracker/path"
    assert "secret" not in place.command() + place.lock.name + place.identity


def test_command_leads_back_here(tmp_path: Path) -> None:
    """The command names the store and the server, quoted for a shell."""
    store = tmp_path / "my store"
    words = shlex.split(target.resolve(store, "http://tracker:5000").command(Path("/data root")))
    assert words == [
        "bench", "track", "--store", str(store), "--data-root", "/data root", "--tracking-uri", "http://tracker:5000"
    ]  # fmt: skip
    assert shlex.split(target.resolve(store, None).command()) == ["bench", "track", "--store", str(store)]


def test_database_made_again_is_another_place(tmp_path: Path) -> None:
    """What was noted of a deleted database does not hold for its successor."""
    place = target.resolve(tmp_path, None)
    assert place.database is not None
    place.database.write_text("one")
    before = place.identity
    place.database.rename(tmp_path / "aside")
    place.database.write_text("another")
    assert place.identity != before
    assert place.identity != target.resolve(tmp_path, "http://tracker:5000").identity


def test_redact_leaves_the_rest_of_a_text() -> None:
    """Only user and password go."""
    text = "POST http://a:b@host:1/x failed; mail me@host"
    assert target.redact(text) == "POST http://***@host:1/x failed; mail me@host"
