from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from benchmark.statistics.jackknife import delete_groups
from tasks.metrics import frechet as module
from tasks.metrics.frechet import frechet_distance, frechet_replicates, influences

SHAPES = [(300, 200, 16), (64, 96, 64), (20, 30, 64), (5, 200, 32)]


def pair(n, m, d, seed=0):
    rng = np.random.default_rng(seed)
    mix = rng.normal(size=(d, d)) / d**0.5
    return rng.normal(size=(n, d)), rng.normal(0.3, 1.0, size=(m, d)) @ mix


@pytest.mark.parametrize(("n", "m", "d"), SHAPES)
def test_equal_to_torch_fidelity(n, m, d):
    """Within 1e-6 of the summed traces, also with fewer rows than columns."""
    real, synthetic = pair(n, m, d)
    statistics = [fid_features_to_statistics(torch.from_numpy(rows)) for rows in (real, synthetic)]
    theirs = fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    scale = np.trace(np.cov(real.T)) + np.trace(np.cov(synthetic.T))
    assert abs(frechet_distance(real=real, synthetic=synthetic) - theirs) < 1e-6 * scale


def test_equal_to_a_matrix_square_root():
    """SciPy's general root of the product of covariances, where it is well conditioned."""
    real, synthetic = pair(400, 300, 8)
    first, second = np.cov(real.T), np.cov(synthetic.T)
    gap = real.mean(axis=0) - synthetic.mean(axis=0)
    root = scipy.linalg.sqrtm(first @ second).real
    expected = gap @ gap + np.trace(first) + np.trace(second) - 2 * np.trace(root)
    assert frechet_distance(real=real, synthetic=synthetic) == pytest.approx(expected, rel=1e-9)


def test_equal_covariances_leave_the_distance_of_means():
    """A shift by (3, 4) is a distance of 25."""
    real = np.random.default_rng(1).normal(size=(50, 2))
    assert frechet_distance(real=real, synthetic=real + np.array([3.0, 4.0])) == pytest.approx(25.0)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_scaled_covariance_has_its_closed_form(factor):
    """S2 = c^2 S1 about one mean gives (1 - c)^2 tr S1."""
    real = np.random.default_rng(2).normal(size=(80, 5))
    mean = real.mean(axis=0)
    expected = (1 - factor) ** 2 * np.trace(np.cov(real.T))
    assert frechet_distance(real=real, synthetic=mean + factor * (real - mean)) == pytest.approx(expected)


def test_published_golden():
    """The tiny case that MONAI's tests give: 0.4444."""
    real, synthetic = np.array([[2.0, 2], [1, 2], [1, 2]]), np.array([[1.0, 2], [1, 2], [1, 2]])
    assert frechet_distance(real=real, synthetic=synthetic) == pytest.approx(0.4444, abs=1e-4)


@pytest.mark.parametrize(("n", "m", "d"), [*SHAPES, (200, 5, 32)])
def test_influences_are_derivatives_by_the_weights_of_rows(n, m, d):
    """A row counted a little more, against a difference quotient; one that never saw an eigenvector."""
    real, synthetic = pair(n, m, d)
    found = influences(real=real, synthetic=synthetic)
    assert found.full == pytest.approx(frechet_distance(real=real, synthetic=synthetic), rel=1e-9)
    for role, rows in (("real", real), ("synthetic", synthetic)):
        given, other = {"real": real, "synthetic": synthetic}, getattr(found, role)
        assert other.mean() == pytest.approx(0.0, abs=1e-9 * np.abs(other).max())
        for index in (0, len(rows) // 2):
            ends = []
            for step in (-1e-4, 1e-4):
                weights = np.full(len(rows), 1.0 - step)
                weights[index] += step * len(rows)
                ends.append(weighted(**{**given, role: (rows, weights)}))
            assert other[index] == pytest.approx((ends[1] - ends[0]) / 2e-4, rel=2e-3, abs=1e-3 * found.full)


def weighted(**sides):
    """Return the distance of weighted rows, by singular values of the product of their centered rows."""
    roots, means, spread = {}, {}, 0.0
    for role, given in sides.items():
        rows, weights = given if isinstance(given, tuple) else (given, np.ones(len(given)))
        means[role] = (weights @ rows) / weights.sum()
        # Divisor N - 1 for weights that add up to N, so that weights of 1 give the distance itself.
        roots[role] = np.sqrt(weights / (len(rows) - 1))[:, None] * (rows - means[role])
        spread += np.square(roots[role]).sum()
    gap = means["real"] - means["synthetic"]
    return gap @ gap + spread - 2 * np.linalg.svd(roots["real"] @ roots["synthetic"].T, compute_uv=False).sum()


@pytest.mark.parametrize(("n", "d"), [(400, 6), (120, 40), (24, 40)])
def test_leaving_a_group_out_is_near_computing_without_it(n, d):
    """On each side: the standard error is that of distances computed anew without each group."""
    real, synthetic = pair(n, n + 7, d)
    groups = {"real": random_groups(n, seed=0, groups=10), "synthetic": random_groups(n + 7, seed=1, groups=10)}
    found = frechet_replicates(
        real=real, synthetic=synthetic, real_groups=groups["real"], synthetic_groups=groups["synthetic"]
    )
    first, second = real, synthetic
    anew = delete_groups(
        lambda *, real, synthetic: (frechet_distance(real=first[real], synthetic=second[synthetic]),), groups=groups
    )[0]
    assert found.full == pytest.approx(anew.full, rel=1e-9)
    assert found.standard_error == pytest.approx(anew.standard_error, rel=0.1)
    for mine, other in zip(found.sides, anew.sides, strict=True):
        assert np.corrcoef(mine.values, other.values)[0, 1] > (0.95 if n > d else 0.65)
        assert (mine.role, mine.sizes, mine.digest) == (other.role, other.sizes, other.digest)


def test_constant_columns_have_no_influence():
    """A covariance of less than full rank, with more rows than columns."""
    real, synthetic = pair(80, 70, 5)
    wide = [np.concatenate([rows, np.full((len(rows), 2), 3.0)], axis=1) for rows in (real, synthetic)]
    narrow, padded = influences(real=real, synthetic=synthetic), influences(real=wide[0], synthetic=wide[1])
    np.testing.assert_allclose(padded.real, narrow.real, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(padded.synthetic, narrow.synthetic, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [65, 128, 1001])
def test_a_long_side_beside_a_short_one_is_taken_in_blocks(rows, dtype, monkeypatch):
    """Triangles of 64 rows at a time, of less than full rank and on a high level, against one decomposition of all."""
    blocks, qr = [], np.linalg.qr
    monkeypatch.setattr(module, "_ROWS", 1)
    monkeypatch.setattr(np.linalg, "qr", lambda table, **given: blocks.append(len(table)) or qr(table, **given))
    long, short = (rows.astype(dtype) for rows in pair(rows, 20, 32))
    long[:, 5], long[:, 6], long[:, 7] = long[:, 4], 3.0, 1e-5 * long[:, 7]
    long, short = long + dtype(100.0), short + dtype(100.0)
    for sides in ({"real": long, "synthetic": short}, {"real": short, "synthetic": long}):
        expected = weighted(**{role: table.astype(np.float64) for role, table in sides.items()})
        assert frechet_distance(**sides) == pytest.approx(expected, rel=1e-11)
    assert max(blocks) <= 32 + 64
    assert len(blocks) == 2 * -(-rows // 64)


CONSTANT = {"real": ("constant", "varied"), "synthetic": ("varied", "constant"), "both": ("constant", "other")}


@pytest.mark.parametrize("which", CONSTANT)
@pytest.mark.parametrize(("n", "d"), [(40, 3), (6, 9)])
def test_a_constant_side_has_a_distance_and_influences(which, n, d):
    """A covariance of rank 0: |gap|^2 plus the trace of the other; leaving out rows of one value moves nothing."""
    sets = {"constant": np.full((n, d), 0.5), "other": np.full((n, d), 3.0), "varied": pair(n, n, d)[1]}
    real, synthetic = (sets[name] for name in CONSTANT[which])
    labels = {"real_groups": np.arange(n) % 3, "synthetic_groups": np.arange(n) % 3}
    found = frechet_replicates(real=real, synthetic=synthetic, **labels)
    gap = real.mean(axis=0) - synthetic.mean(axis=0)
    expected = gap @ gap + real.var(axis=0, ddof=1).sum() + synthetic.var(axis=0, ddof=1).sum()
    assert found.full == pytest.approx(expected) == frechet_distance(real=real, synthetic=synthetic)
    for side, name in zip(found.sides, CONSTANT[which], strict=True):
        assert (max(side.values) - min(side.values) < 1e-9) is (name != "varied")


def test_a_group_that_leaves_one_row_is_refused():
    """By role."""
    real, synthetic = pair(6, 6, 2)
    with pytest.raises(UserError, match="Without its largest group the synthetic side has 1 row"):
        frechet_replicates(
            real=real, synthetic=synthetic, real_groups=np.arange(6), synthetic_groups=np.array([0, 0, 0, 0, 0, 1])
        )


BAD = {
    "nan": np.full((9, 3), np.nan), "infinite": np.full((9, 3), np.inf), "empty": np.empty((0, 3)),
    "one row": np.ones((1, 3)), "one dimension": np.ones(9), "other width": np.ones((9, 4)),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_bad_features_are_refused_by_role(what, role):
    """The message names whose features they are."""
    good = np.random.default_rng(0).normal(size=(9, 3))
    other = "synthetic" if role == "real" else "real"
    with pytest.raises(UserError, match=role if what != "other width" else "3"):
        frechet_distance(**{role: BAD[what], other: good})
