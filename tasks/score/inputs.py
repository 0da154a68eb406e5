"""What is measured: features by role, with what their intervals are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from benchmark.statistics import groups as grouping
from benchmark.statistics.arrays import Features, Ints
from tasks.groups import at_random
from tasks.too_few import Policy


@dataclass(frozen=True)
class Inputs:
    """Tables of rows by role, and how they are measured."""

    tables: Mapping[str, Features]
    """Features of real, synthetic, train and holdout rows, each of shape (N_role, D); logits of synthetic rows under
    `synthetic-logits`, shape (L, classes)."""
    slides: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    """Slide of each row by role, where known."""
    intervals: bool = True
    """Whether intervals are asked for; they cost time."""
    below_n_min: Policy = "usual"
    """What becomes of a number of too few rows, or of an FD-infinity that is not valid."""

    @property
    def real(self) -> Features:
        """Return the features of real images."""
        return self.tables["real"]

    @property
    def synthetic(self) -> Features:
        """Return the features of synthetic images."""
        return self.tables["synthetic"]

    def n(self, *roles: str) -> dict[str, int]:
        """Return the rows by role."""
        return {role: len(self.tables[role]) for role in roles}

    def groups(self, role: str) -> Ints:
        """Return the groups of rows that are left out together: slides where known, else random ones."""
        return grouping.slide_groups(self.slides[role]) if role in self.slides else at_random(len(self.tables[role]))

    def units(self, role: str) -> Ints:
        """Return what no half parts: a slide, or a row."""
        return self.groups(role) if role in self.slides else np.arange(len(self.tables[role]))

    def taken(self, rows: Mapping[str, Ints]) -> Inputs:
        """Return the same with some rows of some roles; the logits are of the synthetic rows."""
        chosen = {**rows, "synthetic-logits": rows["synthetic"]} if "synthetic" in rows else dict(rows)
        tables = {role: table[chosen[role]] if role in chosen else table for role, table in self.tables.items()}
        slides = {role: names[chosen[role]] if role in chosen else names for role, names in self.slides.items()}
        return replace(self, tables=tables, slides=slides)
