from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from generators.morphology import frequencies


def requests(count, label):
    return Requests(
        index=np.arange(count), labels=np.full(count, label), seeds=np.arange(count) + 77, ranks=np.arange(count),
        classes=("healthy", "cancer"),
    )  # fmt: skip


def test_count_puts_labels_in_rows():
    """Three images of label 0 in cluster 2, one of label 1 in cluster 0."""
    table = frequencies.count(np.array([0, 0, 1, 0]), np.array([2, 2, 0, 2]), classes=2, k=3)
    assert table.tolist() == [[0, 0, 3], [1, 0, 0]]


def test_draw_follows_the_frequency_within_the_label():
    """Each label draws by its own row; a cluster it never met is never asked for."""
    counts = np.array([[90, 0, 10], [0, 50, 50]])
    healthy = np.bincount(frequencies.draw(requests(4000, 0), counts), minlength=3) / 4000
    cancer = np.bincount(frequencies.draw(requests(4000, 1), counts), minlength=3) / 4000
    # Four standard errors of a share at N = 4,000 are at most 0.032.
    np.testing.assert_allclose(healthy, [0.9, 0, 0.1], atol=0.032)
    np.testing.assert_allclose(cancer, [0, 0.5, 0.5], atol=0.032)
    assert healthy[1] == 0
    assert cancer[0] == 0


def test_draw_depends_on_the_request_alone():
    """The first requests of a longer set draw the same clusters."""
    counts = np.array([[3, 5, 2], [1, 1, 8]])
    assert frequencies.draw(requests(50, 0), counts)[:10].tolist() == frequencies.draw(requests(10, 0), counts).tolist()


def test_deal_asks_for_every_cluster_of_a_label_equally_often():
    """At every beginning, give or take one; clusters that never met the label are never asked for."""
    counts = np.array([[90, 0, 10, 1], [0, 50, 50, 0]])
    both = Requests(
        index=np.arange(60), labels=np.arange(60) % 2, seeds=np.arange(60), ranks=np.arange(60) // 2,
        classes=("healthy", "cancer"),
    )  # fmt: skip
    dealt = frequencies.deal(both, counts)
    for label, present in ((0, {0, 2, 3}), (1, {1, 2})):
        mine = dealt[both.labels == label]
        assert set(mine.tolist()) == present
        for stop in range(1, len(mine) + 1):
            given = [np.sum(mine[:stop] == cluster) for cluster in present]
            assert max(given) - min(given) <= 1
    part = both.part(11, 37)
    assert frequencies.deal(part, counts).tolist() == dealt[11:37].tolist()


def test_deal_refuses_a_label_that_training_lacks():
    """It has no prompt."""
    with pytest.raises(UserError, match="Images of 'cancer' are asked for, and training has none"):
        frequencies.deal(requests(3, 1), np.array([[5, 5], [0, 0]]))
