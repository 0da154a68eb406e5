"""Any of the metrics, on all rows or group by group."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UserError
from benchmark.statistics.arrays import Ints
from tasks.metrics import enough
from tasks.metrics.by_group import Refused, by_group
from tasks.metrics.guard import FeatureError, check_named
from tasks.score import distances, diversity
from tasks.score.choices import NEEDS, order_of
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import joined, judged
from tasks.score.scored import Scored

_PAIRS = ("kd", "kd-subsets", "pr", "prdc")
_WITH_TORCH = {*_PAIRS, "cmmd", "realism", "nearest", "authpct", "ct"}
"""Those that load torch, which takes seconds."""
_ROLES = {
    "train": "features of the images the generator learnt from",
    "holdout": "features of real images of the same slides as those of --train that the generator never saw",
    "synthetic-logits": "a classifier's logits of the synthetic images",
}
_MEASURED_ON = {
    "is": ("synthetic",), "nearest": ("train", "synthetic"), "authpct": ("train", "synthetic"),
    "ct": ("train", "holdout", "synthetic"),
}  # fmt: skip
"""Roles whose groups some need; all others need those of real and synthetic rows."""


def score(inputs: Inputs, names: Sequence[str]) -> list[Scored]:
    """Return the metrics asked for, of all rows.

    Args:
        inputs: What they are measured on.
        names: As `choices.chosen` gives them.

    Returns:
        Their numbers, in the order of `CHOICES`; for one that cannot be measured, as of too few rows, the reason.

    Raises:
        FeatureError: If the features cannot be used, or there is no number at all.
        UserError: If a metric needs a role that is not given, or the logits are of other rows than the features.
    """
    for name in names:
        for role in NEEDS.get(name, ()):
            if role not in inputs.tables:
                raise UserError(f"Metric '{name}' needs --{role}: {_ROLES[role]}.")
    _check_logits(inputs)
    features = {role: table for role, table in inputs.tables.items() if role != "synthetic-logits"}
    check_named(rows=dict.fromkeys(features, 1), **features)
    if len(names) == 1:
        return _all(inputs, names)
    found = _or_reasons(inputs, names)
    # Nothing but reasons: the first of them is the answer.
    return found if any(one.value is not None for one in found) else _all(inputs, names)


def _check_logits(inputs: Inputs) -> None:
    """Refuse logits that are not one a synthetic row."""
    logits = inputs.tables.get("synthetic-logits")
    if logits is not None and len(logits) != len(inputs.synthetic):
        raise UserError(
            f"--synthetic-logits has {len(logits)} rows, --synthetic {len(inputs.synthetic)}: expected the logits of "
            "the same images, in the same order."
        )


def _all(inputs: Inputs, names: Sequence[str]) -> list[Scored]:
    """Return the metrics, or raise at the first that cannot be measured."""
    try:
        return [_judged(one, inputs) for part in _measured(inputs, names) for one in part]
    except (ArithmeticError, np.linalg.LinAlgError) as error:
        # No more than what features can cause: other errors are faults of ours, and must show as such.
        asked, said = ", ".join(names), f"{type(error).__name__}: {error}"
        raise FeatureError(
            f"The numbers of {asked} break down on these features ({said}). "
            "Look for columns or rows that are all alike."
        ) from error


def _judged(one: Scored, inputs: Inputs) -> Scored:
    """Return a number marked, or refused, where there are too few rows for it."""
    if one.metric.name not in enough.RULES:
        return one
    reason = enough.shortfall(one.metric.name, n=one.n, width=inputs.real.shape[-1])
    return judged(one, reason, inputs.below_n_min)


def score_by_group(inputs: Inputs, names: Sequence[str], labels: Mapping[str, NDArray[np.str_]]) -> list[Scored]:
    """Return the metrics asked for, of all rows and then of each class or prompt.

    Args:
        inputs: What they are measured on.
        names: As `choices.chosen` gives them.
        labels: Group of each row by role, each of shape (N_role,): of real and synthetic rows, and of others if known.

    Returns:
        Their numbers, or why there is none. Metrics that need the groups of a role that has none stay with the
        number of all rows, and say so.

    Raises:
        UserError: As `score`; if a group has no name.
    """
    able = sorted((name for name in names if set(_roles(name)) <= set(labels)), key=_roles)
    pooled = {metric.name: _missing(name, labels) for name in names if name not in able for metric in metrics_of(name)}
    whole = [replace(one, note=joined(one.note, pooled.get(one.metric.name))) for one in score(inputs, names)]
    found: dict[str, list[Scored]] = {}
    for roles, same in groupby(able, key=_roles):
        known = {role: labels[role] for role in roles}
        for group, scored in _each(inputs, list(same), known).items():
            found.setdefault(group, []).extend(replace(one, group=group, images={}) for one in scored)
    return whole + [one for group in sorted(found) for one in found[group]]


def _missing(name: str, labels: Mapping[str, NDArray[np.str_]]) -> str:
    options = " and ".join(f"--{role}-groups" for role in _roles(name) if role not in labels)
    return f"of all rows alone: by group, it needs {options}"


def _each(inputs: Inputs, names: Sequence[str], labels: Mapping[str, NDArray[np.str_]]) -> dict[str, list[Scored]]:
    """Return metrics that are measured on the same roles, by group."""

    def measure(**rows: Ints) -> list[Scored]:
        return _or_reasons(inputs.taken(rows), names)

    def shown(group: str, one: list[Scored] | Refused) -> list[Scored]:
        if not isinstance(one, Refused):
            return one
        return _refused(names, one.reason, {role: int((own == group).sum()) for role, own in labels.items()})

    return {group: shown(group, one) for group, one in by_group(measure, names=labels).items()}


def _measured(inputs: Inputs, names: Sequence[str]) -> Iterator[Iterator[Scored]]:
    """Yield the numbers of each metric, or family of them. What is heavy is loaded for those who ask for it."""
    yield from _frechet(inputs, names)
    if set(names) & set(_PAIRS):
        from tasks.score.pairs import shared

        yield shared(inputs, names)
    if "cmmd" in names:
        yield distances.clip_mmd(inputs)
    if "mind" in names:
        yield distances.mind(inputs)
    yield from _of_one_set(inputs, names)
    yield from _of_copies(inputs, names)


def _frechet(inputs: Inputs, names: Sequence[str]) -> Iterator[Iterator[Scored]]:
    """Yield what NumPy does alone and long: beside the loading of torch, where others need it."""
    both = {"fd": distances.frechet_distance, "fd-infinity": distances.frechet_infinity}
    asked = [measure for name, measure in both.items() if name in names]
    if not asked or "torch" in sys.modules or not set(names) & _WITH_TORCH:
        yield from (measure(inputs) for measure in asked)
        return
    with ThreadPoolExecutor(max_workers=1) as pool:
        # Torch by the thread that will use it, and not the other way round: of half of it, no one else may see more
        # than that it is not there yet.
        found = [pool.submit(lambda of: list(of(inputs)), measure) for measure in asked]
        importlib.import_module("torch")
        yield from (iter(one.result()) for one in found)


def _of_one_set(inputs: Inputs, names: Sequence[str]) -> Iterator[Iterator[Scored]]:
    for name in names:
        order = order_of(name)
        if order is not None:
            yield diversity.vendi_scores(inputs, name, order)
    if "realism" in names:
        from tasks.score.images import realism_scores

        yield realism_scores(inputs)
    if "is" in names:
        yield diversity.inception(inputs)


def _of_copies(inputs: Inputs, names: Sequence[str]) -> Iterator[Iterator[Scored]]:
    if "nearest" in names:
        from tasks.score.images import nearest_train

        yield nearest_train(inputs)
    if {"authpct", "ct"} & set(names):
        from tasks.score import copying

        if "authpct" in names:
            yield copying.authentic(inputs)
        if "ct" in names:
            yield copying.copied(inputs)


def _or_reasons(inputs: Inputs, names: Sequence[str]) -> list[Scored]:
    """Return the metrics; where one cannot be measured, the others alone, and why that one has no number."""
    try:
        return _all(inputs, names)
    except UserError as error:
        if len(names) == 1:
            return _refused(names, str(error), inputs.n(*_roles(names[0])))
        return [one for name in names for one in _or_reasons(inputs, [name])]


def _refused(names: Sequence[str], reason: str, n: Mapping[str, int]) -> list[Scored]:
    """Return a row without a number for each metric."""
    return [Scored(metric, None, None, dict(n), {}, reason) for name in names for metric in metrics_of(name)]


def _roles(name: str) -> tuple[str, ...]:
    return _MEASURED_ON.get(name, ("real", "synthetic"))
