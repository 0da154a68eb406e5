"""C_T: its parts against SciPy, and the sign of copying."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial import cKDTree
from sklearn.decomposition import PCA

from benchmark.errors import UserError
from tasks.metrics import data_copying as module
from tasks.metrics.data_copying import data_copying


@pytest.fixture
def sets():
    rng = np.random.default_rng(0)
    return {role: rng.normal(size=(rows, 5)) for role, rows in (("train", 300), ("holdout", 150), ("synthetic", 200))}


def test_one_cell_is_a_mann_whitney_test(sets):
    """The standardized statistic of SciPy's, without its correction for continuity."""
    found = data_copying(**sets, cells=1).statistic
    tree = cKDTree(sets["train"])
    gaps = {role: tree.query(sets[role])[0] for role in ("synthetic", "holdout")}
    test = stats.mannwhitneyu(gaps["synthetic"], gaps["holdout"], method="asymptotic", use_continuity=False)
    z = abs(stats.norm.isf(test.pvalue / 2)) * np.sign(test.statistic - 200 * 150 / 2)
    assert found == pytest.approx(z, rel=1e-6)


def test_copies_are_below_and_strangers_above(sets):
    """What learnt the distribution is near 0."""
    rng = np.random.default_rng(1)
    copies = sets["train"][:200] + 0.01 * rng.normal(size=(200, 5))
    far = 3.0 * rng.normal(size=(200, 5))
    assert data_copying(**{**sets, "synthetic": copies}).statistic < -8
    assert abs(data_copying(**sets).statistic) < 3
    assert data_copying(**{**sets, "synthetic": far}).statistic > 4


def test_cells_count_by_their_held_out_rows():
    """Two cells far apart: copies in the one with 9 of 10 held-out rows weigh 9 times those in the other."""
    rng = np.random.default_rng(2)
    train = np.concatenate([rng.normal(size=(200, 2)), 100 + rng.normal(size=(200, 2))])
    holdout = np.concatenate([rng.normal(size=(180, 2)), 100 + rng.normal(size=(20, 2))])
    near, far = train[:100] + 1e-3, 100 + rng.normal(size=(100, 2))
    both = data_copying(train=train, holdout=holdout, synthetic=np.concatenate([near, far]), cells=2).statistic
    alone = data_copying(train=train[:200], holdout=holdout[:180], synthetic=near, cells=1).statistic
    other = data_copying(train=train[200:], holdout=holdout[180:], synthetic=far, cells=1).statistic
    assert both == pytest.approx(0.9 * alone + 0.1 * other, rel=1e-6)


def test_wide_features_are_reduced_and_few_rows_refused(sets):
    """Seventy columns; no cell with all three."""
    wide = {role: np.concatenate([rows, np.zeros((len(rows), 65))], axis=1) for role, rows in sets.items()}
    found, expected = data_copying(**wide, cells=1), data_copying(**sets, cells=1)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-6)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=1e-6)
    with pytest.raises(UserError, match="No cell holds"):
        data_copying(
            train=np.array([[0.0], [1], [100], [101]]),
            holdout=np.array([[0.0]]),
            synthetic=np.array([[100.0]]),
            cells=2,
        )


@pytest.mark.parametrize("rows", [200, 40])
def test_components_are_those_of_sklearn(rows, monkeypatch):
    """Up to their signs; more and fewer training rows than columns, in single precision, about a high level."""
    rng = np.random.default_rng(3)
    mix = rng.normal(size=(90, 90)) * np.geomspace(1.0, 0.1, 90)[:, None]
    sets = {role: (50.0 + rng.normal(size=(n, 90)) @ mix).astype(np.float32) for role, n in
            (("train", rows), ("holdout", 30), ("synthetic", 51))}  # fmt: skip
    monkeypatch.setattr(module, "_ROWS", 7)
    found = module._reduced(sets)
    wide = {role: table.astype(np.float64) for role, table in sets.items()}
    # Of 40 rows the last component is that of no variance at all, and any direction will do.
    count = min(64, rows - 1)
    axes = PCA(count, svd_solver="full").fit(wide["train"])
    for role, table in found.items():
        assert table.shape == (len(sets[role]), min(64, rows))
        np.testing.assert_allclose(np.abs(table[:, :count]), np.abs(axes.transform(wide[role])), atol=1e-8)


def test_training_rows_that_are_all_alike_are_refused(sets):
    """They have no cells; one other row is enough to have some."""
    alike = np.ones((300, 5))
    with pytest.raises(UserError, match="All train rows are alike"):
        data_copying(**{**sets, "train": alike})
    alike[-1, -1] = 2.0
    assert np.isfinite(data_copying(**{**sets, "train": alike}, cells=2).statistic)


def test_the_standard_error_is_that_of_a_mann_whitney_statistic(sets):
    """One cell: DeLong's of the AUC, on the scale of Z; of several, weights squared; none where a cell has under 10."""
    found = data_copying(**sets, cells=1)
    tree = cKDTree(sets["train"])
    gaps = {role: tree.query(sets[role])[0] for role in ("synthetic", "holdout")}
    above = gaps["synthetic"][:, None] > gaps["holdout"]
    variance = above.mean(axis=1).var(ddof=1) / 200 + above.mean(axis=0).var(ddof=1) / 150
    assert found.standard_error == pytest.approx(np.sqrt(variance * 12 * 200 * 150 / 351), rel=1e-6)
    assert 0.4 < data_copying(**sets).standard_error < 0.9
    assert data_copying(**{**sets, "holdout": sets["holdout"][:9]}, cells=1).standard_error is None
    assert data_copying(**{**sets, "holdout": sets["holdout"][:10]}, cells=1).standard_error > 0
