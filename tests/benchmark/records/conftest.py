"""Records made up for the tests, every field of them filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from benchmark.contracts.dataset import Identity
from benchmark.contracts.task import Metric, Value
from benchmark.protocol.definition import Protocol
from benchmark.provenance import Provenance
from benchmark.records.schema import DatasetEntry, Record, Run, StepEntry, SuiteEntry, TaskEntry, VariantEntry
from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates, Side
from benchmark.statistics.subsampling import Subsamples
from benchmark.suite.schema import RoleEntry

METRIC = Metric(
    name="fd", title="Fréchet distance", direction="lower", bounds=(0.0, None), unit="1", estimand="at this N",
    definition="a formula", source="a paper", bounded_by=("real", "noise"), blind_to="copies",
)  # fmt: skip
VALUES = (
    Value(
        metric="fd", value=1.5, n={"reference": 10, "synthetic": 20}, extractor="net",
        interval=Interval(0.5, 2.5, 0.95, "a method", 19.0), samples={"sd": 0.25}, note="a note",
        replicates=Replicates(1.5, (Side("real", (1.25, 1.75), (5, 5), "d"),)),
    ),
    Value(metric="fd", value=0.5, n={"test": 3}, note="n", replicates=Subsamples(0.5, (0.4, 0.6), (0.3, 0.7), 9, "d")),
    Value(metric="fd", value=None, n={"test": 3}, refused="too few"),
)  # fmt: skip


def record_of(variant: str = "mine", **changes: Any) -> Record:
    """A record; `suite`, `identity`, `run`, `provenance` and `task` change single fields of these parts."""
    part = {key: changes.pop(key, {}) for key in ("suite", "identity", "run", "provenance", "task")}
    suite = {
        "name": "study", "version": 1, "digest": "d" * 64, "identifier": "study@1-0123456789ab", "summary": "s",
        "limit": None, "variants": ("mine", "other"), "primary": ("mine",),
    }  # fmt: skip
    provenance = {
        "commit": "c" * 40, "dirty": True, "packages": {"torch": "2.11.0"}, "python": "3.11.7",
        "system": "Linux x86_64", "processor": "p", "cores": 2, "threads": 1, "accelerator": None,
    }  # fmt: skip
    run = {
        "invocation": "one", "command": "bench run", "started": "2026-01-01T00:00:00.000+00:00",
        "finished": "2026-01-01T00:00:01.000+00:00", "wall_s": {"fit": 1.25},
    }  # fmt: skip
    identity = {"name": "phantom", "digest": "f" * 64, "official": True}
    task = {"name": "fidelity", "version": 1, "given": {"k": 3}, "resolved": {"k": 3, "shares": [0.5, None]}}
    fields: dict[str, Any] = {
        "status": "complete", "error": None, "suite": SuiteEntry(**(suite | part["suite"])),
        "dataset": DatasetEntry(
            name="phantom", params={"count": 8}, identity=Identity(**(identity | part["identity"])), codec="none",
            roles={"train": RoleEntry(split="train"), "floor": RoleEntry(split="valid", part=(0.5, 1.0), n=7)},
        ),
        "variant": VariantEntry(
            name=variant, kind="generator", summary="s", origin="histobench", generator="mod:Mine", version=1,
            source=None, fits_on="train", reads=(), guided_by=("dino",), weights={"base": "ab"}, given={},
            resolved={"steps": 4},
        ),
        "task": TaskEntry(**(task | part["task"])), "seed": 0, "n_synthetic": 20, "protocol": Protocol(size=32),
        "extractors": {"net": 1}, "metrics": (METRIC,), "values": VALUES, "device": "cpu",
        "steps": (StepEntry(kind="fit", title="a fit", key="k" * 64, digest="e" * 64),),
        "provenance": Provenance(**(provenance | part["provenance"])), "run": Run(**(run | part["run"])),
    }  # fmt: skip
    return Record(**(fields | changes))


@pytest.fixture
def record() -> Callable[..., Record]:
    """Makes records."""
    return record_of
