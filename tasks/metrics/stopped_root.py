"""The Fréchet distance with a root that stops early, as in piq 0.7.1: biased upward; for comparison alone.

Definition: as `frechet`, with the root of S_r S_s by the coupled Newton-Schulz iteration Y <- Y T, Z <- T Z,
T = (3 I - Z Y) / 2, from Y = S_r S_s / |S_r S_s|_F and Z = I, stopped as soon as |S_r S_s - R^2|_F / |S_r S_s|_F is
1e-5 or less for R = Y |S_r S_s|_F^(1/2), or after 100 steps. Source: Higham (2008), Functions of Matrices, eq. 6.35,
for the iteration; for the stop and the float64 statistics, piq 0.7.1, with which the released code computes its
distances; written anew here.

Estimand: none of interest. Every eigenvalue's root is approached from below and the small ones last, so the stop leaves
out part of the trace: the value exceeds `frechet` by twice that part, also for identical sets. How much depends on the
spectrum, so it is no constant that could be taken off.
Shapes: real (N, D), synthetic (M, D), any real dtype; computed in float64. Direction: lower. Bounds: 0 to infinity, up
to rounding. Rows that bound it: the floor from below, the noise row from above. N_min: 2 rows a side.
Blind to: what `frechet` is blind to.

Interval: delete-a-group jackknife with every group left out anew, up to `WIDEST` columns; above it would take hours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from benchmark.statistics.arrays import Features, Floats, Ints
from benchmark.statistics.jackknife import Replicates, delete_groups
from tasks.metrics.frechet import MINIMUM_ROWS
from tasks.metrics.guard import check_pair
from tasks.metrics.moments import Moments

STEPS = 100
"""Most steps of the iteration."""
TOLERANCE = 1e-5
"""Relative Frobenius error at which it stops."""
WIDEST = 256
"""Most columns for which every group is left out anew."""
_RIDGE = 1e-6


class Root(NamedTuple):
    """A root, and where the iteration stood when it stopped."""

    trace: float
    steps: int
    error: float
    """Relative Frobenius error of its square."""


def stopped_root(product: Floats) -> Root:
    """Return the trace of the root at which the iteration stops.

    Args:
        product: A product of two covariances, shape (D, D).

    Returns:
        The trace, with steps and error.
    """
    size = float(np.linalg.norm(product))
    if size == 0.0:
        return Root(0.0, 0, 0.0)
    turned, unit = np.eye(len(product)), np.eye(len(product))
    root, error, step = product / size, float("inf"), 0
    while step < STEPS and not error <= TOLERANCE:
        half = 0.5 * (3.0 * unit - turned @ root)
        root, turned = root @ half, half @ turned
        error = float(np.linalg.norm(product / size - root @ root))
        step += 1
    return Root(float(np.trace(root)) * size**0.5, step, error)


def stopped_root_distance(*, real: Features, synthetic: Features) -> tuple[float, Root]:
    """Return the distance with the early-stopped root.

    Args:
        real: Features of real images, shape (N, D), N >= 2.
        synthetic: Features of synthetic images, shape (M, D), M >= 2.

    Returns:
        The distance, and the root it stands on.

    Raises:
        FeatureError: if the features are not finite, 2-D, of equal width and with enough rows.
    """
    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS).arrays()
    first, second = Moments.of(pair.real), Moments.of(pair.synthetic)
    root = stopped_root(first.covariance @ second.covariance)
    if not np.isfinite(root.trace):
        ridge = _RIDGE * np.eye(len(first.covariance))
        root = stopped_root((first.covariance + ridge) @ (second.covariance + ridge))
    gap = first.mean - second.mean
    spread = float(np.trace(first.covariance) + np.trace(second.covariance))
    return float(gap @ gap) + spread - 2.0 * root.trace, root


def stopped_root_replicates(
    *, real: Features, synthetic: Features, real_groups: Ints, synthetic_groups: Ints
) -> Replicates:
    """Return the distance and its values with each group of each side left out.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        real_groups: Group of each real row, shape (N,), 0 to G - 1.
        synthetic_groups: Group of each synthetic row, shape (M,), 0 to H - 1.

    Returns:
        Replicates with the sides real and synthetic.

    Raises:
        FeatureError: if the features cannot be used, or fewer than two rows are left without some group.
    """

    def distance(real: Ints, synthetic: Ints) -> tuple[float]:
        return (stopped_root_distance(real=pair.real[real], synthetic=pair.synthetic[synthetic])[0],)

    pair = check_pair(real=real, synthetic=synthetic, rows=MINIMUM_ROWS).arrays()
    return delete_groups(distance, groups={"real": real_groups, "synthetic": synthetic_groups})[0]
