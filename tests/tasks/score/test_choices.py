"""What can be asked for."""

from __future__ import annotations

import pytest

from benchmark.errors import UserError
from tasks.score.choices import CHOICES, COPYING, NEEDS, chosen


def test_names_are_read_in_any_case_and_by_their_other_names():
    """With commas and spaces between."""
    assert chosen("FID, kid,pr ,") == ["fd", "kd", "pr"]
    assert set(NEEDS) == set(COPYING) <= set(CHOICES)


@pytest.mark.parametrize(
    ("text", "said"), [("fdd", "no metric 'fdd'. Did you mean 'fd'"), (" , ", "names none. Known: ")]
)
def test_what_is_no_metric_is_refused(text, said):
    """With the nearest."""
    with pytest.raises(UserError, match=said):
        chosen(text)
