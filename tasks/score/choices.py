"""What can be asked for; known before anything heavy is loaded."""

from __future__ import annotations

from benchmark.errors import UserError, nearest

CHOICES = {
    "fd": "Fréchet distance (FID where the features are Inception's)",
    "kd": "kernel distance of all rows (KID where the features are Inception's)",
    "kd-subsets": "kernel distance by the reference protocol: 100 subsets of 1,000 rows",
    "pr": "improved precision and recall, k = 3, closed balls",
    "prdc": "precision, recall, density and coverage, k = 5, open balls",
    "authpct": "share of synthetic rows that are no near copies; needs --train",
    "ct": "C_T, whether synthetic rows lie nearer to train than held-out ones; needs --train and --holdout",
}
"""Metrics, or families of them, by name."""
ALIASES = {"fid": "fd", "kid": "kd"}
"""Names by which some are known where the features are Inception's."""
NEEDS = {"authpct": ("train",), "ct": ("train", "holdout")}
"""Roles that some need beside the real and the synthetic rows."""
COPYING = tuple(NEEDS)
"""Those about copies."""


def chosen(text: str) -> list[str]:
    """Return the metrics that a text names, with commas between.

    Raises:
        UserError: If one is unknown, or there is none.
    """
    names = [ALIASES.get(name.strip().lower(), name.strip().lower()) for name in text.split(",") if name.strip()]
    for name in names:
        if name not in CHOICES:
            raise UserError(f"--metrics {text}: there is no metric '{name}'. {nearest(name, CHOICES)}")
    if not names:
        raise UserError(f"--metrics '{text}' names none. {nearest('', CHOICES)}")
    return names
