"""C_T: whether synthetic images lie nearer to the training images than held-out real ones do.

Definition: the features are reduced to 64 principal components of the training rows and parted into 3 cells by
K-means on them. In each cell that holds synthetic and held-out rows, Z is the standardized Mann-Whitney statistic
of the distances to the nearest training row of that cell, synthetic against held-out, and C_T the mean of Z, cells
weighted by their share of held-out rows. Source: Meehan, Chaudhuri and Dasgupta (2020), AISTATS, "A non-parametric
test to detect data-copying in generative models", sections 2 and 3; 64 components and 3 cells as in dgm-eval.

Estimand: a test statistic, about standard normal per cell where nothing is copied. It grows with N: compare at
equal N only. Shapes: train (N, D), holdout (H, D), synthetic (M, D), any real dtype. Direction: target 0: far below
0 means copying, far above 0 that the synthetic rows are farther from the training images than real ones are.
Bounds: none. Rows that bound it: copies of the training set from below; the off-domain or noise row from above. The
hold-out must be drawn at random from the same slides as the training images. N_min: 3 training rows, 1 row of the
others. Blind to: copies in cells that held-out rows do not reach.

Interval: for this training set, its cells, and the numbers of rows in them: in each cell Z is the AUC of telling
synthetic from held-out distances, less 1/2, over a fixed scale, so that DeLong's variance of the AUC is that of Z but
for that scale; cells add up, squared weights. None where a cell holds fewer than 10 rows of a kind. Another training
set has other cells, which it says nothing of.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import linalg, stats
from sklearn.cluster import KMeans

from benchmark.statistics import placements
from benchmark.statistics.arrays import Features, Floats
from tasks.metrics.guard import FeatureError, Table, check_arrays
from tasks.metrics.moments import Moments
from tasks.metrics.nearest import nearest_rows
from tasks.metrics.pairs.one_pass import MEMORY

_ROWS = 1024
COMPONENTS, CELLS = 64, 3
"""Principal components and cells, as published implementations have them."""
FEWEST = 10
"""Fewest synthetic and held-out rows of a cell whose AUC has a standard error; with fewer DeLong's is far too small."""


class Cell(NamedTuple):
    """One cell that holds both synthetic and held-out rows."""

    number: int
    """Which of the cells, 0 to cells - 1."""
    synthetic: int
    """Synthetic rows in it, n."""
    holdout: int
    """Held-out rows in it, m."""
    auc: float
    """Share of pairs of a synthetic and a held-out row whose synthetic one is the farther from train, ties half."""
    error: float
    """Standard error of that (DeLong); NaN where a side has one row."""

    @property
    def scale(self) -> float:
        """Z over AUC - 1/2: one over the standard deviation of the AUC where nothing is copied."""
        n, m = self.synthetic, self.holdout
        return float(np.sqrt(12.0 * n * m / (n + m + 1)))


class DataCopying(NamedTuple):
    """C_T and what it is made of."""

    cells: tuple[Cell, ...]
    """The cells that hold both synthetic and held-out rows."""

    @property
    def statistic(self) -> float:
        """C_T; far below 0 means copying."""
        z = [cell.scale * (cell.auc - 0.5) for cell in self.cells]
        return float(np.average(z, weights=[cell.holdout for cell in self.cells]))

    @property
    def standard_error(self) -> float | None:
        """Its standard error, for this training set and its cells; None where a cell has too few rows of a kind."""
        errors = np.array([cell.scale * cell.error for cell in self.cells])
        if min(min(cell.synthetic, cell.holdout) for cell in self.cells) < FEWEST:
            return None
        weights = np.array([cell.holdout for cell in self.cells])
        return float(np.linalg.norm(weights * errors) / weights.sum())


def data_copying(
    *, train: Table, holdout: Table, synthetic: Table, cells: int = CELLS, seed: int = 0, memory: int = MEMORY
) -> DataCopying:
    """Return C_T.

    Args:
        train: Features of the images the generator learnt from, shape (N, D), N >= cells.
        holdout: Features of real images of the same slides it never saw, shape (H, D).
        synthetic: Features of synthetic images, shape (M, D).
        cells: Number of cells.
        seed: Seed of K-means, the same for all variants that are to be compared.
        memory: Bytes that tiles may take; never changes the result.

    Returns:
        The statistic with its standard error.

    Raises:
        FeatureError: if the features cannot be used, all training rows are alike, or no cell holds both synthetic and
            held-out rows.
    """
    checked = check_arrays(
        rows={"train": max(cells, 2), "holdout": 1, "synthetic": 1}, train=train, holdout=holdout, synthetic=synthetic
    )
    if not np.ptp(checked["train"], axis=0).any():
        raise FeatureError("All train rows are alike: they have no cells, and C_T no meaning. Give other features.")
    rows = _reduced(checked)
    parting = KMeans(n_clusters=cells, n_init=10, random_state=seed).fit(rows["train"])
    of_cell = {role: np.asarray(parting.predict(table), np.int64) for role, table in rows.items()}
    found = []
    for cell in range(cells):
        inside = {role: table[of_cell[role] == cell] for role, table in rows.items()}
        if all(len(table) for table in inside.values()):
            found.append(_compared(cell, inside, memory))
    if not found:
        raise FeatureError("No cell holds training, held-out and synthetic rows: the sets lie too far apart for C_T.")
    return DataCopying(tuple(found))


def _reduced(features: dict[str, Features]) -> dict[str, Floats]:
    """Return the rows in the principal components of the training rows, up to their signs, which no distance shows.

    From the covariance, which is summed in blocks of rows: scikit-learn takes a copy of all of them in float64.
    """
    moments = Moments.of(features["train"])
    width, components = len(moments.mean), min(COMPONENTS, *features["train"].shape)
    # Eigenvalues rise: the last are the greatest.
    _, axes = linalg.eigh(moments.covariance, subset_by_index=(width - components, width - 1))
    return {role: _turned(table, moments.mean, axes[:, ::-1]) for role, table in features.items()}


def _turned(features: Features, mean: Floats, axes: Floats) -> Floats:
    starts = range(0, len(features), _ROWS)
    return np.concatenate([(features[start : start + _ROWS] - mean) @ axes for start in starts])


def _compared(number: int, inside: dict[str, Floats], memory: int) -> Cell:
    """Compare the distances to train of the rows of one cell, synthetic against held-out."""
    synthetic, holdout = (
        nearest_rows(of=inside[role], among=inside["train"], memory=memory).distances[:, 0]
        for role in ("synthetic", "holdout")
    )
    n, m = len(synthetic), len(holdout)
    if min(n, m) < 2:
        ranks = stats.rankdata(np.concatenate([synthetic, holdout]))
        return Cell(number, n, m, float(ranks[:n].sum() - n * (n + 1) / 2) / (n * m), float("nan"))
    scores, labels = np.concatenate([synthetic, holdout]), np.repeat([True, False], [n, m])
    auc = placements.placements(labels=labels, scores=scores)
    return Cell(number, n, m, auc.value, auc.standard_error)
