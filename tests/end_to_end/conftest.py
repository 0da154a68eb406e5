"""Fixtures for tests through real processes: `bench` as a user calls it, and what it leaves behind."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TOYBENCH = ROOT / "tests" / "toybench"

LIMIT_S = 900.0
"""What no command takes, however busy the machine."""


class Said(NamedTuple):
    """What a command answered."""

    code: int
    """Its status, or the signal that ended it as a negative number."""
    out: str
    err: str


@dataclass(frozen=True)
class Running:
    """A command at work, the first of a process group of its own."""

    pid: int
    out: Path
    err: Path
    poll: Callable[[], int | None]

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, as a terminal does."""
        os.killpg(self.pid, number)

    def wait(self) -> Said:
        """Return what the command answered when it has ended."""
        code = until(self.poll)
        return Said(code, self.out.read_text(), self.err.read_text())


class Start(Protocol):
    """Starts `bench` with arguments, in a folder and an environment."""

    def __call__(self, *arguments: object, cwd: Path | None = None, **environment: str) -> Running: ...


class Bench(Protocol):
    """Calls `bench` and returns what it said."""

    def __call__(self, *arguments: object, cwd: Path | None = None, **environment: str) -> Said: ...


def until(look: Callable[[], Any]) -> Any:
    """Return what `look` returns as soon as that is something."""
    deadline = time.monotonic() + LIMIT_S
    while (found := look()) is None or found is False:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any]], Any]:
    """Waits until something holds, or is there, and returns it."""
    return until


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of commands: this checkout's code and the toy package; no tracking, no GPU."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith(("BENCH_", "MLFLOW_", "PYTEST_"))}
    path = os.pathsep.join([str(ROOT), str(TOYBENCH)])
    return {**kept, "BENCH_TRACKING": "0", "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": path}


@pytest.fixture
def start(
    _light: _Forks, _places: Callable[[], tuple[Path, Path]], environment: dict[str, str], tmp_path: Path
) -> Start:
    """Starts `bench` in a process forked from one that has imported it."""
    return _starting(_light.start, _places, environment, tmp_path)


@pytest.fixture
def start_with_torch(
    _heavy: _Forks, _places: Callable[[], tuple[Path, Path]], environment: dict[str, str], tmp_path: Path
) -> Start:
    """The same from a process that has imported torch and diffusers too, which takes longer than most tests."""
    return _starting(_heavy.start, _places, environment, tmp_path)


@pytest.fixture
def start_afresh(_places: Callable[[], tuple[Path, Path]], environment: dict[str, str], tmp_path: Path) -> Start:
    """Starts `bench` as a command of its own, imports and all."""

    def begin(arguments: list[str], cwd: Path, surroundings: Mapping[str, str], out: Path, err: Path) -> Running:
        with out.open("w") as said, err.open("w") as warned:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "benchmark.cli.main", *arguments], cwd=cwd, env=surroundings,
                stdin=subprocess.DEVNULL, stdout=said, stderr=warned, start_new_session=True,
                # A shell that starts the tests in the background lets them, and so this, ignore Ctrl-C.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )  # fmt: skip
        return Running(process.pid, out, err, process.poll)

    return _starting(begin, _places, environment, tmp_path)


@pytest.fixture
def bench(start: Start) -> Bench:
    """Calls `bench` in a process forked from one that has imported it."""
    return lambda *arguments, **more: start(*arguments, **more).wait()


@pytest.fixture
def bench_afresh(start_afresh: Start) -> Bench:
    """Calls `bench` as a command of its own."""
    return lambda *arguments, **more: start_afresh(*arguments, **more).wait()


def _starting(
    begin: Callable[..., Running],
    places: Callable[[], tuple[Path, Path]],
    environment: dict[str, str],
    folder: Path,
) -> Start:
    def start(*arguments: object, cwd: Path | None = None, **more: str) -> Running:
        return begin(list(map(str, arguments)), cwd or folder, {**environment, **more}, *places())

    return start


@pytest.fixture
def _places(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[Path, Path]]:
    """Gives each command two files to speak into."""
    folder, numbers = tmp_path_factory.mktemp("said"), itertools.count()

    def places() -> tuple[Path, Path]:
        number = next(numbers)
        return folder / f"{number}.out", folder / f"{number}.err"

    return places


@pytest.fixture(scope="session")
def _light() -> Iterator[_Forks]:
    """Forks of a process that has imported what a run of toys imports."""
    yield from _serving("benchmark.cli.main", "benchmark.cli.invoke", "benchmark.session", "leaderboard.after_run")


@pytest.fixture(scope="session")
def _heavy() -> Iterator[_Forks]:
    """Forks of a process that has imported what a run of Stable Diffusion imports."""
    yield from _serving("benchmark.cli.invoke", "leaderboard.after_run", "generators.stable_diffusion.fine_tuning")


def _serving(*modules: str) -> Iterator[_Forks]:
    path = os.pathsep.join([str(ROOT), str(TOYBENCH)])
    command = [sys.executable, "-P", str(Path(__file__).with_name("forking.py")), *modules]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as server:
        yield _Forks(server)
        assert server.stdin is not None
        server.stdin.close()


class _Forks:
    """The near end of `forking.py`."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self._server = server

    def start(self, arguments: list[str], cwd: Path, environment: Mapping[str, str], out: Path, err: Path) -> Running:
        order = {"arguments": arguments, "cwd": str(cwd), "environment": environment, "out": str(out), "err": str(err)}
        child, ended = self._ask(order), []

        def poll() -> int | None:
            if not ended and (code := self._ask({"poll": child})) is not None:
                ended.append(code)
            return ended[0] if ended else None

        return Running(child, out, err, poll)

    def _ask(self, order: Mapping[str, Any]) -> Any:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())


@pytest.fixture
def records_of(records_of: Callable[[Path], dict[str, Any]]) -> Callable[[Path], dict[str, Any]]:
    """The same, without the commit either: somebody may be at work in this checkout."""

    def read(store: Path) -> dict[str, Any]:
        found = records_of(store)
        for record in found.values():
            del record["provenance"]["commit"], record["provenance"]["dirty"]
        return found

    return read


@pytest.fixture
def undisturbed(gates: Any, bench: Bench, records_of: Any, tmp_path: Path) -> dict[str, Any]:
    """The records of a run that halts nowhere and lacks nothing."""
    assert bench(*gates.arguments, "--store", tmp_path / "undisturbed").code == 0
    found: dict[str, Any] = records_of(tmp_path / "undisturbed")
    assert len(found) == 2
    return found


@pytest.fixture
def events_of() -> Callable[[Path], list[list[dict[str, Any]]]]:
    """The event logs of a store, the oldest first; a line cut short by a kill is left out."""

    def read(store: Path) -> list[list[dict[str, Any]]]:
        logs = [path.read_text().split("\n")[:-1] for path in (store / "events").glob("*.jsonl")]
        events = [[json.loads(line) for line in log] for log in logs if log]
        return sorted(events, key=lambda log: str(log[0]["time"]))

    return read


@pytest.fixture
def halt() -> Iterator[Callable[[int], None]]:
    """Halts a process and returns when it stands; lets it go on when the test is over, however that ended."""
    halted: list[int] = []

    def stop(process: int) -> None:
        halted.append(process)
        os.kill(process, signal.SIGSTOP)
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        until(lambda: all((task / "stat").read_text().rpartition(")")[2].split()[0] == "T" for task in tasks))

    yield stop
    for process in halted:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


@pytest.fixture
def senders_of() -> Callable[[Path], list[int]]:
    """The processes that send the results of a store to the tracker."""

    def find(store: Path) -> list[int]:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue  # It has ended meanwhile.
            if b"benchmark.tracking.sender" in words and str(store).encode() in words:
                found.append(int(path.parent.name))
        return found

    return find


@pytest.fixture
def suite_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a suite file: the toy suite with some keys changed; None takes a key out."""

    def write(name: str = "mine", **changes: Any) -> Path:
        suite = yaml.safe_load((TOYBENCH / "toybench" / "toy.yaml").read_text())
        changed = {**suite, "name": name, **changes}
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump({key: value for key, value in changed.items() if value is not None}))
        return path

    return write


PAUSING = '''
"""A generator that halts where it is told, so that a test can do something at that very moment."""

import os
import time
from pathlib import Path

from toybench.generate import Plain


class Pausing(Plain):
    def __init__(self, gates):
        super().__init__()
        self.gates = Path(gates)

    def fit(self, train, context):
        (context.scratch / "begun").touch()
        self._halt("fit")
        super().fit(train, context)

    def sample(self, requests, context):
        self._halt("sample")
        yield from super().sample(requests, context)

    def _halt(self, where):
        (self.gates / f"{where}.reached").touch()
        parent = os.getppid()
        while (self.gates / f"{where}.shut").exists():
            time.sleep(0.02)
            if os.getppid() != parent:
                os._exit(1)  # The tests themselves were killed.
'''


@dataclass(frozen=True)
class Gates:
    """Where a generator halts, and the arguments of a run with it."""

    folder: Path
    arguments: tuple[object, ...]

    def shut(self, where: str) -> None:
        """Let the generator halt at its fit or its sampling from now on."""
        (self.folder / f"{where}.reached").unlink(missing_ok=True)
        (self.folder / f"{where}.shut").touch()

    def reached(self, where: str) -> None:
        """Wait until it is there."""
        until((self.folder / f"{where}.reached").exists)

    def open(self, where: str) -> None:
        """Let it go on."""
        (self.folder / f"{where}.shut").unlink()


@pytest.fixture
def gates(tmp_path: Path, suite_file: Callable[..., Path]) -> Iterator[Gates]:
    """A suite of a generator that halts on demand, from a registry file, and a real control after it."""
    folder = tmp_path / "gates"
    folder.mkdir()
    (tmp_path / "pausing.py").write_text(PAUSING)
    entry = {
        "generator": "pausing.py:Pausing",
        "summary": "Halts.",
        "fits_on": "train",
        "params": {"gates": str(folder)},
    }
    registry = tmp_path / "registry.yaml"
    registry.write_text(yaml.safe_dump({"pausing": entry}))
    suite = suite_file("halting", variants=["pausing", "toy-real"], primary=[])
    yield Gates(folder, ("run", "--suite", suite, "--registry", registry))
    for path in folder.glob("*.shut"):
        path.unlink()  # A failing test leaves nobody waiting.
