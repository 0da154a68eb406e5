"""Nearest rows against SciPy's k-d tree and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from benchmark.errors import UserError
from tasks.metrics.nearest import nearest_others, nearest_rows


def test_equal_to_a_tree_search():
    """Distances and which rows they are to, in another set and among the others of one's own."""
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(150, 4)), rng.normal(size=(90, 4))
    distances, rows = cKDTree(other).query(one, 3)
    for memory in (1, 2**27):
        found = nearest_rows(of=one, among=other, k=3, memory=memory)
        np.testing.assert_allclose(found.distances, distances)
        np.testing.assert_array_equal(found.rows, rows)
    distances, rows = cKDTree(one).query(one, 4)
    found = nearest_others(features=one, k=3)
    np.testing.assert_allclose(found.distances, distances[:, 1:])
    np.testing.assert_array_equal(found.rows, rows[:, 1:])


def test_a_copy_is_found_and_named():
    """Distance zero; of two copies the first."""
    among = np.array([[5.0, 5.0], [1.0, 2.0], [1.0, 2.0]])
    found = nearest_rows(of=np.array([[1.0, 2.0], [5.0, 4.0]]), among=among)
    assert found.distances.tolist() == [[0.0], [1.0]]
    assert found.rows.tolist() == [[1], [0]]
    assert nearest_others(features=among).rows.tolist() == [[1], [2], [1]]


def test_what_cannot_be_found_is_refused():
    """Too few rows among which to look, unlike widths, and k below 1."""
    with pytest.raises(UserError, match=r"among features have 3 row\(s\): expected 4"):
        nearest_rows(of=np.eye(3), among=np.eye(3), k=4)
    with pytest.raises(UserError, match=r"given features have 3 row\(s\): expected 4"):
        nearest_others(features=np.eye(3), k=3)
    with pytest.raises(UserError, match="Of features have 3 columns, among features 2"):
        nearest_rows(of=np.eye(3), among=np.eye(2))
    for call in (
        lambda: nearest_rows(of=np.eye(3), among=np.eye(3), k=0),
        lambda: nearest_others(features=np.eye(3), k=0),
    ):
        with pytest.raises(UserError, match="k = 0"):
            call()
