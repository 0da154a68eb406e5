"""Fixtures for the tests of execution: a worker over a real store, steps of the toy package, desks to make them at."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmark.events.log import EventLog
from benchmark.execution.desk import Desk, Toolbox
from benchmark.execution.worker import Worker
from benchmark.plan.planner import Plan
from benchmark.plan.platform import Platform
from benchmark.plan.specs import DatasetSpec, ExtractorSpec, GeneratorSpec, PromptsSpec, TaskSpec
from benchmark.plan.steps import DataConfig, EmbedConfig, FitConfig, Kind, PromptsConfig, SampleConfig, Step, TaskConfig
from benchmark.protocol.definition import Protocol
from benchmark.session import Choice, make_plan
from benchmark.store.store import Result, Store
from benchmark.suite.schema import RoleEntry

PLATFORM = Platform(device="cpu", torch="0.0", diffusers="0.0")


class Told:
    """A reporter that notes what it is told, and does what a test wants done when someone has to wait."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.on_wait: Callable[[], object] = lambda: None

    def begin(self, step: Step, position: int, total: int) -> None:
        self.calls.append(("begin", step.title, position, total))

    def advance(self, done: int, total: int, note: str = "") -> None:
        self.calls.append(("advance", done, total, note))

    def wait(self, step: Step) -> None:
        self.calls.append(("wait", step.title))
        self.on_wait()

    def end(self, step: Step, *, reused: bool) -> None:
        self.calls.append(("end", step.title, reused))

    def fail(self, step: Step, error: Exception) -> None:
        self.calls.append(("fail", step.title, error))

    def warn(self, text: str) -> None:
        self.calls.append(("warn", text))

    def record(self, record: Any) -> None:
        self.calls.append(("record", record))

    def of(self, kind: str) -> list[tuple[Any, ...]]:
        """What it was told by one of its methods, without the name."""
        return [call[1:] for call in self.calls if call[0] == kind]


class Toys:
    """Steps on the toy package's parts, whose keys hang on no installed version."""

    TRAIN = RoleEntry(split="train")
    PROTOCOL = Protocol(size=8, filter="box")

    def data(self, target: str = "toybench.data:Toy", root: Path | None = None, **params: Any) -> Step:
        """A dataset; 20 images a split unless told otherwise."""
        given = params if root is not None or params else {"count": 20}
        spec = DatasetSpec(name="toy", target=target, version=1, params=given, root=root, files=root and "f" * 64)
        return Step(kind="data", title="dataset toy", config=DataConfig(dataset=spec), platform=PLATFORM)

    def generator(
        self, target: str = "toybench.generate:Plain", *, folder: Path = Path(), **more: Any
    ) -> GeneratorSpec:
        """A variant."""
        return GeneratorSpec(**{"name": "toy", "target": target, "version": 1, "folder": folder, **more})

    def prompts(
        self, data: Step, *, on: RoleEntry = TRAIN, target: str = "toybench.prompts:ByLabel", **more: Any
    ) -> Step:
        """The prompts of its training images."""
        spec = PromptsSpec(name="toy", target=target, version=1, folder=Path(), **more)
        config = PromptsConfig(builder=spec, on=on)
        return Step(kind="prompts", title="prompts of toy", config=config, platform=PLATFORM, inputs={"data": data})

    def fit(
        self, data: Step, spec: GeneratorSpec, *, on: RoleEntry = TRAIN, seed: int = 0, prompts: Step | None = None
    ) -> Step:
        """A fit of it."""
        config = FitConfig(generator=spec, on=on, seed=seed)
        inputs = {"data": data} if prompts is None else {"data": data, "prompts": prompts}
        return Step(kind="fit", title="fit toy", config=config, platform=PLATFORM, inputs=inputs)

    def sample(
        self, data: Step, spec: GeneratorSpec, *, fit: Step | None = None, train: RoleEntry = TRAIN, roles: Any = None,
        seed: int = 0, start: int = 0, stop: int = 10, prompts: Step | None = None, **more: Any,
    ) -> Step:  # fmt: skip
        """A shard of it."""
        config = SampleConfig(generator=spec, train=train, roles=roles or {}, seed=seed, start=start, stop=stop, **more)
        given = {"data": data, "prompts": prompts, "fit": fit}
        inputs = {name: step for name, step in given.items() if step is not None}
        return Step(kind="sample", title="sample toy", config=config, platform=PLATFORM, inputs=inputs)

    def embed(
        self, data: Step, *, role: RoleEntry | None = None, shards: tuple[Step, ...] = (),
        target: str = "toybench.measure:MeanColor", protocol: Protocol = PROTOCOL,
    ) -> Step:  # fmt: skip
        """Features of a role, or of shards."""
        extractor = ExtractorSpec(name="toy-mean", target=target, version=1)
        config = EmbedConfig(extractor=extractor, protocol=protocol, role=role)
        inputs = {"data": data, **{f"shard/{number:05d}": shard for number, shard in enumerate(shards)}}
        return Step(kind="embed", title="embed toy", config=config, platform=PLATFORM, inputs=inputs)

    def task(
        self, kind: Kind, data: Step, inputs: Mapping[str, Step] | None = None, *, images: Any = None, seed: int = 0,
        target: str = "toybench.measure:Distance", protocol: Protocol = PROTOCOL, **params: Any,
    ) -> Step:  # fmt: skip
        """A baseline or a measurement."""
        task = TaskSpec(name="toy-distance", target=target, version=1, params=params)
        config = TaskConfig(task=task, protocol=protocol, images=images or {}, seed=seed)
        return Step(
            kind=kind, title=f"{kind} toy", config=config, platform=PLATFORM, inputs={"data": data, **(inputs or {})}
        )


@pytest.fixture
def toys() -> Toys:
    """Makes steps."""
    return Toys()


@pytest.fixture
def told() -> Told:
    """The reporter of the worker and the desks of a test."""
    return Told()


@pytest.fixture
def events(tmp_path: Path) -> Iterator[EventLog]:
    """The worker's event log."""
    log = EventLog(tmp_path / "events.jsonl")
    yield log
    log.close()


@pytest.fixture
def store() -> Iterator[Store]:
    """An empty store, in memory where there is such a place: publishing waits for the disk many times a test."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Store(Path(folder) / "store")


@pytest.fixture
def worker(store: Store, told: Told, events: EventLog) -> Worker:
    """A worker over a store of its own."""
    return Worker(store, Toolbox("cpu"), events, told, "an invocation")


@pytest.fixture
def obtain(worker: Worker) -> Callable[[Step], Result]:
    """Obtains a step and all it stands on."""

    def go(step: Step) -> Result:
        return worker.obtain(step, {name: go(inner) for name, inner in step.inputs.items()}, 1, 1)

    return go


@pytest.fixture
def desk(obtain: Callable[[Step], Result], worker: Worker, told: Told, tmp_path: Path) -> Callable[[Step], Desk]:
    """Makes a desk for a step whose inputs were obtained for real; what it reports goes to `told`."""

    def make(step: Step) -> Desk:
        inputs = {name: obtain(inner) for name, inner in step.inputs.items()}
        work = tmp_path / f"desk-{step.key[:12]}"
        for name in ("out", "scratch"):
            (work / name).mkdir(parents=True)
        told.calls.clear()
        logged = lambda *point: told.calls.append(("log", *point))  # noqa: E731
        return Desk(step, inputs, work / "out", work / "scratch", worker.toolbox, told.advance, logged)

    return make


@pytest.fixture
def plan(tmp_path: Path) -> Callable[..., Plan]:
    """Plans the toy suite, or one of one's own."""

    def make(
        suite: object = "toy", *, generators: Any = (), seeds: Any = (), limit: int | None = None, **more: Any
    ) -> Plan:
        choice = Choice(
            str(suite),
            tuple(generators),
            tuple(seeds),
            None,
            "cpu",
            limit,
            tuple(filter(None, [more.get("registry")])),
            offline=False,
        )
        return make_plan(choice, Store(tmp_path / "planned", make=False).digest_of)

    return make


@pytest.fixture
def registry(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a registry of one's own: the text of ``mine.py`` and the entries that name its classes."""

    def write(code: str, entries: str) -> Path:
        (tmp_path / "mine.py").write_text(
            f"import numpy as np\nfrom benchmark.contracts.generator import Batch\n{code}"
        )
        path = tmp_path / "mine.yaml"
        path.write_text(entries)
        return path

    return write
