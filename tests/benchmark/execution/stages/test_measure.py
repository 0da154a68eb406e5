"""The stage in which a task measures, and what it does not let pass."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmark import seeds
from benchmark.artifacts import values
from benchmark.contracts.task import Metric, Value
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import measure
from benchmark.protocol.definition import Protocol
from benchmark.statistics.interval import Interval
from benchmark.suite.schema import RoleEntry

TEST = RoleEntry(split="test")
INTERVAL = Interval(0.0, 2.0, 0.95, "by hand", None)
N = {"reference": 5}


def metric(name: str) -> Metric:
    return Metric(name, name, "lower", (None, None), "1", "x", "x", "x", (), "x")


class Telling:
    """Tells what it is given to tell."""

    version, summary = 1, "x"
    metrics: tuple[Metric, ...] = (metric("gap"), metric("width"))
    told: list[Value] = []
    seeds: list[int] = []

    def measure(self, inputs, context):
        self.seeds.append(context.seed)
        return self.told


class Undeclared(Telling):
    """Declares nothing and tells nothing."""

    metrics = ()


GOOD = [Value("gap", 1.0, N, interval=INTERVAL), Value("width", 0.0, N, note="known exactly")]
FAULTS = {
    "an undeclared metric": ([*GOOD, Value("depth", 1.0, N, note="x")], "'depth' is not among the task's declared"),
    "no number, no reason": ([GOOD[0], Value("width", None, N)], "'width' needs either a number or the reason"),
    "a number and a reason": (
        [GOOD[0], Value("width", 1.0, N, note="x", refused="too few")],
        "'width' needs either a number or the reason why there is none",
    ),
    "nan": ([GOOD[0], Value("width", math.nan, N, note="x")], "'width' is nan. A number must be finite, or refused"),
    "infinity": ([GOOD[0], Value("width", -math.inf, N, note="x")], "'width' is -inf. A number must be finite"),
    "no interval, no note": ([GOOD[0], Value("width", 1.0, N)], "'width' has neither an interval nor a note that says"),
    "an endless interval": (
        [GOOD[0], Value("width", 1.0, N, interval=Interval(0.0, math.inf, 0.95, "x", None))],
        "'width' is qualified by a number that is not finite",
    ),
    "an interval without a beginning": (
        [GOOD[0], Value("width", 1.0, N, interval=Interval(-math.inf, 2.0, 0.95, "x", None))],
        "'width' is qualified by a number that is not finite",
    ),
    "a sample of nan": (
        [GOOD[0], Value("width", 1.0, N, note="x", samples={"spread": math.nan})],
        "'width' is qualified by a number that is not finite",
    ),
    "a refusal qualified by nan": (
        [GOOD[0], Value("width", None, N, refused="x", samples={"spread": math.nan})],
        "'width' is qualified by a number that is not finite",
    ),
    "no n": ([GOOD[0], Value("width", 1.0, {}, note="x")], "'width' comes without its N"),
    "a refusal without n": ([GOOD[0], Value("width", None, {}, refused="x")], "'width' comes without its N"),
    "an extractor in its name": (
        [GOOD[0], Value("width", 1.0, {}, note="x", extractor="toy-mean")],
        r"'width.toy-mean' comes without its N",
    ),
    "one too few": ([GOOD[0]], r"declared but not measured: width\.$"),
    "none": ([], r"declared but not measured: gap, width\.$"),
}


@pytest.fixture
def telling(monkeypatch):
    """Lets the task tell some values."""

    def tell(told):
        monkeypatch.setattr(Telling, "told", told)
        monkeypatch.setattr(Telling, "seeds", [])

    return tell


@pytest.mark.parametrize("fault", FAULTS)
def test_a_value_that_is_not_qualified_is_a_fault(desk, toys, telling, fault):
    """With the step and the value; nothing is written."""
    told, said = FAULTS[fault]
    telling(told)
    at = desk(toys.task("measure", toys.data(), target=f"{__name__}:Telling"))
    with pytest.raises(ContractFault, match=f"^{said}"):
        measure.run(at)
    assert not list(at.out.iterdir())


def test_a_task_that_declares_and_measures_nothing_is_a_fault(desk, toys, telling):
    """An empty row looks complete and is not."""
    telling([])
    at = desk(toys.task("measure", toys.data(), target=f"{__name__}:Undeclared"))
    with pytest.raises(ContractFault, match=r"declared but not measured: \(nothing declared\)"):
        measure.run(at)


def test_qualified_values_are_written_as_they_are(desk, toys, telling):
    """Numbers with an interval, with a note, and refusals, under one extractor or two."""
    told = [
        *GOOD,
        Value("gap", None, {"reference": 0}, extractor="toy-mean", refused="no image"),
        Value("gap", 2.0, N, interval=INTERVAL, extractor="toy-guide", samples={"spread": 0.5}),
    ]
    telling(told)
    at = desk(toys.task("measure", toys.data(), target=f"{__name__}:Telling", seed=8))
    measure.run(at)
    assert values.read(at.out) == told
    assert Telling.seeds == [seeds.derive(8, "task/toy-distance")]


def test_the_toy_distance_by_hand(desk, toys):
    """Synthetic gray against real images: parameters, features, baseline and N all arrive."""
    data, reference, size = (
        toys.data(count=40),
        RoleEntry(split="valid", part=(0.0, 0.5), by="image"),
        Protocol(size=16),
    )
    shard = toys.sample(data, toys.generator(params={"noise": 0.0}), stop=6)
    inputs = {
        "features/toy-mean/reference": toys.embed(data, role=reference, protocol=size),
        "features/toy-mean/synthetic": toys.embed(data, shards=(shard,), protocol=size),
        "baseline": toys.task("baseline", data, images={"test": TEST}, scale=10.0),
    }
    at = desk(toys.task("measure", data, inputs, images={"test": TEST}, scale=10.0))
    measure.run(at)
    (found,) = values.read(at.out)
    real = np.load(at.inputs["data"].folder / "valid.npy")[at.dataset().role(reference).rows]
    assert found.value == pytest.approx(10 * np.linalg.norm(real.mean(axis=(0, 1, 2)) - 128), rel=1e-4)
    assert (found.key, found.n) == ("gap.toy-mean", {"reference": 20, "synthetic": 6, "test": 40})
