"""Fixtures for the tests of the engine: `bench` in this process and as a real one, stores, suites, crashes."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pytest
import yaml

from benchmark.cli.main import main
from benchmark.datasets import checksums, pcam_meta, pcam_release, pcam_writer, splits
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


class Mirror:
    """A web server of one's own: what it holds by path, how it misbehaves, and what was asked of it."""

    def __init__(self) -> None:
        self.address = ""
        self.held: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        """Path and range of each request."""
        self.ranges = True
        """Whether a range is heeded."""
        self.tells_length = True
        """Whether an answer says how long it is."""
        self.answers: list[tuple[int, dict[str, str]]] = []
        """Status and headers of the next answers, in place of the file."""
        self.cuts: list[int] = []
        """After how many bytes of its body each of the next answers is cut off."""
        self.headers: dict[str, str] = {}
        """Sent with every file."""
        self.block_s = 0.0
        """Seconds after each 64 kB."""


class _Serving(http.server.BaseHTTPRequestHandler):
    mirror: Mirror

    def do_GET(self) -> None:
        mirror, wanted = self.mirror, self.headers.get("Range")
        mirror.asked.append((self.path, wanted))
        if mirror.answers:
            status, headers = mirror.answers.pop(0)
            return self._answer(status, b"no", headers)
        content = mirror.held.get(self.path)
        if content is None:
            return self._answer(404, b"no such file", {})
        found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        start = int(found[1]) if found and mirror.ranges else 0
        if start and start >= len(content):
            return self._answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
        span = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        return self._answer(206 if start else 200, content[start:], {**mirror.headers, **span})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        mirror = self.mirror
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if mirror.tells_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        end = mirror.cuts.pop(0) if mirror.cuts and status < 300 else len(body)
        try:
            for at in range(0, end, 1 << 16):
                self.wfile.write(body[at : min(at + (1 << 16), end)])
                time.sleep(mirror.block_s)
        except OSError:
            pass  # Who asked has enough.

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    """A web server that can send parts of files, wrong ones, refusals, and cut its answers off."""
    told = Mirror()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Serving,), {"mirror": told}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def release(mirror: Mirror, tmp_path_factory: pytest.TempPathFactory) -> tuple[pcam_release.ReleaseFile, ...]:
    """A release of a dozen patches a split, which the mirror holds, and its table; the files themselves are unpacked."""
    root = tmp_path_factory.mktemp("release")
    random = np.random.default_rng(1)
    sources = {}
    for split in splits.SPLITS:
        labels = np.arange(12, dtype=np.uint8) % 2
        meta = tuple(pcam_meta.MetaRow(0, at, bool(at % 2), bool(at % 2), f"{split}_{at // 4}") for at in range(12))
        patches = random.integers(0, 256, (12, 96, 96, 3), dtype=np.uint8)
        sources[split] = pcam_writer.SplitSource(12, [pcam_writer.PatchBlock(patches, labels, meta)])
    pcam_writer.write_splits(root, sources)
    return tuple(_released(root / "pcam" / file.name, mirror) for file in pcam_release.files())


def _released(path: Path, mirror: Mirror) -> pcam_release.ReleaseFile:
    """Put a file on the mirror, packed where it is HDF5."""
    content, md5 = path.read_bytes(), checksums.digest_file(path).md5
    if path.suffix == ".csv":
        mirror.held[f"/pcam/{path.name}"] = content
        return pcam_release.ReleaseFile(path.name, md5, len(content), None)
    packed = mirror.held[f"/pcam/{path.name}.gz"] = gzip.compress(content, 1)
    known = (len(packed), hashlib.sha256(packed).hexdigest(), hashlib.md5(packed).hexdigest())
    return pcam_release.ReleaseFile(path.name, md5, len(content), pcam_release.Packed(*known))
