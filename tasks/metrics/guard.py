"""The one guard in front of every metric: what features must be before anything is computed from them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

import numpy as np

from benchmark.errors import UserError
from benchmark.statistics.arrays import Features

if TYPE_CHECKING:
    from torch import Tensor

Table: TypeAlias = Union[Features, "Tensor"]
"""Features as they are handed to a metric: an array, or a tensor on the processor or on a CUDA device."""
GREATEST = 1e30
"""Greatest magnitude of a feature: the sixth power of anything larger may overflow float64 in the cubic
kernel."""
_KINDS = ("float16", "bfloat16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64")
"""Dtypes of tensors that are taken."""
_ROWS = 4096


class FeatureError(UserError):
    """Features that a metric cannot take."""


class FeaturePair(NamedTuple):
    """Checked features of the two roles, equal in width."""

    real: Table
    """Features of real images, shape (N, D)."""
    synthetic: Table
    """Features of synthetic images, shape (M, D)."""

    def arrays(self) -> ArrayPair:
        """Return both as arrays."""
        return ArrayPair(as_array(self.real), as_array(self.synthetic))


class ArrayPair(NamedTuple):
    """Checked features of the two roles, as arrays."""

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


def as_array(features: Table) -> Features:
    """Return features as an array; a tensor on a CUDA device is copied to the processor.

    Args:
        features: Checked features, shape (N, D).

    Returns:
        The same numbers; of a tensor in the same memory where it lies on the processor and NumPy has its dtype.
        bfloat16, which NumPy has not, becomes float32, which holds it exactly.
    """
    if isinstance(features, np.ndarray):
        return features
    tensor = features.detach().cpu()
    return np.asarray((tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy())


def check_named(*, rows: Mapping[str, int], **features: Table) -> dict[str, Table]:
    """Return feature matrices of any roles, or refuse them.

    Args:
        rows: Fewest rows of each role.
        **features: Features by role, each of shape (N_role, D), all arrays or tensors of one device.

    Returns:
        The features as they came.

    Raises:
        FeatureError: if one is not a finite 2-D array or tensor of real numbers with enough rows, or the widths or
            the devices differ.
    """
    checked = {role: check_features(table, role=role, rows=rows[role]) for role, table in features.items()}
    (first, one), *others = checked.items()
    for role, table in others:
        if table.shape[1] != one.shape[1]:
            raise FeatureError(
                f"{first.capitalize()} features have {one.shape[1]} columns, {role} features {table.shape[1]}: "
                "expected equal widths. Embed all with the same extractor and layer."
            )
        if _device(table) != _device(one):
            raise FeatureError(
                f"{first.capitalize()} features lie on {_device(one)}, {role} features on {_device(table)}: expected "
                "one device. Move one with .to(device)."
            )
    return checked


def check_arrays(*, rows: Mapping[str, int], **features: Table) -> dict[str, Features]:
    """Return feature matrices of any roles as arrays, or refuse them as `check_named` does.

    Args:
        rows: Fewest rows of each role.
        **features: Features by role, each of shape (N_role, D).

    Returns:
        The features as arrays, in the dtype they came in.

    Raises:
        FeatureError: as `check_named`.
    """
    return {role: as_array(table) for role, table in check_named(rows=rows, **features).items()}


def check_pair(*, real: Table, synthetic: Table, rows: int) -> FeaturePair:
    """Return both feature matrices, or refuse them.

    Args:
        real: Features of real images, shape (N, D).
        synthetic: Features of synthetic images, shape (M, D).
        rows: Fewest rows a side may have.

    Returns:
        The features as they came.

    Raises:
        FeatureError: as `check_named`.
    """
    checked = check_named(rows={"real": rows, "synthetic": rows}, real=real, synthetic=synthetic)
    return FeaturePair(real=checked["real"], synthetic=checked["synthetic"])


def check_features(features: Table, *, role: str, rows: int) -> Table:
    """Return one feature matrix, or refuse it.

    Args:
        features: Features of one role, shape (N, D), an array or a tensor of any real dtype.
        role: The role, for the message.
        rows: Fewest rows.

    Returns:
        The features as they came; what is neither array nor tensor becomes an array.

    Raises:
        FeatureError: if they are not a finite 2-D array or tensor of real numbers with enough rows.
    """
    table = _table(features, role=role)
    if table.ndim != 2 or table.shape[1] == 0:
        raise FeatureError(
            f"The {role} features have shape {tuple(table.shape)}: expected (images, columns) with a column or more."
        )
    if len(table) < rows:
        raise FeatureError(
            f"The {role} features have {len(table)} row(s): expected {rows} or more. Give more {role} images."
        )
    _check_values(table, role=role)
    return table


def _table(features: Table, *, role: str) -> Table:
    """Return an array or a tensor of real numbers."""
    # Whoever holds a tensor has loaded torch; for arrays it is not loaded here. Another thread may be half-way through.
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "Tensor") and isinstance(features, torch.Tensor):
        kind = str(features.dtype).removeprefix("torch.")
        if kind not in _KINDS or features.layout != torch.strided or features.device.type not in ("cpu", "cuda"):
            raise FeatureError(
                f"The {role} features are a tensor of dtype {kind} on {features.device}: expected dense real numbers, "
                "float32 say, on the processor or a CUDA device."
            )
        return features.detach()
    array = np.asarray(features)
    if array.dtype.kind not in "fiu":
        raise FeatureError(f"The {role} features are of dtype {array.dtype}: expected real numbers, float32 say.")
    return array


def _check_values(table: Table, *, role: str) -> None:
    """Refuse NaN, infinity and magnitudes that overflow, naming the first bad row."""
    # The ends tell of anything that is not finite, a few rows at a time: no copy of all of them is made.
    parts = [table[at : at + _ROWS] for at in range(0, len(table), _ROWS)]
    # Not of absolute values: they wrap at the least value of a signed integer dtype.
    ends = np.array([(float(part.min()), float(part.max())) for part in parts])
    if not np.isfinite(ends).all():
        bad = np.concatenate([~np.isfinite(as_array(part)).all(axis=1) for part in parts])
        raise FeatureError(
            f"The {role} features hold NaN or infinity in {int(bad.sum())} of {len(bad)} rows, the first "
            f"in row {int(np.argmax(bad))}: expected finite numbers. Look at that image and embed again, "
            "in float32."
        )
    if np.abs(ends).max() > GREATEST:
        raise FeatureError(f"The {role} features exceed {GREATEST:.0e} in magnitude: the sums would overflow.")


def _device(table: Table) -> str:
    """Return where features lie; arrays lie on the processor."""
    return "cpu" if isinstance(table, np.ndarray) else str(table.device)
