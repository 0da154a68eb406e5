"""Where results are tracked: the store's own SQLite, or a server the user names."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmark import digests
from benchmark.errors import UserError, nearest

VARIABLE = "MLFLOW_TRACKING_URI"
"""MLflow's own variable; names a server for everything that speaks to MLflow."""

_DIALECTS = ("mysql", "postgresql", "mssql")
"""Databases beside SQLite that MLflow keeps runs in."""

_DATABASE = "mlflow.db"
_ARTIFACTS = "mlflow-artifacts"
_SQLITE = "sqlite:///"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True)
class Target:
    """A place that results are sent to."""

    store: Path
    """Folder of the store, absolute."""
    uri: str
    """MLflow's tracking URI; may hold a password."""
    named_by: str | None
    """``--tracking-uri`` or ``MLFLOW_TRACKING_URI``; None for the store's own database."""

    @property
    def shown(self) -> str:
        """Return the URI without user and password."""
        return redact(self.uri)

    @property
    def database(self) -> Path | None:
        """Return the file of an SQLite database; None for a server."""
        return Path(self.uri.removeprefix(_SQLITE)) if self.uri.startswith(_SQLITE) else None

    @property
    def artifacts(self) -> Path | None:
        """Return the folder for artifacts; None where a server has its own."""
        if self.is_server:
            return None
        return (self.store if self.database is None else self.database.parent) / _ARTIFACTS

    @property
    def is_server(self) -> bool:
        """Tell whether it is spoken to over HTTP."""
        return self.uri.startswith(("http://", "https://", "databricks"))

    @property
    def identity(self) -> str:
        """Return a short digest of the place; a database that was deleted and made again is another place."""
        inode = self.database.stat().st_ino if self.database is not None and self.database.exists() else None
        return digests.of_value([self.uri, inode])[:16]

    @property
    def lock(self) -> Path:
        """Return the file of the lock under which results are sent."""
        return self.store / "tracking" / f"{digests.of_value(self.uri)[:16]}.lock"

    def command(self, data_root: Path | None = None) -> str:
        """Return the command that sends what is missing, for a shell; it never shows a password."""
        words = ["bench", "track", "--store", str(self.store)]
        words += [] if data_root is None else ["--data-root", str(data_root)]
        if self.named_by is not None and not _CREDENTIALS.search(self.uri):
            words += ["--tracking-uri", self.uri]
        return shlex.join(words)


def resolve(store: Path, uri: str | None) -> Target:
    """Return where the results of a store are tracked.

    Args:
        store: Folder of the store.
        uri: What the user named with an option or a variable, if anything.

    Raises:
        UserError: If the URI names a folder, which MLflow can no longer keep runs in, or a command line holds a
            password.
    """
    root = store.absolute()
    if not uri:
        return Target(root, f"{_SQLITE}{root / _DATABASE}", None)
    named_by = VARIABLE if uri == os.environ.get(VARIABLE) else "--tracking-uri"
    if named_by != VARIABLE and _CREDENTIALS.search(uri):
        raise UserError(
            f"--tracking-uri {redact(uri)}: a command line is recorded, so it must not hold a password. "
            "Put it in MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
        )
    return Target(root, _checked(uri, named_by), named_by)


def redact(text: str) -> str:
    """Return a text in which every user and password of a URI is replaced by ``***``."""
    return _CREDENTIALS.sub("***@", text)


def _checked(uri: str, named_by: str) -> str:
    if uri.startswith(_SQLITE):
        path = uri.removeprefix(_SQLITE)
        if path in ("", ":memory:"):
            raise UserError(f"{named_by}={uri}: a database in memory keeps nothing. Expected sqlite:///FILE.")
        return f"{_SQLITE}{Path(path).absolute()}"
    scheme = urlsplit(uri).scheme
    if uri != "databricks" and (not scheme or scheme == "file" or len(scheme) == 1):
        raise UserError(
            f"{named_by}={uri}: runs are not kept in a plain folder. Expected a database (sqlite:///FILE) or a "
            "server (http://HOST:PORT)."
        )
    known = {"sqlite", "http", "https", "databricks", *_DIALECTS, *_of_plugins()}
    if uri != "databricks" and scheme.split("+")[0] not in known:
        raise UserError(f"{named_by}={redact(uri)}: MLflow knows no '{scheme}'. {nearest(scheme, known)}")
    return uri


def _of_plugins() -> Iterator[str]:
    """Yield the schemes of the tracking servers that installed packages bring to MLflow."""
    return (point.name for point in importlib.metadata.entry_points(group="mlflow.tracking_store"))
