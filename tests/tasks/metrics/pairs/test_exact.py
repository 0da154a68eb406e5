"""Squared distances from differences."""

from __future__ import annotations

import numpy as np
import torch

from tasks.metrics.pairs import exact
from tasks.metrics.pairs.exact import ExactPairs
from tasks.metrics.pairs.one_pass import as_tensor


def test_equal_to_brute_force(sets, kind):
    """To the last bit, listed one at a time, a few at a time or all at once, in any order."""
    first, second = sets.made(kind)
    pairs, true = ExactPairs(as_tensor(first), as_tensor(second)), sets.brute(first, second)
    row, column = map(np.ravel, np.indices(true.shape))
    order = np.random.default_rng(0).permutation(len(row))
    for chosen in (order, order[:3], order[:1]):
        rows, columns = torch.from_numpy(row[chosen]), torch.from_numpy(column[chosen])
        np.testing.assert_array_equal(pairs.squared(rows, columns), true[row[chosen], column[chosen]])


def test_chunks_change_no_bit(sets, monkeypatch):
    """Memory for a single pair."""
    monkeypatch.setattr(exact, "_BYTES", 1)
    first, second = sets.made("gaussian")
    rows, columns = torch.arange(20), torch.arange(20)
    found = ExactPairs(as_tensor(first), as_tensor(second)).squared(rows, columns)
    np.testing.assert_array_equal(found, np.diag(sets.brute(first, second))[:20])


def test_pairs_of_copies_are_computed_once(monkeypatch):
    """Of both sets; a set with itself is looked through once."""
    computed = []
    plain = ExactPairs._compute
    monkeypatch.setattr(ExactPairs, "_compute", lambda self, *pair: computed.append(len(pair[0])) or plain(self, *pair))
    first, second = torch.tensor([[0.0], [1.0]]).repeat(10, 1), torch.tensor([[3.0]]).repeat(7, 1)
    row, column = map(torch.flatten, torch.meshgrid(torch.arange(20), torch.arange(7), indexing="ij"))
    assert (
        ExactPairs(first, second).squared(row, column).tolist() == [9.0] * 7 + [4.0] * 7 + ([9.0] * 7 + [4.0] * 7) * 9
    )
    row, column = map(torch.flatten, torch.meshgrid(torch.arange(20), torch.arange(20), indexing="ij"))
    assert ExactPairs(first, first).squared(row, column).sum() == 200.0
    assert computed == [2, 4]


def test_a_pair_listed_again_is_computed_once(monkeypatch):
    """As halves of the rows list it; each place has its value."""
    computed = []
    plain = ExactPairs._compute
    monkeypatch.setattr(ExactPairs, "_compute", lambda self, *pair: computed.append(len(pair[0])) or plain(self, *pair))
    first, second = torch.arange(9.0)[:, None], torch.arange(4.0)[:, None]
    rows, columns = torch.tensor([8, 0, 8, 8, 0]), torch.tensor([1, 1, 1, 0, 1])
    assert ExactPairs(first, second).squared(rows, columns).tolist() == [49.0, 1.0, 49.0, 64.0, 1.0]
    assert computed == [3]
