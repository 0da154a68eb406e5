"""What is measured, and parts of it."""

from __future__ import annotations

import numpy as np
import pytest

from tasks.groups import at_random
from tasks.score.inputs import Inputs


@pytest.fixture
def inputs():
    """Six real rows of three slides, four synthetic ones with logits."""
    tables = {"real": np.arange(12.0).reshape(6, 2), "synthetic": np.arange(8.0).reshape(4, 2)}
    tables["synthetic-logits"] = np.arange(4.0)[:, None]
    return Inputs(tables, {"real": np.array(list("aabbcc"))})


def test_slides_are_left_out_whole_and_other_rows_at_random(inputs):
    """Halves part rows where slides are unknown."""
    assert inputs.groups("real").tolist() == inputs.units("real").tolist() == [0, 0, 1, 1, 2, 2]
    assert inputs.groups("synthetic").tolist() == at_random(4).tolist()
    assert inputs.units("synthetic").tolist() == [0, 1, 2, 3]
    assert inputs.n("real", "synthetic") == {"real": 6, "synthetic": 4}


def test_a_part_takes_slides_and_logits_along(inputs):
    """Roles that are not named stay as they are."""
    part = inputs.taken({"real": np.array([1, 4]), "synthetic": np.array([0, 3])})
    assert part.real.tolist() == [[2, 3], [8, 9]]
    assert part.slides["real"].tolist() == ["a", "c"]
    assert part.tables["synthetic-logits"].tolist() == [[0], [3]]
    assert inputs.taken({"synthetic": np.array([2])}).n("real", "synthetic") == {"real": 6, "synthetic": 1}
