"""An HDF5 file by itself."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from toybench import pictures

from benchmark.datasets.checking import hdf5
from benchmark.errors import UserError

PIXELS = np.stack([pictures.noise(seed) for seed in range(4)])


def write(path: Path, **data: object) -> Path:
    with h5py.File(path, "w") as file:
        for key, value in data.items():
            file[key] = value
    return path


def test_labels_may_lie_beside_images_or_in_a_file_of_their_own(tmp_path: Path) -> None:
    """As PCam's do, in their shape."""
    together = write(tmp_path / "a.h5", x=PIXELS, y=np.array([3, 1, 1, 3]))
    write(tmp_path / "b_y.h5", y=np.array([3, 1, 1, 3], np.uint8).reshape(4, 1, 1, 1))
    for place in (together, write(tmp_path / "b_x.h5", x=PIXELS)):
        images = hdf5.labelled(place)
        assert hdf5.has_labels(place)
        assert (images.labels.tolist(), images.classes) == ([1, 0, 0, 1], ("1", "3"))
        np.testing.assert_array_equal(images.read(0, 4), PIXELS)


def test_images_alone(tmp_path: Path) -> None:
    """Are of one class without a name."""
    place = write(tmp_path / "a.h5", x=PIXELS)
    assert not hdf5.has_labels(place)
    assert hdf5.labelled(place).classes == ("",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"x": PIXELS, "y": np.zeros(3, np.uint8)}, r"a\.h5 has 3 labels but a\.h5 has 4 images"),
        ({"x": PIXELS, "y": np.zeros(4)}, r"'y'\) is \(4,\) float64: expected a number or text an image"),
        ({"x": PIXELS, "y": np.zeros((4, 2), int)}, r"'y'\) is \(4, 2\) int64"),
        ({"x": PIXELS[..., 0]}, r"'x'\) is \(4, 16, 16\) uint8: expected"),
    ],
)
def test_data_sets_that_are_no_images_and_labels(tmp_path: Path, data: dict[str, object], said: str) -> None:
    """With shape and type."""
    with pytest.raises(UserError, match=said):
        hdf5.labelled(write(tmp_path / "a.h5", **data))
