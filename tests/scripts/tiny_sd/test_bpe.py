"""Byte-pair encoding: by hand, and through CLIP's own tokenizer."""

from __future__ import annotations

import numpy as np
import pytest
from transformers import CLIPTokenizer

from scripts.tiny_sd import bpe, words


def inner(tokens):
    """What stands between the two marks."""
    assert tokens[0] == bpe.START
    assert tokens[-1] == bpe.END
    return tokens[1:-1]


@pytest.mark.parametrize(
    ("listed", "merges"),
    [
        (["a"], []),
        (["aab", "ab"], [("a", "b</w>"), ("a", "ab</w>")]),
        (["xy", "ab"], [("a", "b</w>"), ("x", "y</w>")]),
        # "ab" within twice, at the end once: the mark makes it another pair.
        (["abc", "abd", "ab"], [("a", "b"), ("a", "b</w>"), ("ab", "c</w>"), ("ab", "d</w>")]),
        # Of "aaaa" the first two and the next two are joined, never the middle.
        (["aaaab"], [("a", "a"), ("aa", "aa"), ("aaaa", "b</w>")]),
    ],
)
def test_merges_by_hand(listed, merges):
    """The most frequent pair first; on a tie the first in the alphabet."""
    assert bpe.learn(listed).merges == merges


def test_tokens_are_letters_letters_at_the_end_merges_and_the_two_marks():
    """256 and 256 of a byte each, then what the merges make, each once, numbered without a gap."""
    tokens = bpe.learn(["aab", "ab"]).tokens
    assert list(tokens.values()) == list(range(516))
    named = list(tokens)
    assert [one + "</w>" for one in named[:256]] == named[256:512]
    assert {"a", "Ġ", "!", "Ń"} <= set(named[:256])
    assert named[512:] == ["ab</w>", "aab</w>", bpe.START, bpe.END]


def test_every_word_of_the_vocabulary_is_one_token(tokenizer):
    """As CLIP's own tokenizer splits it, in a sentence and alone, in capitals too."""
    listed = words.vocabulary()
    for word in listed:
        assert inner(tokenizer.convert_ids_to_tokens(tokenizer(word).input_ids)) == [word + bpe.WORD_END]
    sentence = tokenizer(" ".join(listed[:20]).upper(), truncation=False).input_ids
    assert inner(tokenizer.convert_ids_to_tokens(sentence)) == [word + bpe.WORD_END for word in listed[:20]]


@pytest.mark.parametrize("seed", range(12))
def test_words_of_few_letters_are_one_token_each(seed):
    """Where the same piece is made in many ways, which a short alphabet sees to."""
    rng = np.random.default_rng(seed)
    letters = "ab" if seed % 2 else "abcd"
    listed = list({"".join(rng.choice(list(letters), rng.integers(1, 9))) for _ in range(60)})
    made = tokenizer_of(listed)
    for word in listed:
        assert inner(made.convert_ids_to_tokens(made(word).input_ids)) == [word + bpe.WORD_END]


def tokenizer_of(listed):
    vocabulary = bpe.learn(listed)
    return CLIPTokenizer(vocab=vocabulary.tokens, merges=vocabulary.merges, model_max_length=64)


@pytest.mark.parametrize("text", ["unheard", "naïve Straße", "漢字", "🙂", "a@b#c", "1234567890"])
def test_any_text_can_be_spelt(tokenizer, text):
    """In pieces that give it back, in lower case; none of them is the token of the unknown."""
    ids = tokenizer(text).input_ids
    assert len(ids) > 2 + (len(text) > 1)
    assert tokenizer.eos_token_id not in ids[1:-1]
    assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ", "") == text.lower().replace(" ", "")


def test_equal_words_give_equal_vocabularies():
    """In whatever order they are listed: the alphabet decides ties."""
    listed = list(words.vocabulary())
    one, other = bpe.learn(listed), bpe.learn(listed[::-1])
    assert one == other
