"""Fixtures for the tests of the store: finished steps, processes beside this one, a user without rights."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from benchmark import digests
from benchmark.provenance import Provenance
from benchmark.store import manifest as manifests
from benchmark.store.manifest import Manifest, RunEntry
from benchmark.store.store import Result, Store

NOBODY = 65534
MOMENTS = ("os.listdir", "os.scandir", "shutil.rmtree")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def describe() -> Callable[..., Manifest]:
    """The manifest of a folder of files."""

    def build(
        folder: Path, *, kind: str = "fit", wall_s: float = 2.0, recipe: dict[str, Any] | None = None
    ) -> Manifest:
        known = Provenance(
            commit=None, dirty=None, packages={}, python="3.11.7", system="Linux x86_64", processor="A processor",
            cores=2, threads=1, accelerator=None,
        )  # fmt: skip
        files, recipe = manifests.describe_files(folder), recipe or {"n": 1}
        return Manifest(
            kind=kind, title="a step", key=digests.of_value(recipe), recipe=recipe, files=files,
            digest=manifests.digest_of(files),
            run=RunEntry(invocation="one", started="2026-01-01T00:00:00.000+00:00", wall_s=wall_s, provenance=known),
        )  # fmt: skip

    return build


@pytest.fixture
def write_out() -> Callable[[Path, dict[str, bytes]], Path]:
    """A folder of files, made anew."""

    def write(folder: Path, files: dict[str, bytes]) -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return folder

    return write


@pytest.fixture
def finish(describe, write_out) -> Callable[..., Result]:
    """A finished step in a store; told apart by `n` where no recipe is given."""

    def publish(store: Store, files: dict[str, bytes] | None = None, *, n: int = 1, **more: Any) -> Result:
        out = write_out(store.root.with_name("made"), files or {"a.bin": b"some bytes"})
        return store.publish(describe(out, **{"recipe": {"n": n}, **more}), out)

    return publish


@pytest.fixture
def start() -> Iterator[Callable[[Callable[[], object]], BaseProcess]]:
    """Starts functions in processes of their own; what is left of these at the end is killed."""
    started: list[BaseProcess] = []

    def run(function: Callable[[], object]) -> BaseProcess:
        process = multiprocessing.get_context("fork").Process(target=function)
        process.start()
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.join()


@pytest.fixture
def ended() -> Callable[..., bool]:
    """Whether processes have ended well, after waiting for them a generous while."""

    def look(*processes: BaseProcess) -> bool:
        for process in processes:
            process.join(60)
        return all(process.exitcode == 0 for process in processes)

    return look


@pytest.fixture
def meanwhile(start, ended) -> Callable[[Path, Callable[[], object], Callable[[], object]], bool]:
    """Whether a function ends well, in a process where something happens just before a folder is listed or removed."""

    def run(folder: Path, happens: Callable[[], object], function: Callable[[], object]) -> bool:
        def watched() -> None:
            seen = []

            def watch(event: str, arguments: tuple[Any, ...]) -> None:
                if event in MOMENTS and not seen and str(arguments[0]) == str(folder):
                    seen.append(event)
                    happens()

            sys.addaudithook(watch)
            function()
            assert seen, f"{folder} was neither listed nor removed"

        return ended(start(watched))

    return run


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that other users can reach, as `tmp_path` is not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture
def as_nobody(start, ended) -> Callable[[Callable[[], object]], bool]:
    """Whether a function ends well, called by a user to whom the modes of files apply: root is asked for nothing."""

    def run(function: Callable[[], object]) -> bool:
        def lowered() -> None:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            function()

        return ended(start(lowered))

    return run
