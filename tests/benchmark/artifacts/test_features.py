"""Features on disk."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.artifacts import features
from benchmark.contracts.task import Features

VALUES = np.array([[0.5, -1.0, 2.0], [3.0, 0.25, np.float32(0.1)]], np.float32)


@pytest.mark.parametrize("slides", [None, np.array(["s-1", "s-2"])])
def test_features_read_back_as_they_were_written(tmp_path, slides):
    """Values, labels and, where known, slides."""
    features.write(tmp_path, Features(values=VALUES, labels=np.array([1, 0]), slides=slides))
    found = features.read(tmp_path)
    assert (found.values.dtype, found.values.tolist()) == (np.float32, VALUES.tolist())
    assert found.labels.tolist() == [1, 0]
    assert (None if found.slides is None else found.slides.tolist()) == (None if slides is None else ["s-1", "s-2"])


def test_rows_in_full_precision_are_kept_where_there_are_any(tmp_path):
    """None where the extractor computes in float32 anyway."""
    labels = np.array([1, 0])
    for name in ("low", "full"):
        (tmp_path / name).mkdir()
    features.write(tmp_path / "low", Features(values=VALUES, labels=labels, slides=None, exact=VALUES[:1] + 1))
    assert features.read(tmp_path / "low").exact.tolist() == (VALUES[:1] + 1).tolist()
    features.write(tmp_path / "full", Features(values=VALUES, labels=labels, slides=None))
    assert features.read(tmp_path / "full").exact is None


def test_values_stay_on_disk_until_they_are_read(tmp_path):
    """And cannot be changed through what was read."""
    features.write(tmp_path, Features(values=VALUES, labels=np.array([1, 0]), slides=None))
    found = features.read(tmp_path)
    assert isinstance(found.values, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        found.values[0, 0] = 9.0


@pytest.mark.parametrize("missing", ["features.npy", "labels.npy"])
def test_half_of_them_is_an_error(tmp_path, missing):
    """Only slides may be absent."""
    features.write(tmp_path, Features(values=VALUES, labels=np.array([1, 0]), slides=None))
    (tmp_path / missing).unlink()
    with pytest.raises(FileNotFoundError):
        features.read(tmp_path)
