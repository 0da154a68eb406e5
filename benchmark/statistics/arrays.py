"""Names for the array types that the statistics and the metrics share."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
"""Results and sums, always float64."""
Ints: TypeAlias = NDArray[np.int64]
"""Row numbers, group labels and counts."""
Bools: TypeAlias = NDArray[np.bool_]
"""Masks."""
Features: TypeAlias = NDArray[Any]
"""Feature vectors as they come, any real dtype, shape (N, D); computed with in float64."""
