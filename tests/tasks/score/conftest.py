"""Sets of rows for `bench score`."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.score import compute
from tasks.score.choices import chosen
from tasks.score.inputs import Inputs


@pytest.fixture
def rows():
    """1,100 real and 1,050 synthetic rows of 4 columns, the synthetic ones a little off."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(1100, 4)), rng.normal(0.3, 1.2, size=(1050, 4))


@pytest.fixture
def scored():
    """Calls `compute.score` with tables by role, and returns what it found by metric."""

    def call(metrics, *, slides=None, intervals=True, below_n_min="usual", **tables):
        given = {role.replace("_", "-"): table for role, table in tables.items()}
        found = compute.score(Inputs(given, slides or {}, intervals, below_n_min), chosen(metrics))
        return {one.metric.name: one for one in found}

    return call
