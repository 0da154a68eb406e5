"""Records made up for the tests: single ones to the letter, and a whole study of realistic numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmark.artifacts import image_set
from benchmark.contracts.dataset import Identity
from benchmark.contracts.generator import Requests
from benchmark.contracts.task import Metric, Value
from benchmark.protocol.definition import Protocol
from benchmark.provenance import Provenance
from benchmark.records.schema import DatasetEntry, Record, Run, SuiteEntry, TaskEntry, VariantEntry
from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates, Side
from benchmark.statistics.subsampling import Subsamples
from benchmark.store.store import Store
from benchmark.suite.schema import RoleEntry

VARIANTS = ("off-the-shelf", "label-prompts", "morphology-k12", "vae-roundtrip", "real-holdout", "noise")
CONTROLS = {"vae-roundtrip": ("floor",), "real-holdout": ("floor",), "noise": ()}
N = {"reference": 750, "synthetic": 1500}


def metric(name: str = "fd", **changes: Any) -> Metric:
    """A metric; lower is better unless told otherwise."""
    fields: dict[str, Any] = {
        "title": f"The {name}", "direction": "lower", "bounds": (0.0, None), "unit": "1",
        "estimand": "its expectation at this N", "definition": f"how {name} is computed", "source": "a paper, eq. 1",
        "bounded_by": ("real-holdout", "noise"), "blind_to": "copies",
    }  # fmt: skip
    return Metric(name=name, **(fields | changes))


def value(number: float | None = 1.0, name: str = "fd", **changes: Any) -> Value:
    """A value; without an interval unless one is given."""
    fields: dict[str, Any] = {"n": N, "extractor": "net", "note": None if number is None else "no interval here"}
    return Value(metric=name, value=number, **(fields | changes))


def interval(low: float, high: float, method: str = "delete-a-group jackknife, t quantile") -> Interval:
    """A 95 % interval."""
    return Interval(low, high, 0.95, method, 19.0)


def replicates(full: float, jitter: Sequence[float], digest: str = "same") -> Replicates:
    """Leave-one-out values of one side: the full value and what is added to it without each group."""
    side = Side("real", tuple(full + one for one in jitter), (10,) * len(jitter), digest)
    return Replicates(full, (side,))


def variant(name: str = "label-prompts", **changes: Any) -> VariantEntry:
    """A variant; the study's controls by their names."""
    is_control = name in CONTROLS
    fields: dict[str, Any] = {
        "kind": "control" if is_control else "generator", "summary": f"What {name} is.", "origin": "histobench",
        "generator": f"generators.some:{name.title().replace('-', '')}", "version": 1, "source": None,
        "fits_on": None if is_control else "train", "reads": CONTROLS.get(name, ()),
        "guided_by": ("dino",) if "morphology" in name else (), "weights": {} if is_control else {"base": "ab" * 32},
        "given": {"steps": 400}, "resolved": {"steps": 400, "guidance": 7.5},
    }  # fmt: skip
    return VariantEntry(name=name, **(fields | changes))


def record(
    name: str = "label-prompts",
    *values: Value,
    seed: int = 0,
    task: str = "fidelity",
    metrics: Sequence[Metric] = (),
    **changes: Any,
) -> Record:
    """A record; `suite`, `provenance`, `identity` and `run` change single fields of these parts."""
    part = {key: changes.pop(key, {}) for key in ("suite", "identity", "provenance", "run", "task_entry")}
    limit = part["suite"].get("limit")
    identifier = f"study@1-{'0' * 12 if limit is None else '1' * 12}"
    suite = {
        "name": "study", "version": 1, "digest": "d" * 64, "identifier": identifier,
        "summary": "A made-up study.", "limit": None, "variants": VARIANTS, "primary": VARIANTS[:3],
    }  # fmt: skip
    known = {
        "commit": "c0ffee" * 6 + "c0ff", "dirty": False, "packages": {"torch": "2.14.1", "numpy": "2.4.6"},
        "python": "3.11.7", "system": "Linux x86_64", "processor": "A processor", "cores": 2, "threads": 1,
        "accelerator": None,
    }  # fmt: skip
    run = {
        "invocation": "20260101T000000-abcdef", "command": "bench run --suite study",
        "started": "2026-01-01T00:00:00.000+00:00", "finished": "2026-01-01T01:00:00.000+00:00",
        "wall_s": {"fit": 812.4, "sample": 203.1, "embed": 12.0, "measure": 3.5},
    }  # fmt: skip
    identity = {"name": "phantom", "digest": "f" * 64, "official": True}
    fields: dict[str, Any] = {
        "status": "complete", "error": None, "suite": SuiteEntry(**(suite | part["suite"])),
        "dataset": DatasetEntry(
            name="phantom", params={}, identity=Identity(**(identity | part["identity"])), codec="none",
            roles={"train": RoleEntry(split="train"), "reference": RoleEntry(split="valid")},
        ),
        "variant": variant(name), "seed": seed, "n_synthetic": 1500, "protocol": Protocol(size=32),
        "task": TaskEntry(**({"name": task, "version": 1, "given": {}, "resolved": {}} | part["task_entry"])),
        "extractors": {"net": 1}, "metrics": tuple(metrics) or (metric(),), "values": values, "device": "cpu",
        "steps": (), "provenance": Provenance(**(known | part["provenance"])), "run": Run(**(run | part["run"])),
    }  # fmt: skip
    return Record(**(fields | changes))


_SHARE: dict[str, Any] = {"direction": "higher", "bounds": (0.0, 1.0), "estimand": "its expectation at this N and k"}
METRICS = {
    "fidelity": (
        metric("fd", title="Fréchet distance", unit="squared feature units"),
        metric("kd", title="Kernel distance", bounds=(None, None), comparable_at="any N"),
    ),
    "coverage": (
        metric("precision-k3", title="Precision (k = 3)", **_SHARE, bounded_by=("noise",)),
        metric("recall-k3", title="Recall (k = 3)", **_SHARE, bounded_by=()),
        metric("density-k5", title="Density (k = 5)", **(_SHARE | {"bounds": (0.0, None)}), bounded_by=("noise",)),
        metric("coverage-k5", title="Coverage (k = 5)", **_SHARE),
    ),
    "tstr": (metric("auc-tstr", title="AUC, trained on synthetic", **(_SHARE | {"unit": "AUC"})),),
}  # fmt: skip
TRUTH = {
    "off-the-shelf": (101.0, 0.061, 0.21, 0.71, 0.13, 0.09, 0.53),
    "label-prompts": (16.2, 0.0094, 0.55, 0.43, 0.48, 0.41, 0.74),
    "morphology-k12": (11.9, 0.0061, 0.61, 0.52, 0.57, 0.53, 0.81),
    "vae-roundtrip": (4.9, 0.0021, 0.83, 0.71, 0.88, 0.84, 0.89),
    "real-holdout": (0.44, 0.0000, 0.91, 0.90, 1.01, 0.95, 0.93),
    "noise": (2440.0, 0.92, 0.0, 0.99, 0.0, 0.0, 0.50),
}
SPREAD = (0.04, 0.05, 0.02, 0.03, 0.03, 0.03, 0.025)


def study(seeds: Sequence[int] = (0,), **changes: Any) -> list[Record]:
    """Three generators and three controls under seven metrics; real images score alike at every seed."""
    names = [one.name for part in METRICS.values() for one in part]
    records = []
    for number, task in enumerate(METRICS):
        for name in VARIANTS:
            for seed in seeds:
                found = []
                for place, one in enumerate(names):
                    if one not in [inner.name for inner in METRICS[task]]:
                        continue
                    found.append(_measured(name, one, place, seed))
                run = {"finished": f"2026-01-0{1 + number}T01:00:00.000+00:00"}
                records.append(record(name, *found, seed=seed, task=task, metrics=METRICS[task], run=run, **changes))
    return records


def _measured(name: str, key: str, place: int, seed: int) -> Value:
    draws = np.random.default_rng([VARIANTS.index(name), place, 0 if name in CONTROLS else seed])
    true = TRUTH[name][place]
    scale = SPREAD[place] * (true if place < 2 else 1.0) * (0.02 if name == "real-holdout" and place > 1 else 1.0)
    top = 1.0 if key not in ("fd", "kd", "density-k5") else np.inf
    number = float(np.clip(true + 0.5 * scale * draws.normal(), 0.0, top))
    spread = max(scale, 1e-3 * abs(true), 1e-4)
    ends = (max(number - spread, -np.inf if key == "kd" else 0.0), min(number + spread, top))
    rows: dict[str, Any] = {"n": N, "note": None, "extractor": None if key.startswith("auc") else "random-network"}
    if place < 2:
        jitter = 0.12 * spread * draws.normal(size=20)
        rows |= {"replicates": replicates(number, jitter), "interval": interval(*ends)}
    elif place < 6:
        halves = number + spread * draws.normal(size=(2, 30))
        parts = Subsamples(number, tuple(halves[0].tolist()), tuple(halves[1].tolist()), 750, "same")
        rows |= {"replicates": parts, "interval": interval(*ends, "split halves without replacement, share scale")}
    else:
        rows |= {"n": {"synthetic": 1500, "test": 600}, "interval": interval(*ends, "DeLong, logit scale")}
        rows |= {"samples": {"training seeds": 3, "sd over training seeds": 0.012}}
        rows |= {"note": "slides unknown: the interval treats patches as independent"}
    return value(number, key, **rows)


def shard(store: Store, key: str, start: int, stop: int) -> Path:
    """Put requests `start` to `stop` of five into the store: image i is filled with the grey level 10 i."""
    folder, labels, classes = store.folder_of("sample", key), np.array([1, 0, 1, 1, 0]), ("normal", "tumor")
    folder.mkdir(parents=True)
    rows = np.arange(start, stop)
    images = np.repeat(10 * rows, 4 * 4 * 3).reshape(-1, 4, 4, 3).astype(np.uint8)
    requests = Requests(rows, labels[rows], rows, rows, classes)
    image_set.write_shard(folder, images, requests, [f"{classes[labels[row]]} <b>" for row in rows])
    finish(folder)
    return folder


def finish(folder: Path) -> None:
    """Leave what makes a folder of the store a finished step."""
    (folder / "step.json").write_text("{}")


@pytest.fixture
def made() -> SimpleNamespace:
    """Everything that makes records."""
    parts: dict[str, Callable[..., Any]] = {
        "metric": metric, "value": value, "interval": interval, "replicates": replicates, "variant": variant,
        "record": record, "study": study, "shard": shard, "finish": finish,
    }  # fmt: skip
    return SimpleNamespace(**parts)
