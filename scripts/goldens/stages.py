"""One step of every kind, on parts that are exact, so that all that is watched is the stage's own code."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmark.events.log import EventLog
from benchmark.execution.desk import Toolbox
from benchmark.execution.report import Silent
from benchmark.execution.worker import Worker
from benchmark.plan import steps
from benchmark.plan.platform import Platform
from benchmark.plan.specs import DatasetSpec, ExtractorSpec, GeneratorSpec, PromptsSpec, TaskSpec
from benchmark.plan.steps import DataConfig, EmbedConfig, FitConfig, Kind, PromptsConfig, SampleConfig, Step, TaskConfig
from benchmark.protocol.definition import Protocol
from benchmark.store.store import Result, Store
from benchmark.strict import Strict
from benchmark.suite.schema import RoleEntry
from scripts.goldens.watched import Watched, files

_PLATFORM = Platform(device="cpu", torch="0.0", diffusers="0.0")
_SEED = 3
_ROLES = {
    "train": RoleEntry(split="train", part=(0.0, 0.8)),
    "reference": RoleEntry(split="valid", part=(0.0, 0.5), n=9),
    "floor": RoleEntry(split="valid", part=(0.5, 1.0)),
    "test": RoleEntry(split="test", by="image"),
}
_PROTOCOL = Protocol(size=8, filter="box")


def watched() -> dict[str, Watched]:
    """Return the stages, by name."""
    return {
        f"stage {kind}": Watched(
            version, f"VERSIONS['{kind}'] in benchmark/plan/steps.py", functools.partial(_output, kind)
        )
        for kind, version in steps.VERSIONS.items()
    }


def _output(kind: Kind) -> dict[str, Any]:
    return _outputs()[kind]


@functools.cache
def _outputs() -> dict[Kind, dict[str, Any]]:
    """Return what the steps leave, those of one kind together, by title and file."""
    found: dict[Kind, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        worker = Worker(Store(root / "store"), Toolbox("cpu"), EventLog(root / "events.jsonl"), Silent(), "goldens")
        results: dict[str, Result] = {}
        for step in {step.key: step for step in _measure().walk()}.values():
            inputs = {name: results[inner.key] for name, inner in step.inputs.items()}
            results[step.key] = worker.obtain(step, inputs, 1, 1)
            found.setdefault(step.kind, {})[step.title] = files(results[step.key].folder)
        worker.events.close()
    return found


def _measure() -> Step:
    """Return a measurement that stands on steps of every other kind, images in two shards."""
    data = _step("data", "data", DataConfig(dataset=_spec(DatasetSpec, "Marks")), {})
    generator = _spec(GeneratorSpec, "Echo", folder=Path(), reads=("floor",))
    builder = PromptsSpec(name="ByLabel", target="toybench.prompts:ByLabel", version=1, folder=Path())
    prompts = _step("prompts", "prompts", PromptsConfig(builder=builder, on=_ROLES["train"]), {"data": data})
    given = {"data": data, "prompts": prompts}
    fit = _step("fit", "fit", FitConfig(generator=generator, on=_ROLES["train"], seed=_SEED), given)
    shards = {
        f"shard/{number:05d}": _step("sample", f"shard {number}", _sample(generator, *ends), {"data": data, "fit": fit})
        for number, ends in enumerate([(0, 6), (6, 11)])
    }
    real = _step("embed", "real", _embed(_ROLES["reference"]), {"data": data})
    synthetic = _step("embed", "synthetic", _embed(None), {"data": data, **shards})
    inputs = {"data": data, "features/sums/reference": real}
    baseline = _step("baseline", "baseline", _task({"test": _ROLES["test"]}), inputs)
    inputs = {**inputs, "features/sums/synthetic": synthetic, **shards, "baseline": baseline}
    return _step("measure", "measure", _task({"test": _ROLES["test"], "synthetic": None}), inputs)


def _step(kind: Kind, title: str, config: Strict, inputs: Mapping[str, Step]) -> Step:
    return Step(kind=kind, title=title, config=config, platform=_PLATFORM, inputs=inputs)


def _sample(generator: GeneratorSpec, start: int, stop: int) -> SampleConfig:
    roles = {"floor": _ROLES["floor"]}
    return SampleConfig(
        generator=generator, train=_ROLES["train"], roles=roles, seed=_SEED, start=start, stop=stop
    )  # fmt: skip


def _embed(role: RoleEntry | None) -> EmbedConfig:
    return EmbedConfig(extractor=_spec(ExtractorSpec, "Sums"), protocol=_PROTOCOL, role=role)


def _task(images: Mapping[str, RoleEntry | None]) -> TaskConfig:
    return TaskConfig(task=_spec(TaskSpec, "Tally"), protocol=_PROTOCOL, images=dict(images), seed=_SEED)


def _spec(kind: Any, name: str, **more: Any) -> Any:
    return kind(name=name.lower(), target=f"toybench.echo:{name}", version=1, **more)
