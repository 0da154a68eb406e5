"""What a run would do: what to bring, steps to make and to reuse, images and steps inside, disk, time where known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast, get_args

from benchmark import disk
from benchmark.contracts import generator
from benchmark.errors import UserError, nearest
from benchmark.plan.planner import Plan
from benchmark.plan.steps import FitConfig, Kind, SampleConfig, Step
from benchmark.registry import targets
from benchmark.store import throughput
from benchmark.store.store import Store

FETCH = "fetch"
"""Named like a stage: weights and images that are not on this machine."""
PACED: tuple[Kind, ...] = ("prompts", "fit", "sample", "embed")
"""Stages whose work is counted, so that a pace makes it hours."""
_BY_STEPS: tuple[Kind, ...] = ("fit", "sample")
"""Those that go by the steps inside, not by images."""
_LONG_S = 2 * 3600
"""From here on time is told in hours."""

Paces = Mapping[str, float]
"""By stage, as the user knows them: seconds of an optimizer step, of a sampling step of an image, or of an image."""


def paces(given: Sequence[str]) -> Paces:
    """Return the paces that a user gives as ``STAGE=SECONDS``.

    Raises:
        UserError: If one is none.
    """
    found: dict[str, float] = {}
    for text in given:
        stage, _, seconds = text.partition("=")
        if stage not in PACED:
            raise UserError(f"--pace {text}: '{stage}' is no stage whose work is counted. {nearest(stage, PACED)}")
        try:
            found[stage] = float(seconds)
        except ValueError:
            found[stage] = 0.0
        if not 0 < found[stage] < float("inf"):
            raise UserError(f"--pace {text}: expected seconds above 0, as in {stage}=0.5, found '{seconds}'.")
    return found


def rows(plan: Plan, store: Store, *, in_words: bool, paces: Paces | None = None) -> list[dict[str, object]]:
    """Return one row a stage of a plan, and one for what is not on this machine, if there is such.

    Time is estimated only from steps of the same stage that were measured on this device with the same class and
    parameters, or at the pace that the user gives; where there is neither it is not known.

    Args:
        plan: What would be run.
        store: What is there already.
        in_words: Whether numbers are for people (``1.4 GB``, ``12 s``, ``at least 3.4 h``, ``unknown``) or for a
            program: bytes; seconds, None where they are not known of all steps, beside those that are.
        paces: As `paces` returns them.
    """
    stages: dict[Kind, list[Step]] = defaultdict(list)
    for step in plan.possible:
        stages[step.kind].append(step)
    measured = throughput.Throughput(store)
    found = [_fetch(plan)] if plan.absent else []
    for kind, steps in sorted(stages.items(), key=_order):
        found.append(_row(plan, kind, steps, store, measured, (paces or {}).get(kind)))
    return [_worded(row) for row in found] if in_words else found


def notes(plan: Plan) -> Iterator[str]:
    """Yield what is not on this machine, and how it is brought."""
    for one in plan.absent:
        size = disk.in_words(one.bytes) if one.bytes else "size unknown"
        yield f"Not on this machine: {one.what} ({size}). {one.remedy}"
    if plan.absent:
        yield "What stands on them counts as to be made, except where the digests of all their files are known."


def _fetch(plan: Plan) -> dict[str, Any]:
    sizes = [one.bytes for one in plan.absent]
    return {
        "suite": plan.suite.identifier,
        "stage": FETCH,
        "steps": len(sizes),
        "reuse": 0,
        "make": len(sizes),
        "images": None,
        "inner": None,
        "disk": sum(sizes),
        "scratch": 0,
        "time": None,
        "at_least": 0,
    }


def _row(
    plan: Plan, kind: Kind, steps: list[Step], store: Store, measured: throughput.Throughput, pace: float | None
) -> dict[str, Any]:
    missing = [step for step in steps if not store.has(step.kind, step.key)]
    images, inner = [step.images for step in missing], [_inner(step) for step in missing]
    works = images if kind not in _BY_STEPS else inner
    seconds = [_seconds(measured.seconds(step), work, pace) for step, work in zip(missing, works, strict=True)]
    known = [one for one in seconds if one is not None]
    return {
        "suite": plan.suite.identifier,
        "stage": kind,
        "steps": len(steps),
        "reuse": len(steps) - len(missing),
        "make": len(missing),
        "images": sum(one for one in images if one is not None) if None not in images else None,
        "inner": sum(told) if (told := [one for one in inner if one is not None]) else None,
        "disk": sum(step.bytes for step in missing),
        # Steps are made one after another.
        "scratch": max((step.scratch for step in missing), default=0),
        "time": sum(known) if len(known) == len(seconds) else None,
        "at_least": sum(known),
    }


def _seconds(measured: float | None, work: int | None, pace: float | None) -> float | None:
    """Return what a step takes: as measured, else at the user's pace."""
    if measured is not None or work is None or pace is None:
        return measured
    return work * pace


def _inner(step: Step) -> int | None:
    """Return the optimizer steps of a fit, or the sampling steps of a shard; None where its class does not tell."""
    config = step.config
    if not isinstance(config, FitConfig | SampleConfig):
        return None
    spec = config.generator
    factory = cast(Callable[..., object], targets.load(spec.target, relative_to=spec.folder))
    effort = generator.effort_of(factory, spec.params)
    if isinstance(config, FitConfig):
        return effort.fit_steps
    return None if effort.image_steps is None else effort.image_steps * (config.stop - config.start)


def _worded(row: dict[str, Any]) -> dict[str, object]:
    count = {key: "" if row[key] is None else f"{row[key]:,}" for key in ("images", "inner")}
    sizes = {key: disk.in_words(row[key]) for key in ("disk", "scratch")}
    told = {key: value for key, value in row.items() if key != "at_least"}
    return {**told, **count, **sizes, "time": _time(row["time"], row["at_least"])}


def _time(seconds: float | None, at_least: float) -> str:
    if seconds is None and at_least < 0.5:
        return "unknown"
    known = at_least if seconds is None else seconds
    words = f"{known:.0f} s" if known < _LONG_S else f"{known / 3600:.1f} h"
    return words if seconds is not None else f"at least {words}"


def _order(stage: tuple[Kind, list[Step]]) -> int:
    return get_args(Kind).index(stage[0])
