"""Numbers in words."""

from __future__ import annotations

import pytest

from generators import prompts
from scripts.tiny_sd import numbers

KNOWN = {
    0: "zero", 13: "thirteen", 20: "twenty", 45: "forty-five", 100: "one hundred", 118: "one hundred and eighteen",
    999: "nine hundred and ninety-nine", 1000: "one thousand",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), KNOWN.items())
def test_numbers_in_words(number, words):
    """With a hyphen and an ``and``, as the study's prompts write them."""
    assert numbers.in_words(number) == words


def test_they_are_those_of_the_prompts():
    """What the texture's captions teach is what a morphology's prompt asks for."""
    assert [numbers.in_words(number) for number in range(1001)] == [prompts.in_words(number) for number in range(1001)]
