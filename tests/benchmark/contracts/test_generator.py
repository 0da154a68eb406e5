"""Requests, whole and in parts."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.generator import Batch, Effort, Requests, effort_of, is_labelled

REQUESTS = Requests(
    index=np.arange(100, 107),
    labels=np.array([0, 1, 1, 0, 1, 0, 0]),
    seeds=np.array([7, 6, 5, 4, 3, 2, 2**63 - 1]),
    ranks=np.array([10, 20, 21, 11, 22, 12, 13]),
    classes=("normal", "tumor"),
)


def rows(requests: Requests) -> list[tuple[int, ...]]:
    return list(zip(*(getattr(requests, name).tolist() for name in ("index", "labels", "seeds", "ranks")), strict=True))


def test_requests_are_counted_by_image():
    """Also where there are none."""
    assert len(REQUESTS) == 7
    assert len(REQUESTS.part(3, 3)) == 0


def test_a_part_holds_its_rows_unchanged():
    """All four columns from one place; past the end there is nothing."""
    assert rows(REQUESTS.part(2, 4)) == [(102, 1, 5, 21), (103, 0, 4, 11)]
    assert rows(REQUESTS.part(5, 99)) == rows(REQUESTS)[5:]
    assert REQUESTS.part(2, 4).classes == ("normal", "tumor")


@pytest.mark.parametrize(("size", "sizes"), [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (100, [7])])
def test_batches_are_all_rows_in_order(size, sizes):
    """Each once; the last may be smaller."""
    batches = list(REQUESTS.batches(size))
    assert [len(batch) for batch in batches] == sizes
    assert [row for batch in batches for row in rows(batch)] == rows(REQUESTS)


def test_no_requests_have_no_batches():
    """Not one empty batch."""
    assert list(REQUESTS.part(0, 0).batches(3)) == []


def test_a_part_of_a_part_is_a_part():
    """Positions are those of the requests at hand."""
    assert rows(REQUESTS.part(2, 6).part(1, 3)) == rows(REQUESTS)[3:5]


def test_images_need_no_prompts():
    """A generator without any says nothing."""
    assert Batch(np.zeros((1, 2, 2, 3), np.uint8)).prompts is None


def test_images_are_of_their_label_unless_the_class_says_otherwise():
    """What most classes never heard of is not asked of them."""
    assert is_labelled(type("Usual", (), {}))
    assert not is_labelled(type("Unlabelled", (), {"labelled": False}))


def test_a_class_may_tell_how_much_work_there_is():
    """With its parameters; of one that does not, nothing is known, and no object is made."""

    class Telling:
        def __init__(self, steps: int) -> None:
            self.steps = steps

        @property
        def effort(self) -> Effort:
            return Effort(fit_steps=self.steps, image_steps=2)

    class Silent:
        def __init__(self) -> None:
            raise AssertionError

    assert effort_of(Telling, {"steps": 7}) == Effort(7, 2)
    assert effort_of(Silent, {}) == Effort(None, None)
