"""Any metric by group."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from tasks.metrics.by_group import Refused, by_group

NAMES = {"real": np.array(["b", "a", "b"]), "synthetic": np.array(["a", "a", "c"])}


def test_each_group_hands_over_its_rows_by_role():
    """In the order of the names; a role that a group lacks is named and nothing is measured."""
    found = by_group(lambda *, real, synthetic: (real.tolist(), synthetic.tolist()), names=NAMES)
    assert list(found) == ["a", "b", "c"]
    assert found["a"] == ([1], [0, 1])
    assert found["b"] == Refused("no synthetic row is of this group")
    assert found["c"] == Refused("no real row is of this group")


def test_what_a_metric_refuses_is_the_reason_and_no_other_error_is_hidden():
    """A fault in the code is none of the user's."""

    def refuse(error):
        raise error

    assert by_group(lambda **rows: refuse(UserError("too few")), names=NAMES)["a"] == Refused("too few")
    with pytest.raises(ZeroDivisionError):
        by_group(lambda **rows: refuse(ZeroDivisionError()), names=NAMES)


def test_a_group_has_a_name():
    """Blank lines are no group."""
    with pytest.raises(UserError, match="A group of the synthetic rows has no name"):
        by_group(lambda **rows: None, names={**NAMES, "synthetic": np.array(["a", " ", "c"])})
