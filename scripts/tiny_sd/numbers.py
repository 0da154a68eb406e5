"""Whole numbers in words, as the study's prompts write them."""

from __future__ import annotations

from functools import cache

import inflect


@cache
def in_words(number: int) -> str:
    """Return a number in words, such as ``twenty-one`` or ``nine hundred and ninety-nine``."""
    return str(inflect.engine().number_to_words(number))
