"""Fixtures for the tests of the engine: `bench` in this process and as a real one, stores, suites, crashes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
import yaml

from benchmark.cli.main import main
from benchmark.registry import discovery

TOY_SUITE = Path(__file__).resolve().parents[1] / "toybench" / "toybench" / "toy.yaml"


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


class Call(Protocol):
    """Calls `bench` and returns what it said."""

    def __call__(self, *arguments: object) -> Said: ...


@pytest.fixture(autouse=True)
def _no_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests are of the engine: nothing is sent to a tracker."""
    monkeypatch.setenv("BENCH_TRACKING", "0")


@pytest.fixture
def bench(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """`bench` in this process, through its real entry; a traceback fails the test."""

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capfd.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def command() -> list[str]:
    """`bench` as a command of its own process."""
    return [sys.executable, "-m", "benchmark.cli.main"]


@pytest.fixture
def bench_process(command: list[str], tmp_path: Path) -> Call:
    """`bench` in a process of its own, called in an empty folder."""

    def call(*arguments: object) -> Said:
        done = subprocess.run(
            [*command, *map(str, arguments)], cwd=tmp_path, capture_output=True, text=True, timeout=120
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def toy_suite(tmp_path: Path) -> Callable[..., Path]:
    """A suite file of one's own: the toy suite with some keys changed; None takes a key out."""

    def write(name: str = "mine", **changes: Any) -> Path:
        suite = {**yaml.safe_load(TOY_SUITE.read_text()), "name": name, **changes}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in suite.items() if value is not None}))
        return path

    return write


@pytest.fixture(scope="session")
def _undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the toy suite, one seed; tests get copies."""
    store = tmp_path_factory.mktemp("undisturbed") / "store"
    subprocess.run(
        [sys.executable, "-m", "benchmark.cli.main", "run", "--suite", "toy", "--store", str(store), "--quiet"],
        check=True, capture_output=True, timeout=120, cwd=store.parent, env={**os.environ, "BENCH_TRACKING": "0"},
    )  # fmt: skip
    return store


@pytest.fixture
def undisturbed(_undisturbed: Path, tmp_path: Path) -> Path:
    """A copy of the store of a finished run of the toy suite."""
    return Path(shutil.copytree(_undisturbed, tmp_path / "undisturbed"))


@pytest.fixture
def killed_at() -> Callable[[int, Path, Callable[[], object]], bool]:
    """Runs a function in a forked process that is SIGKILLed at its n-th file operation below a folder."""

    def run(nth: int, folder: Path, function: Callable[[], object]) -> bool:
        child = os.fork()
        if child == 0:
            _die_at(nth, str(folder))
            status = 1
            try:
                function()
                status = 0
            finally:
                os._exit(status)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or os.WEXITSTATUS(status) == 0, "the function itself failed"
        return killed

    return run


def _die_at(nth: int, folder: str) -> None:
    seen = 0
    operations = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")

    def watch(event: str, arguments: Sequence[Any]) -> None:
        nonlocal seen
        if event in operations and str(arguments[0]).startswith(folder):
            seen += 1
            if seen == nth:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Waits until something holds, a generous while."""

    def wait(holds: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)

    return wait


@pytest.fixture
def fresh_discovery() -> Iterator[None]:
    """Entry points are looked up anew in this test and after it."""
    registries = (discovery.tasks, discovery.datasets, discovery.extractors, discovery.verbs, discovery.generators)
    for registry in registries:
        registry.cache_clear()
    yield
    for registry in registries:
        registry.cache_clear()
