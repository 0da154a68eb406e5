"""Measured values on disk."""

from __future__ import annotations

import json
import os

import pydantic
import pytest

from benchmark.artifacts import values
from benchmark.contracts.task import Value
from benchmark.statistics.interval import Interval
from benchmark.statistics.jackknife import Replicates, Side
from benchmark.statistics.subsampling import Subsamples

FULL = Value(
    metric="fd", value=0.1, n={"synthetic": 20, "reference": 10}, extractor="net", note="ß€", samples={"sd": 1e-17},
    interval=Interval(-0.1, 0.30000000000000004, 0.95, "a method", None),
    replicates=Replicates(0.1, (Side("real", (1.25, 1.75), (5, 6), "d"), Side("synthetic", (0.1, 0.2), (1, 1), "e"))),
)  # fmt: skip
HALVES = Value("recall", 1.0, {"test": 3}, replicates=Subsamples(1.0, (0.9, 1.0), (0.8, 1.0), 9, "f"), note="n")
REFUSED = Value("auc", None, {"test": 1}, refused="one class only")


def test_values_read_back_to_the_last_digit(tmp_path):
    """In their order; intervals, replicates of both kinds, and a refusal."""
    values.write(tmp_path, [FULL, HALVES, REFUSED])
    assert values.read(tmp_path) == [FULL, HALVES, REFUSED]
    assert [type(one.replicates).__name__ for one in values.read(tmp_path)] == ["Replicates", "Subsamples", "NoneType"]


def test_no_values_are_an_empty_list(tmp_path):
    """And not a missing file."""
    values.write(tmp_path, [])
    assert values.read(tmp_path) == []


def test_others_can_read_them(tmp_path):
    """Plain JSON, numbers as numbers."""
    values.write(tmp_path, [FULL, REFUSED])
    first, second = json.loads((tmp_path / "values.json").read_text(encoding="utf-8"))
    assert (first["metric"], first["value"], first["n"]) == ("fd", 0.1, {"synthetic": 20, "reference": 10})
    assert (second["value"], second["refused"]) == (None, "one class only")


def test_equal_values_are_equal_bytes(tmp_path):
    """Their digest is the step's."""
    found = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        values.write(tmp_path / name, [FULL, HALVES])
        found.append((tmp_path / name / "values.json").read_bytes())
    assert found[0] == found[1]


def test_a_file_cut_short_or_changed_is_an_error(tmp_path):
    """Never fewer values, never other types."""
    values.write(tmp_path, [FULL, HALVES])
    path = tmp_path / "values.json"
    whole = path.read_text()
    path.write_text(whole.replace('"value": 0.1', '"value": "many"'))
    with pytest.raises(pydantic.ValidationError, match="valid number"):
        values.read(tmp_path)
    path.write_text(whole.replace('"low": -0.1', '"low": 9'))
    with pytest.raises(pydantic.ValidationError, match="low <= high"):
        values.read(tmp_path)
    path.write_text(whole)
    for length in (len(whole.encode()) - 1, 100, 0):
        os.truncate(path, length)
        with pytest.raises(pydantic.ValidationError):
            values.read(tmp_path)


def test_no_file_is_an_error(tmp_path):
    """No measurement is not a measurement without values."""
    with pytest.raises(FileNotFoundError):
        values.read(tmp_path)
