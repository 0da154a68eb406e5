"""What can be asked for; known before anything heavy is loaded."""

from __future__ import annotations

import math

from benchmark.errors import UserError, nearest

CHOICES = {
    "fd": "Fréchet distance (FID where the features are Inception's)",
    "fd-infinity": "Fréchet distance at infinite N, where that can be told",
    "kd": "kernel distance of all rows (KID where the features are Inception's)",
    "kd-subsets": "kernel distance by the reference protocol: 100 subsets of 1,000 rows",
    "pr": "improved precision and recall, k = 3, closed balls",
    "prdc": "precision, recall, density and coverage, k = 5, open balls",
    "cmmd": "CMMD, unbiased and as published; the features must be CLIP embeddings",
    "mind": "MIND, a sliced Wasserstein distance over 1,000 directions",
    "vendi": "Vendi score of order 1 of the synthetic and of the real rows; vendi-q2 is that of order 2",
    "realism": "median realism of the synthetic rows, k = 3",
    "is": "Inception score; needs --synthetic-logits",
    "nearest": "median distance of synthetic rows to their nearest training row; needs --train",
    "authpct": "share of synthetic rows that are no near copies; needs --train",
    "ct": "C_T, whether synthetic rows lie nearer to train than held-out ones; needs --train and --holdout",
}
"""Metrics, or families of them, by name."""
ALIASES = {"fid": "fd", "kid": "kd", "vendi": "vendi-q1"}
"""Other names of some: where the features are Inception's, and without an order."""
INCEPTION = {"fid", "kid"}
"""Names that only Inception's features have a right to."""
REPORTED = {
    "precision-k3": "pr", "recall-k3": "pr", "precision-k5": "prdc", "recall-k5": "prdc", "density-k5": "prdc",
    "coverage-k5": "prdc", "precision": "pr or prdc", "recall": "pr or prdc", "density": "prdc", "coverage": "prdc",
    "cmmd-unbiased": "cmmd", "cmmd-biased": "cmmd", "realism-k3-median": "realism",
    "nearest-train-median": "nearest",
}  # fmt: skip
"""What gives numbers of other names."""
NEEDS = {"is": ("synthetic-logits",), "nearest": ("train",), "authpct": ("train",), "ct": ("train", "holdout")}
"""Roles that some need beside the real and the synthetic rows."""
PER_IMAGE = ("realism", "nearest", "authpct")
"""Those that have a value of every synthetic row."""
_ORDER = "vendi-q"


def chosen(text: str) -> list[str]:
    """Return the metrics that a text names, with commas between.

    Raises:
        UserError: If one is unknown, or there is none.
    """
    names = [_canonical(name.strip().lower(), text) for name in text.split(",") if name.strip()]
    if not names:
        raise UserError(f"--metrics '{text}' names none. {nearest('', CHOICES)}")
    return list(dict.fromkeys(names))


def as_inception(text: str) -> set[str]:
    """Return those that a text asks for by a name which belongs to Inception's features alone: FID, KID."""
    asked = {name.strip().lower() for name in text.split(",")}
    return {ALIASES[name] for name in INCEPTION & asked}


def order_of(name: str) -> float | None:
    """Return the order of a Vendi score, or None where the name is of another metric."""
    return float(name.removeprefix(_ORDER)) if name.startswith(_ORDER) else None


def order_text(name: str) -> str:
    """Return the order in the name of a Vendi score, as it is written there."""
    return name.removeprefix(_ORDER)


def _canonical(name: str, text: str) -> str:
    name = ALIASES.get(name, name)
    if name.startswith(_ORDER):
        return f"{_ORDER}{_written(_order(name.removeprefix(_ORDER), text))}"
    if name in REPORTED:
        raise UserError(f"--metrics {text}: there is no metric '{name}' of its own. Ask for {REPORTED[name]}.")
    if name not in CHOICES:
        raise UserError(f"--metrics {text}: there is no metric '{name}'. {nearest(name, CHOICES)}")
    return name


def _written(order: float) -> str:
    """Return the shortest text that is read as this very order: two orders never share a name."""
    short = f"{order:g}"
    return short if float(short) == order else repr(order)


def _order(order: str, text: str) -> float:
    try:
        value = float(order)
    except ValueError:
        value = math.nan
    if not value >= 0.0:
        raise UserError(
            f"--metrics {text}: '{order}' is no order of a Vendi score. Expected vendi-q and a number of 0 or more, or "
            "inf, such as vendi-q2."
        )
    return abs(value)  # No order is named -0.
