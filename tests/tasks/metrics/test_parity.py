"""Every metric beside its peers, on sets of all shapes: few rows and many, dependent, constant, collapsed."""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric
from torchmetrics.image.fid import _compute_fid
from torchmetrics.image.kid import poly_mmd

from tasks.metrics.frechet import frechet_distance
from tasks.metrics.kernel import kernel_distance
from tasks.metrics.kernel_subsets import kernel_subset_protocol
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall

SHAPES = [(2**n, 2**d) for n in (3, 5, 7, 9) for d in (1, 2, 4, 6, 8)]
"""Rows and columns: up to 512 rows of 256 columns, and 8 rows of as many."""
KINDS = ["apart", "rank-deficient", "constant", "duplicated", "mode-collapsed"]


def made(kind: str, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return real and synthetic rows in float32, the synthetic ones a few more."""
    rng = np.random.default_rng([n, d])
    real, synthetic = rng.normal(size=(n, d)), rng.normal(0.3, 1.2, size=(n + 3, d))
    if kind == "rank-deficient":
        mix = rng.normal(size=(max(1, d // 4), d))
        real, synthetic = real[:, : len(mix)] @ mix, synthetic[:, : len(mix)] @ mix
    if kind == "constant":
        real[:], synthetic[:] = 0.25, 0.75
    if kind == "duplicated":
        real, synthetic = real[rng.integers(0, 3, n)], synthetic[rng.integers(0, 3, n + 3)]
    if kind == "mode-collapsed":
        synthetic = real[0] + 1e-3 * synthetic
    return real.astype(np.float32), synthetic.astype(np.float32)


@pytest.fixture(params=SHAPES, ids=lambda shape: f"{shape[0]}x{shape[1]}")
def shape(request):
    return request.param


@pytest.mark.parametrize("kind", KINDS)
def test_frechet_distance(kind, shape):
    """Torch-fidelity's and torchmetrics', within a millionth of the summed traces."""
    real, synthetic = made(kind, *shape)
    both = [torch.from_numpy(rows).double() for rows in (real, synthetic)]
    scale = sum(float(rows.var(dim=0).sum()) for rows in both) + float(
        (both[0].mean(0) - both[1].mean(0)).square().sum()
    )
    ours = frechet_distance(real=real, synthetic=synthetic)
    theirs = fid_statistics_to_metric(*map(fid_features_to_statistics, both), verbose=False)
    moments = [part for rows in both for part in (rows.mean(dim=0), torch.atleast_2d(rows.T.cov()))]
    # Where covariances are not of full rank their eigenvalues at rounding level, whose roots are not small, count.
    allowed = (1e-6 if shape[0] > shape[1] and kind == "apart" else 1e-5) * scale + 1e-12
    assert ours == pytest.approx(theirs["frechet_inception_distance"], abs=allowed)
    assert ours == pytest.approx(float(_compute_fid(*moments)), abs=allowed)


@pytest.mark.parametrize("kind", KINDS)
def test_kernel_distance(kind, shape):
    """Torchmetrics' estimate of all rows, and torch-fidelity's reference protocol with its seed."""
    real, synthetic = made(kind, *shape)
    n = len(real)
    rows = np.concatenate([real, synthetic]).astype(np.float64)
    rounding = 2e-6 * np.mean(np.abs(rows @ rows.T / rows.shape[1] + 1) ** 3) + 1e-12
    both = [torch.from_numpy(side).double() for side in (real, synthetic[:n])]
    theirs = float(poly_mmd(*both))
    assert kernel_distance(real=real, synthetic=synthetic[:n]) == pytest.approx(theirs, abs=rounding)
    ours = kernel_subset_protocol(real=real, synthetic=synthetic, subsets=5, subset_size=n // 2)
    given = [torch.from_numpy(side).double() for side in (synthetic, real)]
    theirs = kid_features_to_metric(*given, kid_subsets=5, kid_subset_size=n // 2, rng_seed=2020, verbose=False)
    assert ours.mean == pytest.approx(theirs["kernel_inception_distance_mean"], abs=2 * rounding)
    assert ours.spread_over_subsets == pytest.approx(theirs["kernel_inception_distance_std"], abs=2 * rounding)


@pytest.mark.parametrize("kind", KINDS)
def test_neighbor_shares(kind, shape):
    """Torch-fidelity's and prdc's, but for rows that float32 puts on the wrong side of a radius or of a tie."""
    real, synthetic = made(kind, *shape)
    improved = improved_precision_recall(real=real, synthetic=synthetic)
    given = [torch.from_numpy(side).double() for side in (synthetic, real)]
    theirs = prc_features_to_metric(*given, verbose=False)
    exact = kind in ("apart", "rank-deficient", "mode-collapsed")
    if exact:
        assert improved.improved_precision == pytest.approx(theirs["precision"], abs=1e-6)
        assert improved.improved_recall == pytest.approx(theirs["recall"], abs=1e-6)
    with contextlib.redirect_stdout(io.StringIO()):
        four = compute_prdc(real_features=real.astype(float), fake_features=synthetic.astype(float), nearest_k=5)
    ours = prdc(real=real, synthetic=synthetic)
    if exact:
        for name, value in zip(("precision", "recall", "density", "coverage"), ours, strict=True):
            assert value == pytest.approx(four[name], abs=1e-9)


def test_ties_are_told_where_peers_round():
    """Constant sets: every radius is zero, closed balls hold copies alone, open ones nothing."""
    rows = np.full((20, 7), 0.1, np.float32)
    assert improved_precision_recall(real=rows, synthetic=rows) == (1.0, 1.0)
    assert prdc(real=rows, synthetic=rows) == (0.0, 0.0, 0.0, 0.0)
