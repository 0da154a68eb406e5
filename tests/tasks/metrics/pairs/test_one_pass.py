"""One pass over all pairs: equal to a float64 brute force on differences, to the last count, whatever the data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from tasks.metrics.pairs import exact, tiles
from tasks.metrics.pairs.one_pass import Groups, Reach, as_tensor, one_pass


def expected(sets, real, synthetic, reach):
    """Membership by brute force: synthetic rows in real balls, real rows in synthetic balls."""
    squared = sets.brute(real, synthetic)
    first, second = sets.brute_radii(real, reach.k)[:, None], sets.brute_radii(synthetic, reach.k)
    return (squared <= first, squared <= second) if reach.closed else (squared < first, squared < second)


def assert_equal(meeting, inside):
    """Counts of both kinds of balls, by ball and by point."""
    in_real, in_synthetic = inside
    np.testing.assert_array_equal(meeting.in_real.balls_of_point, in_real.sum(axis=0))
    np.testing.assert_array_equal(meeting.in_real.points_in_ball, in_real.sum(axis=1))
    np.testing.assert_array_equal(meeting.in_synthetic.balls_of_point, in_synthetic.sum(axis=1))
    np.testing.assert_array_equal(meeting.in_synthetic.points_in_ball, in_synthetic.sum(axis=0))


@pytest.mark.parametrize("memory", [1, 2**15, 2**27])
def test_counts_equal_brute_force(sets, kind, memory):
    """Closed and open balls of several k in one pass; one row a tile, a few, or all at once."""
    real, synthetic = sets.made(kind)
    balls = (Reach(1, False), Reach(3, True), Reach(3, False), Reach(5, False))
    found = one_pass(real=real, synthetic=synthetic, balls=balls, memory=memory)
    for reach in balls:
        assert_equal(found.meetings[reach], expected(sets, real, synthetic, reach))


def test_counts_equal_a_tree_search():
    """SciPy's k-d tree, which shares no line with either."""
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(size=(300, 4)), rng.normal(0.3, 1.2, size=(200, 4))
    radii = cKDTree(real).query(real, 6)[0][:, 5]
    held = cKDTree(synthetic).query_ball_point(real, radii, return_length=True)
    found = one_pass(real=real, synthetic=synthetic, balls=(Reach(5, True),)).meetings[Reach(5, True)]
    np.testing.assert_array_equal(found.in_real.points_in_ball, held)


def test_sides_are_not_swappable():
    """Real 0, 1, 2, all radii 1; synthetic -1, 0.5, 5, 9, radii 1.5, 1.5, 4, 4; the point -1 lies on a sphere."""
    real, synthetic = np.array([[0.0], [1], [2]]), np.array([[-1.0], [0.5], [5], [9]])
    found = one_pass(real=real, synthetic=synthetic, balls=(Reach(1, True), Reach(1, False)))
    assert found.meetings[Reach(1, True)].in_real.points_in_ball.tolist() == [2, 1, 0]
    assert found.meetings[Reach(1, False)].in_real.points_in_ball.tolist() == [1, 1, 0]
    assert found.meetings[Reach(1, False)].in_real.balls_of_point.tolist() == [0, 2, 0, 0]
    assert found.meetings[Reach(1, False)].in_synthetic.points_in_ball.tolist() == [1, 2, 1, 0]


def test_kernel_sums_equal_their_definition(sets):
    """Between all groups, overlapping ones too; a row does not meet itself. Real groups come first."""
    rng = np.random.default_rng(1)
    real, synthetic = rng.normal(size=(50, 6)), rng.normal(0.5, 1.3, size=(40, 6))
    groups = Groups(rng.random((50, 3)) < 0.4, rng.random((40, 2)) < 0.6)
    rows = np.concatenate([real, synthetic])
    kernel = (rows @ rows.T / 6 + 1) ** 3
    np.fill_diagonal(kernel, 0.0)
    members = np.zeros((90, 5))
    members[:50, :3], members[50:, 3:] = groups
    for memory in (1, 2**15, 2**27):
        found = one_pass(real=real, synthetic=synthetic, groups=groups, memory=memory).kernel
        np.testing.assert_allclose(found, members.T @ kernel @ members, rtol=2e-7)


def test_kernel_sums_far_from_the_origin_lose_no_digits():
    """Products about the center: plain float32 products would be wrong in the fourth digit here."""
    rng = np.random.default_rng(2)
    real, synthetic = 30 + rng.normal(size=(80, 16)), 30 + rng.normal(size=(70, 16))
    kernel = (real @ synthetic.T / 16 + 1) ** 3
    everyone = Groups(np.ones((80, 1), np.bool_), np.ones((70, 1), np.bool_))
    found = one_pass(real=real, synthetic=synthetic, groups=everyone).kernel
    assert found[0, 1] == pytest.approx(kernel.sum(), rel=5e-8)


def test_kernel_sums_beyond_float32():
    """x.y / D of 1e30: its cube fits float64 alone."""
    rows = 1e15 * np.random.default_rng(3).normal(size=(20, 4))
    everyone = Groups(np.ones((20, 1), np.bool_), np.ones((20, 1), np.bool_))
    kernel = (rows @ rows.T / 4 + 1) ** 3
    found = one_pass(real=rows, synthetic=rows, groups=everyone).kernel
    assert found[0, 1] == pytest.approx(kernel.sum(), rel=1e-5)


def test_nothing_asked_for_is_nothing_found():
    """No balls and no groups."""
    found = one_pass(real=np.eye(3), synthetic=np.eye(3))
    assert found.meetings == {}
    assert found.kernel is None


def test_threads_change_no_count(sets):
    """One thread or two."""
    rng = np.random.default_rng(4)
    real, synthetic = rng.normal(size=(700, 32)).astype(np.float32), rng.normal(size=(600, 32)).astype(np.float32)
    before, counts = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        counts.append(one_pass(real=real, synthetic=synthetic, balls=(Reach(5, False),)).meetings[Reach(5, False)])
    torch.set_num_threads(before)
    for one, other in zip(*counts, strict=True):
        np.testing.assert_array_equal(one.balls_of_point, other.balls_of_point)
        np.testing.assert_array_equal(one.points_in_ball, other.points_in_ball)


def test_features_given_are_left_alone(sets):
    """No centering in place; arrays that must not be written are read without a word."""
    real, synthetic = (rows.astype(np.float32) for rows in sets.made("gaussian"))
    kept = real.copy(), synthetic.copy()
    real.setflags(write=False)
    one_pass(real=real, synthetic=synthetic, balls=(Reach(2, True),))
    np.testing.assert_array_equal(real, kept[0])
    np.testing.assert_array_equal(synthetic, kept[1])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.uint16, np.longdouble])
def test_any_real_dtype(sets, dtype):
    """Counts are int64 whatever the features."""
    rows = np.random.default_rng(0).integers(0, 50, (12, 3)).astype(dtype)
    meeting = one_pass(real=rows, synthetic=rows[::-1], balls=(Reach(2, True),)).meetings[Reach(2, True)]
    assert_equal(meeting, expected(sets, rows, rows[::-1], Reach(2, True)))
    assert meeting.in_real.balls_of_point.dtype == np.int64


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.int32])
def test_tensors(sets, dtype):
    """As they lie."""
    rows = torch.from_numpy(np.random.default_rng(0).integers(0, 50, (20, 3))).to(dtype)
    array = rows.double().numpy()
    meeting = one_pass(real=rows, synthetic=rows + 1, balls=(Reach(2, False),)).meetings[Reach(2, False)]
    assert_equal(meeting, expected(sets, array, array + 1, Reach(2, False)))


def test_float32_is_shared_and_not_copied():
    """50,000 rows of 2,048 columns are 400 MB."""
    rows = np.zeros((4, 3), np.float32)
    assert as_tensor(rows).data_ptr() == rows.ctypes.data


def test_digits_of_products_are_set_back():
    """Whatever the user set for GPUs holds again afterwards."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        one_pass(real=np.eye(3), synthetic=np.eye(3), balls=(Reach(1, True),))
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(before)


def test_few_pairs_are_computed_again(monkeypatch):
    """The screen decides nearly all of 160,000 pairs thrice over; of copies each kind of pair is computed once."""
    computed = []
    plain = exact.ExactPairs._compute
    monkeypatch.setattr(
        exact.ExactPairs, "_compute", lambda self, row, column: computed.append(len(row)) or plain(self, row, column)
    )
    rng = np.random.default_rng(0)
    for features, most in (
        (rng.normal(size=(400, 16)), 3300),
        (rng.normal(size=(3, 16))[rng.integers(0, 3, 400)], 30000),
    ):
        computed.clear()
        one_pass(real=features, synthetic=features, balls=(Reach(3, True),))
        assert sum(computed) < most


def test_each_pair_is_visited_once(monkeypatch):
    """Real with real and synthetic with synthetic by halves, real with synthetic whole."""
    visited = []
    plain = tiles.Tile.__init__

    def counting(self, *given):
        plain(self, *given)
        visited.append(self.products.numel())

    monkeypatch.setattr(tiles.Tile, "__init__", counting)
    monkeypatch.setattr(tiles, "side_for", lambda *_: 10)
    one_pass(real=np.random.default_rng(0).normal(size=(40, 3)), synthetic=np.eye(30, 3), balls=(Reach(1, True),))
    assert sum(visited) == 10 * 100 + 6 * 100 + 40 * 30
