"""What features tell against numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.score import compute
from tasks.score.cautions import CLIP_WIDTH, INCEPTION_WIDTH, with_cautions
from tasks.score.choices import chosen
from tasks.score.inputs import Inputs


def _notes(metrics, **tables):
    inputs = Inputs(tables, intervals=False)
    found = with_cautions(compute.score(inputs, chosen(metrics)), inputs, asked=metrics)
    return {one.metric.name: one.note for one in found}


@pytest.fixture
def table():
    """Makes rows of any width."""
    rng = np.random.default_rng(0)
    return lambda count, width=4: rng.normal(size=(count, width))


def test_a_set_beside_itself_is_named(table):
    """Where a metric looks at both; a copy, too, but not one that is in another order."""
    real, train = table(60), table(60)
    both = "--real and --synthetic hold the same rows"
    found = _notes("fd,prdc,nearest,vendi", real=real, synthetic=real.copy(), train=train)
    assert both in found["fd"]
    assert both in found["coverage-k5"]
    assert both not in found["nearest-train-median"]
    assert both not in found["vendi-q1"]
    found = _notes("fd,nearest", real=real, synthetic=train[::-1], train=train[::-1])
    assert found["fd"] == "no interval: none was asked for"
    assert found["nearest-train-median"].startswith("--synthetic and --train hold the same rows")
    moved = real.copy()
    moved[-1, -1] += 1.0
    assert both not in _notes("fd", real=real, synthetic=moved)["fd"]


def test_fid_is_of_inception(table):
    """Asked for by its general name, the distance is of any features; at Inception's width it may be FID."""
    found = _notes("fid,kid", real=table(60), synthetic=table(50))
    assert "no FID, and comparable with none: the features have 4 columns, Inception's 2048" in found["fd"]
    assert "no KID" in found["kd"]
    assert "FID" not in _notes("fd,kid", real=table(60), synthetic=table(50))["fd"]
    assert "FID" not in _notes("fid", real=table(9, INCEPTION_WIDTH), synthetic=table(8, INCEPTION_WIDTH))["fd"]


def test_cmmd_is_of_clip(table):
    """Both estimates."""
    found = _notes("cmmd", real=table(60), synthetic=table(50))
    assert all("no CMMD, and comparable with none: the features have 4 columns" in note for note in found.values())
    found = _notes("cmmd", real=table(60, CLIP_WIDTH), synthetic=table(50, CLIP_WIDTH))
    assert not any("CMMD" in note for note in found.values())


def test_vendi_scores_of_unequal_sets_are_not_compared(table):
    """Each says so; those of equal sets do not, and each order looks at its own pair."""
    found = _notes("vendi,vendi-q2,fd", real=table(60), synthetic=table(50))
    unlike = "not to be compared with the other set's: it grows with N, and these are of 50 synthetic and 60 real rows"
    assert [name for name, note in found.items() if unlike in note] == [
        "vendi-q1", "vendi-q1-real", "vendi-q2", "vendi-q2-real",
    ]  # fmt: skip
    assert not any(unlike in note for note in _notes("vendi", real=table(50), synthetic=table(50)).values())


def test_vendi_scores_of_a_group_are_those_of_its_own_rows(table):
    """Sets of one size may have groups that are not."""
    inputs = Inputs({"real": table(60), "synthetic": table(60)}, intervals=False)
    labels = {"real": np.repeat(["a", "b"], [20, 40]), "synthetic": np.repeat(["a", "b"], [30, 30])}
    found = with_cautions(compute.score_by_group(inputs, chosen("vendi"), labels), inputs, asked="vendi")
    told = {(one.group, one.metric.name): "not to be compared" in one.note for one in found}
    assert told == {
        (group, name): group is not None for group in (None, "a", "b") for name in ("vendi-q1", "vendi-q1-real")
    }


def test_a_number_that_is_none_keeps_its_reason(table):
    """Nothing is said of what is not there."""
    found = _notes("fid,kd-subsets", real=table(60), synthetic=table(50))
    assert found["kd-subsets"].startswith("The real features have 60 row(s)")
