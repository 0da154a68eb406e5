"""What an extractor is given."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.extractor import check_images
from benchmark.errors import UserError


@pytest.mark.parametrize("shape", [(0, 8, 8, 3), (2, 8, 8, 3), (1, 4, 9, 3)])
def test_uint8_rgb_is_taken(shape):
    """Any number, any size; nothing is changed."""
    images = np.full(shape, 7, np.uint8)
    check_images(images)
    assert (images == 7).all()


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((2, 8, 8, 3), "float32"),
        ((2, 8, 8, 3), "int8"),
        ((8, 8, 3), "uint8"),
        ((2, 3, 8, 8), "uint8"),
        ((2, 8, 8, 4), "uint8"),
    ],
)
def test_anything_else_is_refused(shape, dtype):
    """With what was found: floats would be scaled a second time by who scales pixels."""
    with pytest.raises(UserError, match=f"uint8 RGB of shape .*, found {dtype} of shape"):
        check_images(np.zeros(shape, dtype))
