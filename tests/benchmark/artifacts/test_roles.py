"""Dealing out roles: disjoint, complete, whole slides, the same every time."""

from __future__ import annotations

import hashlib
import itertools

import numpy as np
import pytest

from benchmark.artifacts import roles
from benchmark.artifacts.dataset_index import SplitIndex
from benchmark.suite.schema import RoleEntry


def split(slides=None, pixels=None, count=None) -> SplitIndex:
    """A split; every image has pixels of its own unless they are given."""
    count = count if count is not None else len(slides if slides is not None else pixels)
    names = [f"{row:064d}" for row in range(count)] if pixels is None else pixels
    return SplitIndex(
        labels=np.arange(count) % 2,
        slides=None if slides is None else np.array(slides, np.str_),
        pixels=np.array(names, np.str_) if count else np.array([], "U64"),
    )


def entry(low=0.0, high=1.0, **more) -> RoleEntry:
    return RoleEntry(split="train", part=(low, high), **more)


def chosen(index: SplitIndex, *arguments, **more) -> list[int]:
    return roles.choose(index, entry(*arguments, **more)).tolist()


SLIDES = [f"s{number}" for number in range(10) for _ in range(number + 1)]
"""Ten slides of 1 to 10 images."""


def test_a_whole_split_is_all_of_it_in_order():
    """Ascending row numbers."""
    assert chosen(split(SLIDES)) == list(range(55))
    assert chosen(split(count=5)) == [0, 1, 2, 3, 4]
    assert roles.choose(split(count=5), entry()).dtype == np.int64


@pytest.mark.parametrize("slides", [SLIDES, None])
@pytest.mark.parametrize("cuts", [(0.5,), (0.1, 0.2), (0.25, 0.5, 0.75), (0.001, 0.999)])
def test_parts_side_by_side_are_disjoint_and_complete(slides, cuts):
    """Every image is in one and only one."""
    index = split(slides, count=55)
    ends = (0.0, *cuts, 1.0)
    parts = [chosen(index, low, high) for low, high in itertools.pairwise(ends)]
    assert sorted(row for part in parts for row in part) == list(range(55))
    assert all(part == sorted(part) for part in parts)


def test_slides_are_never_divided():
    """Whatever the cut, a slide's images are on one side."""
    index = split(SLIDES)
    for cut in np.linspace(0.05, 0.95, 19):
        low, high = chosen(index, 0.0, cut), chosen(index, cut, 1.0)
        assert not {SLIDES[row] for row in low} & {SLIDES[row] for row in high}


def test_images_of_one_slide_need_not_lie_together():
    """Slides are told by name, not by place."""
    index = split(["a", "b", "c", "d"] * 5)
    low = chosen(index, 0.0, 0.5)
    assert len(low) == 10
    assert len({row % 4 for row in low}) == 2


def test_a_share_is_of_images_and_as_near_as_whole_slides_allow():
    """Not of slides: the end nearest to it, of all ends there are."""
    index = split(SLIDES)
    order = sorted(range(10), key=lambda number: hashlib.sha256(f"s{number}".encode()).hexdigest())
    ends = np.cumsum([0, *(number + 1 for number in order)])
    for share in np.linspace(0.02, 0.98, 25):
        count = len(chosen(index, 0.0, share))
        assert count in ends
        assert abs(count - 55 * share) == min(abs(end - 55 * share) for end in ends)


def test_slides_are_dealt_out_in_the_order_of_their_hashes():
    """By an independent way: the first half begins with the slides whose names hash lowest."""
    names = [f"slide {number}" for number in range(8)]
    order = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    assert order != sorted(names)
    index = split(names)
    for count in range(1, 8):
        assert {names[row] for row in chosen(index, 0.0, count / 8)} == {*order[:count]}


def test_images_without_slides_are_dealt_out_one_by_one():
    """In the order of the hashes of their row numbers: a share of 55 images is exact to the image."""
    order = sorted(range(55), key=lambda row: hashlib.sha256(str(row).encode()).hexdigest())
    for count in (1, 2, 27, 54):
        assert chosen(split(count=55), 0.0, count / 55) == sorted(order[:count])


def test_images_are_dealt_out_where_the_suite_says_so():
    """Slides or not: `by: image`."""
    assert chosen(split(SLIDES), 0.0, 0.5, by="image") == chosen(split(count=55), 0.0, 0.5)
    assert chosen(split(SLIDES), 0.0, 0.5, by="image") != chosen(split(SLIDES), 0.0, 0.5)


def test_the_order_of_rows_decides_nothing_about_slides():
    """A file written in another order gives the same slides to the same role."""
    turned = SLIDES[::-1]
    ours = {SLIDES[row] for row in chosen(split(SLIDES), 0.2, 0.6)}
    theirs = {turned[row] for row in chosen(split(turned), 0.2, 0.6)}
    assert ours == theirs
    assert 0 < len(ours) < 10


def test_of_equal_images_the_first_stays():
    """Others with its pixels play no role at all, of whatever slide they are."""
    pixels = ["p", "q", "p", "r", "q", "p"]
    assert chosen(split(pixels=pixels)) == [0, 1, 3]
    assert chosen(split(["a", "b", "c", "d", "e", "f"], pixels)) == [0, 1, 3]
    low, high = chosen(split(pixels=pixels), 0.0, 0.5), chosen(split(pixels=pixels), 0.5, 1.0)
    assert sorted(low + high) == [0, 1, 3]


def test_equal_images_weigh_nothing_in_the_shares():
    """Two slides of three images each, but one holds one image thrice: it is a quarter, not a half."""
    index = split(["a", "a", "a", "b", "b", "b"], ["x", "x", "x", "1", "2", "3"])
    parts = [chosen(index, 0.0, 0.5), chosen(index, 0.5, 1.0)]
    assert sorted(parts, key=len) in ([[], [0, 3, 4, 5]], [[0], [3, 4, 5]])
    assert sorted(row for part in parts for row in part) == [0, 3, 4, 5]
    assert len(chosen(index, 0.0, 0.4)) in (0, 1, 3)


def test_at_most_n_are_taken_and_the_rest_are_left():
    """Of the part, ascending; a smaller n is a part of a larger one."""
    index = split(SLIDES)
    part = chosen(index, 0.3, 0.8)
    sizes = {n: chosen(index, 0.3, 0.8, n=n) for n in (1, 5, 10, len(part), 1000)}
    for n, rows in sizes.items():
        assert len(rows) == min(n, len(part))
        assert rows == sorted(rows)
        assert set(rows) <= set(part)
    assert set(sizes[1]) < set(sizes[5]) < set(sizes[10])


def test_which_n_depends_on_the_images_alone():
    """In another order of rows the same pixels are taken."""
    pixels = [f"{row:064d}" for row in range(40)]
    turned = pixels[::-1]
    ours = {pixels[row] for row in chosen(split(pixels=pixels), n=7)}
    assert ours == {turned[row] for row in chosen(split(pixels=turned), n=7)}
    order = sorted(pixels, key=lambda name: hashlib.sha256(f"thin/{name}".encode()).hexdigest())
    assert ours == {*order[:7]}


def test_n_are_spread_over_the_slides():
    """A hundred of a thousand come from all ten slides, not from the first."""
    slides = [f"s{row // 100}" for row in range(1000)]
    taken = [slides[row] for row in chosen(split(slides), n=100)]
    counts = {slide: taken.count(slide) for slide in set(taken)}
    assert len(counts) == 10
    assert max(counts.values()) < 25


def test_a_part_of_too_few_slides_may_be_empty():
    """One slide is all or nothing; the caller says so."""
    index = split(["only"] * 6)
    assert chosen(index, 0.0, 0.4) == []
    assert chosen(index, 0.4, 1.0) == list(range(6))


def test_an_empty_split_gives_nothing():
    """With slides known and unknown, thinned or not."""
    assert chosen(split([])) == chosen(split(count=0)) == chosen(split(count=0), n=3) == []


def test_balanced_roles_hold_as_many_of_each_class():
    """The first of each in the same order; of a class that holds fewer, all, and no more of the others."""
    labels = np.array([0] * 30 + [1] * 10)
    index = SplitIndex(labels=labels, slides=None, pixels=np.array([f"{row:064d}" for row in range(40)], np.str_))

    def counts(n: int) -> list[int]:
        return np.bincount(labels[chosen(index, n=n, balanced=True)], minlength=2).tolist()

    assert [counts(n) for n in (1, 2, 7, 20, 21, 40, 100)] == [
        [0, 0], [1, 1], [3, 3], [10, 10], [10, 10], [10, 10], [10, 10],
    ]  # fmt: skip
    assert set(chosen(index, n=6, balanced=True)) < set(chosen(index, n=12, balanced=True))
    order = sorted(range(30), key=lambda row: hashlib.sha256(f"thin/{row:064d}".encode()).hexdigest())
    assert set(chosen(index, n=8, balanced=True)) & set(range(30)) == {*order[:4]}
    assert chosen(split(count=0), n=3, balanced=True) == []
