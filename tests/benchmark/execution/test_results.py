"""From finished steps to a record: everything that is needed to judge a number."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from benchmark import provenance, threads
from benchmark.artifacts import values
from benchmark.errors import Diverged
from benchmark.execution import results
from benchmark.execution.results import Invocation
from benchmark.plan.planner import Plan
from benchmark.records.schema import NOT_MADE

INVOCATION = Invocation("20260101T000000-abcdef", "bench run --suite toy", "2026-01-01T00:00:00.000+00:00", None, "cpu")


@dataclass
class Rich:
    """Takes parameters whose defaults JSON can and cannot hold."""

    needed: int
    size: tuple[int, int] = (4, 4)
    where: Path = Path("somewhere")
    how: Callable[..., object] = inspect.signature
    names: list[str] = field(default_factory=list)
    nothing: None = None


@pytest.fixture
def made(plan, obtain):
    """The plan of one fitted variant, and the results of its steps."""
    whole: Plan = plan(generators=["toy-fitted-noisy"], seeds=[3], limit=30)
    return whole, {step.key: obtain(step) for step in whole.steps}


def raised(error: Exception) -> Exception:
    """The error with the traceback of this very line."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_a_measured_cell_s_record_says_what_was_measured(made):
    """Values with their meaning; suite, data, variant and task with every parameter, defaults filled in."""
    plan, obtained = made
    (cell,) = plan.cells
    record = results.complete(cell, plan, obtained, replace(INVOCATION, limit=30))
    assert (record.status, record.error, record.seed, record.n_synthetic, record.device) == (
        "complete",
        None,
        3,
        30,
        "cpu",
    )
    assert list(record.values) == values.read(obtained[cell.measure.key].folder)
    assert record.values[0].key == "gap.toy-mean"
    assert [metric.name for metric in record.metrics] == ["gap"]
    assert record.extractors == {"toy-mean": 1}
    assert record.protocol == plan.suite.protocol
    assert record.suite.model_dump() == {
        "name": "toy", "version": 1, "digest": plan.suite.digest, "identifier": plan.suite.identifier,
        "summary": plan.suite.summary, "limit": 30, "variants": plan.suite.variants,
        "primary": ("toy-plain", "toy-fitted"),
    }  # fmt: skip
    assert record.dataset.identity.digest == f"{80:064d}"
    assert (record.dataset.name, record.dataset.params, record.dataset.codec) == ("toy", {"count": 80}, "none")
    assert record.dataset.roles["floor"].part == (0.5, 1.0)
    variant = record.variant
    assert (variant.name, variant.kind, variant.origin, variant.fits_on) == (
        "toy-fitted-noisy",
        "generator",
        "toybench",
        "train",
    )
    assert (variant.generator, variant.guided_by, variant.reads) == ("toybench.generate:Plain", ("toy-guide",), ())
    assert variant.given == {"noise": 60.0}
    assert variant.resolved == {"noise": 60.0, "batch": 7, "slow_s": 0.0}
    assert (record.task.name, record.task.version) == ("toy-distance", 1)
    assert (record.task.given, record.task.resolved) == ({}, {"scale": 1.0})


def test_a_record_names_every_step_once_with_what_it_made(made):
    """By key and digest, inputs before what stands on them."""
    plan, obtained = made
    (cell,) = plan.cells
    record = results.complete(cell, plan, obtained, INVOCATION)
    kinds = [step.kind for step in record.steps]
    assert sorted(kinds) == ["baseline", "data", "embed", "embed", "fit", "measure", "sample"]
    assert (kinds[0], kinds[-1]) == ("data", "measure")
    assert {step.key: step.digest for step in record.steps} == {
        key: result.manifest.digest for key, result in obtained.items()
    }
    assert {step.title for step in record.steps} == {step.title for step in plan.steps}


def test_when_and_how_long_is_no_part_of_the_result(made):
    """Seconds are summed by stage, from the runs that made the steps; the digest is the same the next day."""
    plan, obtained = made
    (cell,) = plan.cells
    timed = {
        key: replace(one, manifest=one.manifest.model_copy(update={"run": one.manifest.run.model_copy(update={"wall_s": float(place)})}))
        for place, (key, one) in enumerate(obtained.items())
    }  # fmt: skip
    record = results.complete(cell, plan, timed, INVOCATION)
    sums: dict[str, float] = {}
    for one in timed.values():
        sums[one.manifest.kind] = sums.get(one.manifest.kind, 0) + one.manifest.run.wall_s
    assert record.run.wall_s == sums
    assert len(sums) == 6
    assert (record.run.invocation, record.run.command) == (INVOCATION.name, "bench run --suite toy")
    assert record.run.started == INVOCATION.started < record.run.finished
    later = results.complete(cell, plan, obtained, replace(INVOCATION, name="another", started="2027"))
    assert later.digest == record.digest


def test_a_measured_cell_s_surroundings_are_those_of_its_measurement(made):
    """A reused number was not made by the code of today."""
    plan, obtained = made
    (cell,) = plan.cells
    measured = obtained[cell.measure.key]
    elsewhere = measured.manifest.run.provenance.model_copy(update={"commit": "c" * 40, "dirty": True})
    manifest = measured.manifest.model_copy(
        update={"run": measured.manifest.run.model_copy(update={"provenance": elsewhere})}
    )
    record = results.complete(
        cell, plan, {**obtained, cell.measure.key: replace(measured, manifest=manifest)}, INVOCATION
    )
    assert record.provenance == elsewhere


def test_a_failed_cell_says_where_and_why_and_what_was_done(made):
    """No numbers; the steps that are there; the surroundings of now."""
    plan, obtained = made
    (cell,) = plan.cells
    there = {key: result for key, result in obtained.items() if result.manifest.kind in ("data", "embed")}
    cause = raised(RuntimeError("out of luck"))
    record = results.failed(cell, plan, there, INVOCATION, cell.fit, cause)
    line = cause.__traceback__.tb_lineno
    assert (
        record.error
        == f"fit toy-fitted-noisy, seed 3: RuntimeError: out of luck (test_results.py, line {line}, in raised)"
    )
    assert (record.status, record.values) == ("failed", ())
    assert [metric.name for metric in record.metrics] == ["gap"]
    assert sorted(step.kind for step in record.steps) == ["data", "embed", "embed"]
    assert record.provenance == provenance.collect(device="cpu", threads=threads.count())
    assert set(record.run.wall_s) == {"data", "embed"}
    assert record.dataset.identity.name == "toy"


@pytest.mark.parametrize(
    ("cause", "status", "said"),
    [
        (Diverged("loss is nan"), "diverged", "Diverged: loss is nan"),
        (OSError(28, "No space left on device"), "no-space", "OSError: [Errno 28] No space left on device"),
        (ValueError("caf\udce9"), "failed", r"ValueError: caf\udce9"),
    ],
)
def test_a_failure_that_was_never_raised_has_no_line(made, cause, status, said):
    """And every kind has its status."""
    plan, obtained = made
    record = results.failed(plan.cells[0], plan, obtained, INVOCATION, plan.cells[0].shards[0], cause)
    assert record.error == f"sample toy-fitted-noisy, seed 3, images 0 to 29: {said}"
    assert record.status == status
    assert record.model_dump_json()


def test_a_cell_whose_data_was_not_made_has_no_identity(plan):
    """It stands on no board of data that is there."""
    whole = plan(generators=["toy-plain"])
    record = results.failed(whole.cells[0], whole, {}, INVOCATION, whole.steps[0], ValueError("x"))
    assert (record.dataset.identity.name, record.dataset.identity.digest) == ("toy", NOT_MADE)
    assert (record.dataset.identity.official, record.dataset.codec) == (False, "unknown")
    assert (record.steps, record.run.wall_s) == ((), {})


def test_weights_and_source_are_in_the_record(plan, registry, tmp_path):
    """By their digests."""
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "net.bin").write_bytes(b"1")
    path = registry(
        "class Mine:\n    def sample(self, requests, context): ...\n",
        "mine: {generator: 'mine.py:Mine', summary: s, version: 4, kind: control, reads: [floor], weights: {base: w}}\n",
    )
    whole = plan(generators=["mine"], registry=path)
    record = results.failed(whole.cells[0], whole, {}, INVOCATION, whole.steps[0], ValueError("x"))
    spec, variant = whole.cells[0].generator, record.variant
    assert variant.weights == {"base": spec.weights["base"].digest}
    assert (variant.source, variant.version, variant.kind, variant.reads) == (spec.source, 4, "control", ("floor",))
    assert len(variant.source) == 64
    assert (variant.origin, variant.summary) == (str(path), "s")


def test_defaults_that_json_cannot_hold_are_told_by_name(plan, toys):
    """A function and a path; the rest as they are, and what a factory makes."""
    whole = plan(generators=["toy-plain"])
    listed = replace(
        whole.cells[0].variant, variant=whole.cells[0].variant.variant.model_copy(update={"params": {"needed": 2}})
    )
    spec = toys.generator(f"{__name__}:Rich", params={"needed": 2})
    cell = replace(whole.cells[0], variant=listed, generator=spec)
    record = results.failed(cell, whole, {}, INVOCATION, whole.steps[0], ValueError("x"))
    assert record.variant.given == {"needed": 2}
    assert record.variant.resolved == {
        "needed": 2, "size": (4, 4), "where": "PosixPath", "how": "signature",
        "names": [], "nothing": None,
    }  # fmt: skip


def test_a_record_survives_being_written_and_read(made):
    """With the same digest: what is read is what was written."""
    plan, obtained = made
    record = results.complete(plan.cells[0], plan, obtained, INVOCATION)
    again = type(record).model_validate_json(record.model_dump_json(), strict=False)
    assert again == record
    assert again.digest == record.digest


def test_cells_of_other_seeds_have_records_of_their_own(plan, obtain):
    """Seed, steps and digest differ; the data does not."""
    whole = plan(generators=["toy-plain"], seeds=[0, 1], limit=30)
    obtained = {step.key: obtain(step) for step in whole.steps}
    one, other = (results.complete(cell, whole, obtained, INVOCATION) for cell in whole.cells)
    assert (one.seed, other.seed) == (0, 1)
    shared = {step.key for step in one.steps} & {step.key for step in other.steps}
    assert sorted(step.kind for step in one.steps if step.key in shared) == ["data", "embed"]
    assert one.digest != other.digest
    assert all(a.value != b.value for a, b in itertools.product(one.values, other.values))


def test_an_invocation_describes_itself():
    """As JSON for the event log."""
    assert INVOCATION.describe() == {
        "name": "20260101T000000-abcdef", "command": "bench run --suite toy",
        "started": "2026-01-01T00:00:00.000+00:00", "limit": None, "device": "cpu",
    }  # fmt: skip
