"""Groups of rows: slides whole, requests shared between variants, nothing left to the order of rows."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.groups import check_groups, groups_digest, random_groups, request_groups, slide_groups


def spread_out(sizes, seed=0):
    """Slide ids with these counts, in random order."""
    ids = np.repeat(list(sizes), list(sizes.values()))
    return np.random.default_rng(seed).permutation(ids)


def test_few_slides_are_a_group_each_in_order_of_their_names():
    """Not in the order they come."""
    found = slide_groups(np.array(["c", "a", "c", "b", "a"]))
    assert found.tolist() == [2, 0, 2, 1, 0]
    assert found.dtype == np.int64
    assert slide_groups(np.array(["b", "a", "b"]), most=2).tolist() == [1, 0, 1]


def test_many_slides_are_merged_as_worked_out_by_hand():
    """With a 5 to group 0, b 4 to 1, c 3 to 1 (then 7), d 3 to 0 (then 8), e 1 to 1: falling size, ties by name."""
    ids = spread_out({"e": 1, "d": 3, "c": 3, "b": 4, "a": 5})
    found = dict(zip(ids.tolist(), slide_groups(ids, most=2).tolist(), strict=True))
    assert found == {"a": 0, "b": 1, "c": 1, "d": 0, "e": 1}


def test_no_slide_is_parted_and_groups_fill_evenly():
    """Seventy unequal slides in fifty groups: fullest and emptiest differ by no more than a slide."""
    sizes = {f"s{number:02}": 1 + number % 7 for number in range(70)}
    ids = spread_out(sizes)
    found = slide_groups(ids, most=50)
    assert all(len(set(found[ids == slide])) == 1 for slide in sizes)
    filled = np.bincount(found)
    assert len(filled) == 50
    assert filled.max() - filled.min() <= max(sizes.values())


def test_order_of_rows_changes_no_slides_group():
    """The group of a slide depends on slides and sizes alone."""
    sizes = {f"s{number:02}": 1 + number % 3 for number in range(20)}
    first, second = (spread_out(sizes, seed) for seed in (1, 2))
    assert dict(zip(first, slide_groups(first, most=6), strict=True)) == dict(
        zip(second, slide_groups(second, most=6), strict=True)
    )


@pytest.mark.parametrize(("slides", "groups"), [(49, 49), (50, 50), (51, 50), (200, 50)])
def test_fifty_groups_of_slides_are_the_most(slides, groups):
    """Unless told otherwise."""
    assert slide_groups(np.array([f"s{number}" for number in range(slides)])).max() + 1 == groups


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["only"] * 5, r"shape \(5,\) hold 1 slide\(s\)"),
        ([], r"shape \(0,\) hold 0 slide\(s\)"),
        ([["a", "b"], ["c", "d"]], r"shape \(2, 2\) hold 4 slide\(s\)"),
    ],
)
def test_too_few_slides_are_refused(ids, said):
    """With the two ways out."""
    with pytest.raises(UserError, match=said + ".*Give more slides, or leave the ids out"):
        slide_groups(np.array(ids, dtype=str))


@pytest.mark.parametrize("blank", ["", "  "])
def test_rows_without_an_id_are_counted(blank):
    """They are no slide of their own."""
    with pytest.raises(UserError, match=r"2 row\(s\) have an empty slide id\. Give every row an id"):
        slide_groups(np.array(["a", blank, "b", blank]))


@pytest.mark.parametrize(("rows", "groups"), [(40, 20), (47, 20), (7, 7), (9, 2)])
def test_sizes_of_random_groups_differ_by_one_at_most(rows, groups):
    """And every group is used."""
    sizes = np.bincount(random_groups(rows, seed=3, groups=groups))
    assert len(sizes) == groups
    assert sizes.max() - sizes.min() <= 1
    assert sizes.sum() == rows


def test_twenty_random_groups_unless_told_otherwise():
    """Nineteen degrees of freedom."""
    assert random_groups(100, seed=0).max() == 19


def test_the_seed_alone_decides_on_random_groups():
    """Neither NumPy's global state nor the call before."""
    np.random.seed(1)  # noqa: NPY002
    first = random_groups(60, seed=5)
    np.random.seed(2)  # noqa: NPY002
    untouched = np.random.get_state()[1].copy()  # noqa: NPY002
    np.testing.assert_array_equal(random_groups(60, seed=5), first)
    np.testing.assert_array_equal(np.random.get_state()[1], untouched)  # noqa: NPY002
    assert not np.array_equal(random_groups(60, seed=6), first)


def test_neighboring_rows_are_not_dealt_out_in_turn():
    """Dealing in turn would put rows of one period together."""
    dealt = np.arange(60) % 20
    assert np.mean(random_groups(60, seed=0) == dealt) < 0.3


def test_golden_assignment_of_random_groups():
    """Records of different runs pair only where this never changes."""
    assert random_groups(12, seed=0, groups=4).tolist() == [1, 2, 3, 0, 1, 3, 0, 3, 2, 2, 0, 1]


@pytest.mark.parametrize(("rows", "groups"), [(10, 1), (10, 0), (3, 4), (0, 2)])
def test_impossible_splits_are_refused(rows, groups):
    """With both numbers."""
    with pytest.raises(UserError, match=rf"{rows} row\(s\) cannot be split into {groups} groups.*fewer groups"):
        random_groups(rows, seed=0, groups=groups)


def test_the_group_of_a_request_is_its_own():
    """Whatever other requests were answered, and in which order."""
    whole = request_groups(np.arange(100), total=100, seed=4)
    answered = np.random.default_rng(0).permutation(100)[:90]
    np.testing.assert_array_equal(request_groups(answered, total=100, seed=4), whole[answered])


def test_all_requests_are_grouped_at_random():
    """As rows are."""
    np.testing.assert_array_equal(
        request_groups(np.arange(50), total=50, seed=1, groups=7), random_groups(50, seed=1, groups=7)
    )


def test_total_and_seed_are_parts_of_the_assignment():
    """Variants of suites with unlike request lists are not paired by accident."""
    base = request_groups(np.arange(60), total=60, seed=0)
    assert not np.array_equal(request_groups(np.arange(60), total=61, seed=0), base)
    assert not np.array_equal(request_groups(np.arange(60), total=60, seed=1), base)


@pytest.mark.parametrize("bad", [[0, 1, 1, 2], [0.0, 1.0], [[0, 1], [2, 3]], []])
def test_indices_are_whole_single_and_one_an_image(bad):
    """An image answers one request."""
    with pytest.raises(UserError, match="whole numbers, one a synthetic image, none twice"):
        request_groups(np.array(bad), total=50, seed=0)


@pytest.mark.parametrize(("bad", "said"), [([3, -1, 0], "-1 to 3"), ([0, 50], "0 to 50"), ([70, 90], "70 to 90")])
def test_indices_of_another_suite_are_refused(bad, said):
    """The message gives the range found and the range there is."""
    with pytest.raises(UserError, match=rf"run from {said}; the suite has 50 requests, 0 to 49"):
        request_groups(np.array(bad), total=50, seed=0)


def test_the_last_index_is_within():
    """All but the first request were answered."""
    assert len(request_groups(np.arange(1, 50), total=50, seed=0)) == 49


def test_a_group_without_an_image_is_refused():
    """A generator that answered only a few requests."""
    with pytest.raises(UserError, match=r"synthetic rows: expected labels 0 to G - 1.*got 3 different label"):
        request_groups(np.flatnonzero(random_groups(100, seed=0, groups=5) > 1), total=100, seed=0, groups=5)


def test_no_image_at_all_is_refused():
    """Rather than an index error."""
    with pytest.raises(UserError, match="got 0 different label"):
        request_groups(np.empty(0, dtype=np.int64), total=50, seed=0)


def test_labels_of_any_width_become_int64():
    """Sums of sizes then never wrap."""
    found = check_groups(np.array([0, 1, 2, 0], dtype=np.uint8), rows=4, role="real")
    assert found.dtype == np.int64
    assert found.tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize("bad", [[0, 1], [[0], [1], [0]], [0.0, 1.0, 0.0], [True, False, True], ["0", "1", "0"]])
def test_labels_of_other_shapes_and_kinds_are_refused(bad):
    """The message names the role, the number of rows and what came."""
    with pytest.raises(UserError, match=r"Groups of the synthetic rows: expected 3 whole numbers, one a row, got"):
        check_groups(np.array(bad), rows=3, role="synthetic")


@pytest.mark.parametrize(
    ("bad", "count"), [([0, 0, 0], 1), ([0, 2, 0], 2), ([1, 2, 1], 2), ([-1, 0, 1], 3), ([-1, 1, 1], 2), ([0, 1, 3], 3)]
)
def test_labels_with_gaps_and_single_groups_are_refused(bad, count):
    """A label nobody has would be a replicate that leaves nothing out."""
    with pytest.raises(UserError, match=rf"Groups of the real rows: .*none empty, got {count} different label"):
        check_groups(np.array(bad), rows=3, role="real")


def test_digest_is_the_sha256_of_little_endian_words():
    """Packed another way; the same on every machine."""
    expected = hashlib.sha256(struct.pack("<4q", 0, 1, 1, 2)).hexdigest()
    assert groups_digest(np.array([0, 1, 1, 2])) == expected


def test_width_and_layout_do_not_matter_to_the_digest():
    """The same assignment has one digest."""
    labels = np.arange(20) % 3
    strided = np.stack([labels, labels], axis=1)[:, 0]
    assert groups_digest(labels.astype(np.int32)) == groups_digest(strided) == groups_digest(labels)


def test_order_and_labels_matter_to_the_digest():
    """Row 0 in group 1 is another assignment."""
    assert len({groups_digest(np.array(labels)) for labels in ([0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 1, 2])}) == 4
