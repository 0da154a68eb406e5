"""The numbers that qualify a value are told in words."""

from __future__ import annotations

import pytest

from leaderboard.rendering import qualifiers


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ({}, ()),
        (
            {"null_low": -0.00028, "null_high": 0.00034, "null_p": 0.647},
            ("if both sides were of one kind, 95 % of shuffles would lie in [-0.00028, 0.00034]; p 0.647",),
        ),
        (
            {"classifiers": 3.0, "classifiers_sd": 0.01234},
            ("3 classifiers, whose AUC differs by a standard deviation of 0.012; the interval holds them fixed",),
        ),
        ({"null_low": 1.0, "other": 2.0}, ("null_low 1", "other 2")),
        ({"classifiers": 1.0}, ("classifiers 1",)),
    ],
)
def test_known_numbers_have_words_and_others_their_names(made, samples, said) -> None:
    """All of one finding together, or each by itself."""
    assert qualifiers.of(made.value(1.0, samples=samples)) == said
