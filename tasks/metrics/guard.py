"""The one guard in front of every metric: what features must be before anything is computed from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from benchmark.errors import UserError
from benchmark.statistics.arrays import Features

GREATEST = 1e30
"""Greatest magnitude of a feature: the sixth power of anything larger may overflow float64 in the cubic
kernel."""


class FeatureError(UserError):
    """Features that a metric cannot take."""


class FeaturePair(NamedTuple):
    """Checked features of the two roles, equal in width."""

    real: Features
    """Features of real images, shape (N, D)."""
    synthetic: Features
    """Features of synthetic images, shape (M, D)."""


def check_k(k: int) -> None:
    """Refuse a neighbor that there is none of.

    Args:
        k: Which neighbor.

    Raises:
        FeatureError: if it is below 1.
    """
    if k < 1:
        raise FeatureError(f"k = {k}: expected the 1st nearest neighbor or a later one.")


def check_named(*, rows: Mapping[str, int], **features: Features) -> dict[str, Features]:
    """Return feature matrices of any roles, or refuse them.

    Args:
        rows: Fewest rows of each role.
        **features: Features by role, each of shape (N_role, D).

    Returns:
        The features as arrays, in the dtype they came in.

    Raises:
        FeatureError: if one is not a finite 2-D array of real numbers with enough rows, or the widths differ.
    """
    checked = {role: check_features(table, role=role, rows=rows[role]) for role, table in features.items()}
    (first, one), *others = checked.items()
    for role, table in others:
        if table.shape[1] != one.shape[1]:
            raise FeatureError(
                f"{first.capitalize()} features have {one.shape[1]} columns, {role} features {table.shape[1]}: "
                "expected equal widths. Embed all with the same extractor and layer."
            )
    return checked


def check_pair(*, real: Features, synthetic: Features, rows: int) -> FeaturePair:
    """Return both feature matrices, or refuse them.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        rows: Fewest rows a side may have.

    Returns:
        The features as arrays, in the dtype they came in.

    Raises:
        FeatureError: if a side is not a finite 2-D array of real numbers with enough rows, or the widths
            differ.
    """
    checked = check_named(rows={"real": rows, "synthetic": rows}, real=real, synthetic=synthetic)
    return FeaturePair(real=checked["real"], synthetic=checked["synthetic"])


def check_features(features: Features, *, role: str, rows: int) -> Features:
    """Return one feature matrix, or refuse it.

    Args:
        features: Features of one role, shape (N, D), any real dtype.
        role: The role, for the message.
        rows: Fewest rows.

    Returns:
        The features as an array, in the dtype they came in.

    Raises:
        FeatureError: if they are not a finite 2-D array of real numbers with enough rows.
    """
    array = np.asarray(features)
    if array.dtype.kind not in "fiu":
        raise FeatureError(f"The {role} features are of dtype {array.dtype}: expected real numbers, float32 say.")
    if array.ndim != 2 or array.shape[1] == 0:
        raise FeatureError(
            f"The {role} features have shape {array.shape}: expected (images, columns) with a column or more."
        )
    if len(array) < rows:
        raise FeatureError(
            f"The {role} features have {len(array)} row(s): expected {rows} or more. Give more {role} images."
        )
    _check_values(array, role=role)
    return array


def _check_values(array: Features, *, role: str) -> None:
    """Refuse NaN, infinity and magnitudes that overflow, naming the first bad row."""
    bad = ~np.isfinite(array).all(axis=1)
    if bad.any():
        raise FeatureError(
            f"The {role} features hold NaN or infinity in {int(bad.sum())} of {len(array)} rows, the first "
            f"in row {int(np.argmax(bad))}: expected finite numbers. Look at that image and embed again, "
            "in float32."
        )
    # Not np.abs: it wraps at the least value of a signed integer dtype.
    if max(float(array.max()), -float(array.min())) > GREATEST:
        raise FeatureError(f"The {role} features exceed {GREATEST:.0e} in magnitude: the sums would overflow.")
