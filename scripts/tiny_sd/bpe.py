"""Byte-pair encoding in CLIP's form, learnt from a list of words."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from tokenizers.pre_tokenizers import ByteLevel

WORD_END = "</w>"
"""Marks the last piece of a word."""
START = "<|startoftext|>"
"""Token before every text."""
END = "<|endoftext|>"
"""Token after every text; also fills it up to the full length."""

Pair: TypeAlias = tuple[str, str]


class Vocabulary(NamedTuple):
    """What a CLIP tokenizer is made of."""

    tokens: dict[str, int]
    """Index of each token."""
    merges: list[Pair]
    """Pairs of pieces to join, first comes first."""


def learn(words: Sequence[str]) -> Vocabulary:
    """Return a vocabulary in which each word is one token and any text can be spelt.

    The most frequent pair of neighboring pieces is joined (ties: first in alphabetical order) until every word
    is one piece (Sennrich et al. 2016, with the word-end mark of CLIP).

    Args:
        words: Words in lower case ASCII, each once.
    """
    spelt = [(*word[:-1], word[-1] + WORD_END) for word in words]
    merges: list[Pair] = []
    while pairs := Counter(pair for pieces in spelt for pair in itertools.pairwise(pieces)):
        merges.append(min(pairs, key=lambda pair: (-pairs[pair], pair)))
        spelt = [_join(pieces, merges[-1]) for pieces in spelt]
    letters = sorted(ByteLevel.alphabet())
    pieces = [*letters, *(letter + WORD_END for letter in letters), *("".join(pair) for pair in merges)]
    tokens = [*dict.fromkeys(pieces), START, END]
    return Vocabulary({token: index for index, token in enumerate(tokens)}, merges)


def _join(pieces: tuple[str, ...], pair: Pair) -> tuple[str, ...]:
    """Return the pieces with each occurrence of the pair joined, from left to right."""
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return tuple(joined)
