"""Fixtures for the tests of `bench`: plans, packages from outside, a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmark.plan.planner import Plan
from benchmark.session import Choice, make_plan
from benchmark.store.store import Store


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Plan]:
    """Plans the toy suite, or one of one's own, on a store that is made when it is run."""

    def make(
        suite: object = "toy",
        generators: tuple[str, ...] = (),
        seeds: tuple[int, ...] = (),
        *,
        store: Path | None = None,
        registry: Path | None = None,
        limit: int | None = None,
    ) -> Plan:
        choice = Choice(
            str(suite), generators, seeds, None, "cpu", limit, () if registry is None else (registry,), offline=False
        )
        return make_plan(choice, Store(store or tmp_path / "store", make=False).digest_of)

    return make


@pytest.fixture
def outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_discovery: None
) -> Iterator[Callable[[Mapping[str, str], Mapping[str, str]], Path]]:
    """Installs a package `elsewhere` of given files and entry points for one test; returns the folder it is in."""

    def install(points: Mapping[str, str], contents: Mapping[str, str]) -> Path:
        site = tmp_path / "site"
        for folder in ("elsewhere", "elsewhere-1.0.dist-info"):
            (site / folder).mkdir(parents=True)
        for name, content in {"__init__.py": "", **contents}.items():
            (site / "elsewhere" / name).write_text(content)
        about = site / "elsewhere-1.0.dist-info"
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
        text = "\n".join(f"[histobench.{group}]\n{lines}" for group, lines in points.items())
        (about / "entry_points.txt").write_text(text)
        monkeypatch.syspath_prepend(str(site))
        return site

    yield install
    for name in [name for name in sys.modules if name.split(".")[0] == "elsewhere"]:
        del sys.modules[name]


@pytest.fixture
def script() -> Path:
    """The installed command, as a shell finds it."""
    return Path(sysconfig.get_path("scripts")) / "bench"


@pytest.fixture
def on_terminal() -> Callable[..., tuple[int, str, str]]:
    """Runs a command whose standard error is a terminal; returns status, standard output, what the terminal got."""

    def run(command: list[str], **more: Any) -> tuple[int, str, str]:
        ours, theirs = pty.openpty()
        size = {"COLUMNS": "150", "LINES": "40", "TERM": "xterm", **more.pop("env", {})}
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=theirs, text=True, env={**os.environ, **size}, **more
        )
        os.close(theirs)
        said = b""
        try:
            while part := os.read(ours, 65536):
                said += part
        except OSError:
            pass  # So a terminal tells that nobody writes to it anymore.
        os.close(ours)
        out, _ = process.communicate(timeout=120)
        return process.returncode, out, said.decode()

    return run
