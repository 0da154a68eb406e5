"""What the features that were given tell against a number, whatever it came out as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from benchmark.statistics.arrays import Features
from tasks.score.choices import as_inception, order_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import joined
from tasks.score.scored import Scored

INCEPTION_WIDTH = 2048
"""Columns of the Inception features of FID and KID: the last pooling layer's."""
CLIP_WIDTH = 768
"""Columns of the embeddings of CMMD: those of CLIP ViT-L/14."""


def with_cautions(scored: Sequence[Scored], inputs: Inputs, *, asked: str) -> list[Scored]:
    """Return numbers with what is to be said before their notes.

    Args:
        scored: The numbers.
        inputs: What all of them were measured on.
        asked: The metrics as they were asked for.
    """
    tables = {role: table for role, table in inputs.tables.items() if role != "synthetic-logits"}
    same = [pair for pair in combinations(tables, 2) if _equal(*(tables[role] for role in pair))]
    by_inception, width = as_inception(asked), inputs.real.shape[1]

    def cautions(one: Scored) -> list[str | None]:
        return [
            *(_same(pair) for pair in same if set(pair) <= set(one.n)),
            _no_inception(one, width) if one.metric.name in by_inception else None,
            _no_clip(width) if one.metric.name.startswith("cmmd") else None,
            _unlike_sizes(one, scored),
        ]

    return [replace(one, note=joined(*cautions(one), one.note)) if one.value is not None else one for one in scored]


def _equal(first: Features, second: Features) -> bool:
    """Tell whether two tables hold the same rows in the same order; the first row tells nearly always."""
    if first.shape != second.shape or not np.array_equal(first[:1], second[:1]):
        return False
    return np.array_equal(first, second)


def _same(pair: tuple[str, str]) -> str:
    return f"--{pair[0]} and --{pair[1]} hold the same rows, so that this compares a set with itself"


def _no_inception(one: Scored, width: int) -> str | None:
    if width == INCEPTION_WIDTH:
        return None
    name = {"fd": "FID", "kd": "KID"}[one.metric.name]
    return f"no {name}, and comparable with none: the features have {width} columns, Inception's {INCEPTION_WIDTH}"


def _no_clip(width: int) -> str | None:
    if width == CLIP_WIDTH:
        return None
    return (
        f"no CMMD, and comparable with none: the features have {width} columns, the embeddings of CLIP ViT-L/14 "
        f"{CLIP_WIDTH}"
    )


def _unlike_sizes(one: Scored, scored: Sequence[Scored]) -> str | None:
    """Return that the Vendi scores of real and synthetic rows are not of as many rows."""
    name = one.metric.name.removesuffix("-real")
    if order_of(name) is None:
        return None
    beside = [other for other in scored if other.group == one.group and other.metric.name.removesuffix("-real") == name]
    sizes = {role: count for other in beside for role, count in other.n.items()}
    if len(set(sizes.values())) == 1:
        return None
    told = " and ".join(f"{count} {role}" for role, count in sizes.items())
    return f"not to be compared with the other set's: it grows with N, and these are of {told} rows"
