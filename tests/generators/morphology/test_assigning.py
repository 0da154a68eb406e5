"""Where the table of assignments may be written, and its summary."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from generators.morphology import assigning
from generators.morphology.assigning import Assigned, Found


@pytest.mark.parametrize(
    ("out", "said"),
    [("a.txt", "ends in .csv or .json"), ("none/a.csv", "in a folder that is there"), ("d.csv", "cannot be written")],
)
def test_places_that_cannot_be_written_are_told_first(tmp_path, out, said):
    """Before anything is computed."""
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(UserError, match=said):
        assigning.require_file(tmp_path / out)
    assigning.require_file(tmp_path / "a.CSV")


def test_a_summary_leaves_empty_clusters_out():
    """With the median distance, and how many lie beyond."""
    images = [Assigned(str(d), "", 2, float(d), d > 2, "") for d in (1, 2, 3)]
    (row,) = Found(tuple(images), 4, []).summary()
    assert row == {"cluster": 2, "morphology type": "two", "images": 3, "median distance": "2", "beyond": 1}
