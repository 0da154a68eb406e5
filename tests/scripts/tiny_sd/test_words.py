"""The words that are one token each."""

from __future__ import annotations

import re

from generators import prompts
from scripts.tiny_sd import colors, kinds, words


def split(text):
    """Words and marks, as CLIP splits them."""
    return re.findall(r"[a-z]+|[0-9]|[^\sa-z0-9]+", text.lower())


def test_each_word_is_listed_once_in_lower_case():
    """In the same order every time, without spaces, in ASCII."""
    listed = words.vocabulary()
    assert len(set(listed)) == len(listed)
    assert listed == words.vocabulary()
    assert all(word == word.lower() and word.isascii() for word in listed)
    assert all(word.isalpha() or len(word) == 1 for word in listed)


def test_prompts_of_both_labels_and_a_thousand_clusters_are_covered():
    """Every word and mark of them."""
    known = set(words.vocabulary())
    for label in ("healthy", "cancer"):
        asked = [prompts.baseline(label), *(prompts.enriched(label, cluster) for cluster in range(1001))]
        assert {word for prompt in asked for word in split(prompt)} <= known


def test_all_that_captions_say_is_covered(drawn):
    """Colors, nouns, measures and the words between."""
    known = set(words.vocabulary())
    assert set(colors.NAMED_COLORS) <= known
    assert {kind.__name__ for kind in kinds.KINDS} <= known
    assert {word for caption in drawn.captions for word in split(caption)} <= known
