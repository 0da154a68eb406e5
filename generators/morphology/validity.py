"""Validity indices of a clustering: S_Dbw and SD as the study's code has them. Less is better in both.

Sources: S_Dbw of Halkidi and Vazirgiannis 2001 (ICDM, 187) as changed by Tong and Tan 2009 (J. Electron. (China)
26:258), and SD of Halkidi, Vazirgiannis and Batistakis 2000 (LNAI 1910:265), as the package s-dbw 0.4.0 computes them
with method "Tong" and nearest centers, which the study's release calls. What that changes: a center is the member
nearest to the mean; norms are of standard deviations, where the papers have variances; the weight of scattering in SD
is 1, where the paper has the separation at the largest K.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LAMBDA = 0.7
"""Weight of sizes against densities in the place between two clusters (Tong and Tan)."""
REACH = 1.96
"""Standard errors of a center within which a row counts as near."""

_COLUMNS = 16
"""Features that are looked at together: most rows are far off in the first few."""


@dataclass(frozen=True)
class Validity:
    """Both indices and what they are sums of."""

    tong_scattering: float
    """Mean spread of clusters over that of all rows, small clusters weighing more."""
    density_between: float
    """Density between two clusters over that of the denser one, mean over pairs. With many features next to nothing
    lies between centers, and it is 0: S_Dbw is then the scattering alone."""
    scattering: float
    """Mean spread of clusters over that of all rows."""
    separation: float
    """Greatest over least distance of centers, times the sum of inverse sums of distances."""

    @property
    def s_dbw(self) -> float:
        """Return the index S_Dbw."""
        return self.tong_scattering + self.density_between

    @property
    def sd(self) -> float:
        """Return the index SD."""
        return self.scattering + self.separation


def measure(features: NDArray[np.float64], assignments: NDArray[np.int64]) -> Validity:
    """Return both indices of a clustering.

    Args:
        features: Shape (N, D).
        assignments: Cluster of each row, shape (N,); every cluster from 0 on has a row, and there are two at least.

    Raises:
        ValueError: If there is one cluster, or two centers are the same.
    """
    groups = [features[assignments == cluster] for cluster in range(int(assignments.max()) + 1)]
    if len(groups) < 2:
        raise ValueError("validity indices compare clusters; found one")
    sizes = np.array([len(group) for group in groups])
    spreads = np.array([group.std(axis=0) for group in groups])
    centers = np.array([_center(group) for group in groups])
    ratios = np.linalg.norm(spreads, axis=1) / np.linalg.norm(features.std(axis=0))
    return Validity(
        tong_scattering=float(((1 - sizes / len(features)) * ratios).sum() / (len(groups) - 1)),
        density_between=_density_between(groups, sizes, spreads, centers),
        scattering=float(ratios.mean()),
        separation=_separation(centers),
    )


def _center(group: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the member that is nearest to the mean; the first on a tie.

    Of two members alone, rounding decides; the function is the package's, so that it decides alike.
    """
    from scipy.spatial.distance import cdist

    member: NDArray[np.float64] = group[np.argmin(cdist(group, group.mean(axis=0)[None]))]
    return member


def _separation(centers: NDArray[np.float64]) -> float:
    distances = np.linalg.norm(centers[:, None] - centers[None], axis=2)
    apart = distances[np.triu_indices(len(centers), 1)]
    if not apart.min() > 0:
        raise ValueError("two clusters have the same center")
    return float(apart.max() / apart.min() * (1 / distances.sum(axis=1)).sum())


def _density_between(
    groups: list[NDArray[np.float64]],
    sizes: NDArray[np.int64],
    spreads: NDArray[np.float64],
    centers: NDArray[np.float64],
) -> float:
    reaches = REACH * spreads / np.sqrt(sizes)[:, None]
    # A center is a member, so that no density is 0.
    density = [_near(*one) for one in zip(groups, centers, reaches, strict=True)]
    total = 0.0
    for i, j in itertools.combinations(range(len(groups)), 2):
        both = sizes[i] + sizes[j]
        by_size = (centers[i] * sizes[j] + centers[j] * sizes[i]) / both
        by_density = (centers[i] * density[i] + centers[j] * density[j]) / (density[i] + density[j])
        middle = LAMBDA * by_size + (1 - LAMBDA) * by_density
        reach = REACH * (spreads[i] + spreads[j]) / 2 / np.sqrt(both)
        between = _near(groups[i], middle, reach) + _near(groups[j], middle, reach)
        total += between / max(density[i], density[j])
    pairs = len(groups) * (len(groups) - 1) / 2
    return total / pairs


def _near(rows: NDArray[np.float64], center: NDArray[np.float64], reach: NDArray[np.float64]) -> int:
    """Return how many rows are within reach of a center in every feature."""
    for start in range(0, len(center), _COLUMNS):
        part = slice(start, start + _COLUMNS)
        rows = rows[(np.abs(rows[:, part] - center[part]) <= reach[part]).all(axis=1)]
        if not len(rows):
            break
    return len(rows)
