"""Operations on pixels, one after another."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark import strict
from benchmark.errors import UserError
from benchmark.protocol import operations, pixels
from benchmark.protocol.operations import Resize, Store
from benchmark.strict import Strict

JPEG, HALF = Store(codec="jpeg-30"), Resize(resize=12, filter="box")


class Held(Strict):
    """A path as a file gives it."""

    path: operations.Path


@pytest.fixture
def images() -> np.ndarray:
    """Three images of noise, 24 px."""
    return np.random.default_rng(0).integers(0, 256, (3, 24, 24, 3), np.uint8)


def test_operations_follow_each_other(images: np.ndarray) -> None:
    """In their order, which matters; an empty path changes nothing."""
    stored = pixels.store_as(images, "jpeg-30")
    np.testing.assert_array_equal(operations.apply(images, (JPEG, HALF)), pixels.resize(stored, 12, "box"))
    small = pixels.resize(images, 12, "box")
    np.testing.assert_array_equal(operations.apply(images, (HALF, JPEG)), pixels.store_as(small, "jpeg-30"))
    assert not np.array_equal(operations.apply(images, (HALF, JPEG)), operations.apply(images, (JPEG, HALF)))
    assert operations.apply(images, ()) is images


def test_png_loses_nothing(images: np.ndarray) -> None:
    """It really is written and read."""
    found = operations.apply(images, (Store(codec="png"),))
    np.testing.assert_array_equal(found, images)
    assert found is not images


def test_a_path_tells_side_and_words() -> None:
    """The side is that of the last resize, None where there is none."""
    path = (HALF, JPEG, Resize(resize=299, filter="torch-bilinear"))
    assert operations.side(path) == 299
    assert operations.side((JPEG,)) is None
    assert operations.describe(path) == (
        "12 px, box with antialiasing, then stored as JPEG of quality 30, then 299 px, torch-bilinear without "
        "antialiasing"
    )
    assert operations.describe((Store(codec="png"),)) == "stored as PNG"
    assert operations.describe(()) == "as they come"


def test_a_path_is_read_from_keys_and_values() -> None:
    """As a suite's YAML gives it."""
    given = {"path": [{"codec": "jpeg-30"}, {"resize": 12, "filter": "box"}, {"resize": 3}]}
    assert strict.validate(Held, given, where="x").path == (JPEG, HALF, Resize(resize=3, filter="lanczos"))


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"codec": "gif"}, "expected 'png', or 'jpeg-Q' with Q from 1 to 95, in the digits 0 to 9"),
        ({"codec": "none"}, "expected 'png', or 'jpeg-Q' with Q from 1 to 95, in the digits 0 to 9"),
        ({"codec": "jpeg-96"}, "expected 'png', or 'jpeg-Q' with Q from 1 to 95, in the digits 0 to 9"),
        ({"codec": "jpeg-075"}, "without leading zeros"),
        ({"codec": "jpeg-\u0667\u0665"}, "in the digits 0 to 9"),
        ({"resize": 0}, "expected 1 or more"),
        ({"resize": 8, "filter": "lancos"}, "Did you mean 'lanczos'"),
        ({"resize": 8, "codec": "png"}, "unknown key"),
    ],
)
def test_a_wrong_operation_is_refused(operation: dict[str, object], said: str) -> None:
    """With what was expected."""
    with pytest.raises(UserError, match=said):
        strict.validate(Held, {"path": [operation]}, where="x")
