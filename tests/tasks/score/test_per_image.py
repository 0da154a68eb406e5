"""The file of every image's values."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from benchmark.errors import UserError
from tasks.score import per_image
from tasks.score.definitions import metrics_of
from tasks.score.scored import Scored


@pytest.fixture
def found():
    one = Scored(metrics_of("realism")[0], 1.0, None, {}, {}, None, images={"realism": np.array([0.1, np.inf])})
    nearest = {"nearest_train_row": np.array([3, 0]), "distance_to_train": np.array([1 / 3, 0.0])}
    return [one, Scored(metrics_of("nearest")[0], 1.0, None, {}, {}, None, images=nearest)]


def test_a_line_an_image_with_every_digit(tmp_path, found):
    """What was there before is replaced; nothing is left beside it."""
    path = tmp_path / "out.csv"
    path.write_text("old")
    per_image.write(path, found)
    lines = list(csv.DictReader(path.open()))
    assert [line["synthetic_row"] for line in lines] == ["0", "1"]
    assert [float(line["realism"]) for line in lines] == [0.1, np.inf]
    assert [int(line["nearest_train_row"]) for line in lines] == [3, 0]
    assert [float(line["distance_to_train"]) for line in lines] == [1 / 3, 0.0]
    assert [one.name for one in tmp_path.iterdir()] == ["out.csv"]


@pytest.mark.parametrize(
    ("name", "metrics", "said"),
    [
        ("out.csv", ["fd"], "expected one of realism, nearest, authpct among --metrics"),
        ("out.txt", ["realism"], "ends in .csv"),
        ("none/out.csv", ["realism"], "there is no folder"),
    ],
)
def test_what_cannot_be_written_is_said_beforehand(tmp_path, name, metrics, said):
    """Nothing to write, another kind of file, no folder."""
    with pytest.raises(UserError, match=said):
        per_image.check(tmp_path / name, metrics)
    per_image.check(tmp_path / "out.csv", ["nearest"])


def test_a_folder_that_takes_no_file(tmp_path, found):
    """One message."""
    (tmp_path / "out.csv").mkdir()
    with pytest.raises(UserError, match="out.csv cannot be written"):
        per_image.write(tmp_path / "out.csv", found)
