from __future__ import annotations

import numpy as np
import prdc as authors
import pytest
import torch
from torch_fidelity.metric_prc import prc_features_to_metric

from benchmark.errors import UserError
from tasks.metrics.prdc import prdc
from tasks.metrics.precision_recall import improved_precision_recall


@pytest.fixture(params=[(200, 150, 6), (90, 130, 40)])
def rows(request):
    n, m, d = request.param
    rng = np.random.default_rng(n)
    return rng.normal(size=(n, d)), rng.normal(0.3, 1.1, size=(m, d))


def test_prdc_equals_its_authors(rows):
    """All four, k = 5, open balls."""
    theirs = authors.compute_prdc(real_features=rows[0], fake_features=rows[1], nearest_k=5)
    ours = prdc(real=rows[0], synthetic=rows[1], k=5)
    expected = (theirs["precision"], theirs["recall"], theirs["density"], theirs["coverage"])
    np.testing.assert_allclose(tuple(ours), expected, rtol=0, atol=1e-12)


def test_improved_equals_torch_fidelity(rows):
    """Precision and recall, k = 3, closed balls; their first input is the generated set."""
    theirs = prc_features_to_metric(
        torch.from_numpy(rows[1]), torch.from_numpy(rows[0]), prc_neighborhood=3, verbose=False
    )
    ours = improved_precision_recall(real=rows[0], synthetic=rows[1], k=3)
    assert ours.improved_precision == pytest.approx(theirs["precision"], abs=1e-6)
    assert ours.improved_recall == pytest.approx(theirs["recall"], abs=1e-6)


def test_no_block_changes_a_count(rows):
    """One row at a time or all at once."""
    assert prdc(real=rows[0], synthetic=rows[1], block_rows=1) == prdc(real=rows[0], synthetic=rows[1])
    one = improved_precision_recall(real=rows[0], synthetic=rows[1], block_rows=3)
    assert one == improved_precision_recall(real=rows[0], synthetic=rows[1])


def test_a_collapsed_generator_is_precise_and_covers_little():
    """Swapped roles would turn this around."""
    rng = np.random.default_rng(0)
    real, collapsed = rng.normal(size=(400, 2)) * 5, rng.normal(size=(400, 2)) * 0.05
    improved, four = improved_precision_recall(real=real, synthetic=collapsed), prdc(real=real, synthetic=collapsed)
    assert improved.improved_precision > 0.8
    assert improved.improved_recall < 0.05
    assert four.prdc_precision > 0.8
    assert four.coverage < 0.05


def test_constant_sets_fall_apart_as_the_conventions_say():
    """Radius 0: open balls hold nothing, closed ones hold their like."""
    same = np.ones((20, 3))
    assert tuple(prdc(real=same, synthetic=same)) == (0, 0, 0, 0)
    assert tuple(improved_precision_recall(real=same, synthetic=same)) == (1, 1)


def test_too_few_rows_are_refused():
    """K neighbors need k + 1 rows."""
    with pytest.raises(UserError, match="real"):
        prdc(real=np.zeros((5, 2)), synthetic=np.ones((50, 2)), k=5)
