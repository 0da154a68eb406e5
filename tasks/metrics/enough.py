"""N_min: how few images are too few for a metric, in one place, and why.

A number below N_min can often be computed all the same; it is then marked or refused, as its suite says. Each rule
tells what it rests on:

- mathematics: with fewer rows, something that the definition takes for granted does not hold;
- protocol: a published protocol asks for so many;
- simulation: a convention of ours, about where our simulations reach (docs/numbers.md).

What a metric needs to be computed at all is less: its module checks that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Basis = Literal["mathematics", "protocol", "simulation"]
"""What a rule rests on."""


@dataclass(frozen=True)
class Rule:
    """How many rows every side must have."""

    rows: int
    """Rows whatever the width."""
    a_column: int
    """Further rows for each column."""
    basis: Basis
    """What the rule rests on."""
    below: str
    """What is wrong with fewer, in words fit for print."""
    refused: bool = False
    """Whether a number of fewer rows is refused where a suite does not say otherwise, or only marked."""

    def n_min(self, width: int) -> int:
        """Return the fewest rows a side, for features of so many columns."""
        return self.rows + self.a_column * width

    @property
    def words(self) -> str:
        """Return the rule as a formula: ``D + 1``, ``4 D``, ``50``."""
        columns = {0: "", 1: "D"}.get(self.a_column, f"{self.a_column} D")
        return " + ".join(part for part in (columns, str(self.rows) if self.rows else "") if part)


_TRIED = Rule(50, 0, "simulation", "how often its interval holds was tried from N = 50 on only")

RULES = {
    "fd": Rule(1, 1, "mathematics", "the covariances are not of full rank, the value is far from its limit"),
    "fd-infinity": Rule(0, 4, "simulation", "the distance need not be a line in 1/N yet", refused=True),
    "kd": _TRIED,
    "kd-subsets": Rule(1000, 0, "protocol", "its subsets have more rows"),
    "precision-k3": _TRIED,
    "recall-k3": _TRIED,
    "precision-k5": _TRIED,
    "recall-k5": _TRIED,
    "density-k5": _TRIED,
    "coverage-k5": Rule(300, 0, "simulation", "in simulations its interval was too short at N = 100 and 50"),
}
"""By metric. One that is not here has no N_min beyond what it needs to be computed."""


def shortfall(metric: str, *, n: Mapping[str, int], width: int) -> str | None:
    """Return why there are too few rows for a metric, or None where there are enough.

    Args:
        metric: Name of the metric.
        n: Rows of each side.
        width: Number of columns, D.

    Returns:
        The reason, in words fit for print.
    """
    rule = RULES.get(metric)
    if rule is None or min(n.values()) >= rule.n_min(width):
        return None
    needed, formula = rule.n_min(width), f" ({rule.words})" if rule.a_column else ""
    return f"N = {min(n.values())} is below N_min = {needed}{formula}: {rule.below}"
