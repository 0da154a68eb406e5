"""Every name has its meaning."""

from __future__ import annotations

import pytest

from tasks.score.choices import CHOICES, chosen
from tasks.score.definitions import metrics_of


def test_every_choice_is_defined_and_no_two_numbers_share_a_name():
    """By the name that `chosen` gives."""
    found = [metric.name for choice in CHOICES for name in chosen(choice) for metric in metrics_of(name)]
    assert len(found) == len(set(found)) == 20


def test_both_estimates_of_cmmd_say_which_they_are():
    """By name, title, definition, and at which N they compare."""
    unbiased, biased = metrics_of("cmmd")
    assert ("unbiased" in unbiased.title, "unbiased" in biased.title) == (True, False)
    assert "1,000 x unbiased" in unbiased.definition
    assert "1,000 x biased" in biased.definition
    assert (unbiased.comparable_at, biased.comparable_at) == ("any N", "equal N")
    assert all("CLIP embeddings" in one.definition for one in (unbiased, biased))


@pytest.mark.parametrize("order", ["2", "inf"])
def test_a_vendi_score_is_defined_with_its_order(order):
    """Of both sets, apart."""
    synthetic, real = metrics_of(f"vendi-q{order}")
    assert (synthetic.name, real.name) == (f"vendi-q{order}", f"vendi-q{order}-real")
    assert f"q = {order}" in synthetic.title
    assert f"order {order} " in synthetic.definition
    assert "synthetic" in synthetic.definition
    assert "synthetic" not in real.definition
