"""A small phantom dataset."""

from __future__ import annotations

import pytest

from benchmark.datasets.phantom import spec


@pytest.fixture
def small() -> spec.PhantomSpec:
    """Forty training patches of six slides; eight patches in the others."""
    return spec.PhantomSpec(seed=7, train=40, valid=8, test=8, slides_train=6, slides_valid=2, slides_test=2)
