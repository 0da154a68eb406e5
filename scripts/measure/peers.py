"""The metrics' peers on features in memory, the bare operations under ours, and features to measure them on.

Peers are called at their default settings: torch-fidelity's FID, KID of 100 subsets of 1,000 rows, and precision and
recall with k = 3; prdc with k = 5.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from prdc import compute_prdc
from torch_fidelity import metric_fid, metric_kid, metric_prc

from tasks.metrics.kernel_subsets import SubsetDraws
from tasks.metrics.pairs import tiles
from tasks.metrics.pairs.one_pass import MEMORY, Found, Reach, one_pass

Features = NDArray[np.float32]
SEED = 100


def features(rows: int, width: int, role: int) -> Features:
    """Return features of pool3's kind: not negative, correlated, a little apart."""
    mix = np.random.default_rng(SEED).normal(size=(60, width)).astype(np.float32)
    rng = np.random.default_rng([SEED, role])
    table = rng.standard_normal((rows, 60), np.float32) @ mix * np.float32(0.1)
    return np.abs(table + np.float32(0.3) * rng.standard_normal((rows, width), np.float32) + np.float32(0.05 * role))


def pairs(real: Features, synthetic: Features) -> Found:
    """Visit all pairs once, for every metric of ours that needs them."""
    subsets = SubsetDraws.of(real_rows=len(real), synthetic_rows=len(synthetic))
    return one_pass(real=real, synthetic=synthetic, balls=(Reach(3, True), Reach(5, False)), groups=subsets.groups)


def products(real: Features, synthetic: Features) -> None:
    """Multiply the blocks that are visited, and nothing else."""
    side = tiles.side_for(MEMORY, real.shape[1])
    first, second = tensors(real, synthetic)
    for one, other in ((first, first), (second, second), (first, second)):
        for start in range(0, len(one), side):
            for at in range(start if one is other else 0, len(other), side):
                torch.mm(one[start : start + side], other[at : at + side].T)


def decompositions(real: Features, synthetic: Features) -> None:
    """Make both covariances in float64, decompose one, and take the eigenvalues of the product."""
    first, second = (np.cov(rows.astype(np.float64).T) for rows in (real, synthetic))
    values, vectors = np.linalg.eigh(first)
    factor = vectors * np.sqrt(np.clip(values, 0, None))
    np.linalg.eigvalsh(factor.T @ second @ factor)


def fid(real: Features, synthetic: Features) -> dict[str, float]:
    """Compute torch-fidelity's FID from features."""
    statistics = [metric_fid.fid_features_to_statistics(rows) for rows in tensors(real, synthetic)]
    return metric_fid.fid_statistics_to_metric(*statistics, verbose=False)


def kid(real: Features, synthetic: Features) -> dict[str, float]:
    """Compute torch-fidelity's KID, 100 subsets of 1,000 rows."""
    return metric_kid.kid_features_to_metric(*tensors(synthetic, real), verbose=False)


def prc(real: Features, synthetic: Features) -> dict[str, float]:
    """Compute torch-fidelity's precision and recall, k = 3."""
    return metric_prc.prc_features_to_metric(*tensors(synthetic, real), verbose=False)


def prdc(real: Features, synthetic: Features) -> dict[str, float]:
    """Compute prdc's four, k = 5, without what it prints."""
    with contextlib.redirect_stdout(io.StringIO()):
        return compute_prdc(real_features=real, fake_features=synthetic, nearest_k=5)


ALL: dict[str, Callable[[Features, Features], dict[str, float]]] = {
    "torch-fidelity FID": fid,
    "torch-fidelity KID": kid,
    "torch-fidelity precision, recall": prc,
    "prdc": prdc,
}
"""The peers, by name."""


def tensors(*arrays: Features) -> list[torch.Tensor]:
    """Return arrays as tensors that share their memory."""
    return [torch.from_numpy(array) for array in arrays]
