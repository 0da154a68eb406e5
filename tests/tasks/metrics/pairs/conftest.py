"""Sets on which a matrix product goes astray, and the brute force that does not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.metrics.pairs.one_pass import as_tensor
from tasks.metrics.pairs.points import Frame, Points


def brute(first, second):
    """All squared distances from the differences, in float64."""
    gaps = first.astype(np.float64)[:, None, :] - second.astype(np.float64)[None, :, :]
    return np.square(gaps).sum(axis=2)


def brute_radii(features, k):
    """The k-th smallest squared distance to another row."""
    squared = brute(features, features)
    np.fill_diagonal(squared, np.inf)
    return np.sort(squared, axis=1)[:, k - 1]


def made(kind):
    """Sets on which a matrix product goes astray, or on which ties decide."""
    rng = np.random.default_rng(0)
    if kind == "gaussian":
        return rng.normal(size=(83, 24)), rng.normal(0.2, 1.2, size=(61, 24))
    if kind == "single precision":
        return rng.normal(size=(83, 24)).astype(np.float32), rng.normal(size=(61, 24)).astype(np.float32)
    if kind == "mixed precision":
        return rng.normal(size=(50, 7)).astype(np.float16), rng.normal(size=(40, 7))
    if kind == "whole numbers":
        return rng.integers(-3, 4, (90, 2)).astype(np.int8), rng.integers(-3, 4, (70, 2)).astype(np.uint8)
    if kind == "lattice":
        return rng.integers(0, 4, (90, 3)) / 10.0, rng.integers(0, 4, (70, 3)) / 10.0
    if kind == "copies":
        rows = rng.normal(size=(6, 5))
        return rows[rng.integers(0, 6, 60)], rows[rng.integers(0, 6, 40)]
    if kind == "constant":
        return np.full((30, 4), 0.1), np.full((25, 4), 0.1)
    if kind == "far from the origin":
        return 1e8 + rng.normal(size=(60, 6)), 1e8 + rng.normal(size=(50, 6))
    if kind == "tight beside an outlier":
        first, second = 1e-6 * rng.normal(size=(60, 6)), 1e-6 * rng.normal(size=(50, 6))
        first[7], second[11] = 1e7, -1e7
        return first, second
    if kind == "tight between outliers":
        first, second = 1e-6 * rng.normal(size=(60, 6)), 1e-6 * rng.normal(size=(50, 6))
        first[:8] = second[:8] = 1e7 * np.array([1, -1] * 4)[:, None] + rng.normal(size=(8, 6))
        return first, second
    if kind == "tiny":
        return 1e-160 * rng.normal(size=(40, 5)), 1e-160 * rng.normal(size=(30, 5))
    assert kind == "huge"
    return 1e30 * rng.uniform(-1, 1, size=(40, 5)), 1e30 * rng.uniform(-1, 1, size=(30, 5))


KINDS = [
    "gaussian", "single precision", "mixed precision", "whole numbers", "lattice", "copies", "constant",
    "far from the origin", "tight beside an outlier", "tight between outliers", "tiny", "huge",
]  # fmt: skip


class Sets:
    """What the tests of this folder share."""

    brute = staticmethod(brute)
    brute_radii = staticmethod(brute_radii)
    made = staticmethod(made)
    kinds = KINDS

    @staticmethod
    def points(*arrays):
        """Put sets of rows into one frame."""
        tensors = [as_tensor(np.asarray(rows)) for rows in arrays]
        frame = Frame.about(*tensors)
        return [Points(rows, frame) for rows in tensors]


@pytest.fixture(scope="session")
def sets():
    """Adversarial sets and their true distances."""
    return Sets


@pytest.fixture(params=KINDS)
def kind(request):
    """Each kind of set in turn."""
    return request.param


@pytest.fixture(autouse=True)
def _no_gradients():
    with torch.inference_mode():
        yield
