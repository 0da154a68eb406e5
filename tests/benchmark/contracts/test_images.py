"""Images are read in blocks and in order, and never before they are asked for."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images

PIXELS = np.random.default_rng(0).integers(0, 256, (10, 2, 4, 3), np.uint8)
ROWS = np.array([9, 0, 4, 4, 7])


class Watched(ArraySource):
    """Notes which rows are asked for."""

    asked: list[list[int]] = []

    def read(self, rows):
        self.asked.append(rows.tolist())
        return super().read(rows)


@pytest.fixture
def images() -> Images:
    """Five images, out of order, one of them twice."""
    Watched.asked.clear()
    return Images(
        source=Watched(PIXELS),
        rows=ROWS,
        labels=np.array([0, 1, 2, 0, 1]),
        classes=("a", "b", "c"),
        slides=np.array(["s1", "s2", "s3", "s4", "s5"]),
        digest="whole",
    )


def test_images_are_those_at_their_rows(images):
    """Not those at the beginning of the source."""
    assert len(images) == 5
    assert np.array_equal(images.read(0, 5), PIXELS[[9, 0, 4, 4, 7]])
    assert np.array_equal(images.read(1, 3), PIXELS[[0, 4]])
    assert images.read(2, 2).shape == (0, 2, 4, 3)


@pytest.mark.parametrize(
    ("size", "asked"), [(2, [[9, 0], [4, 4], [7]]), (5, [[9, 0, 4, 4, 7]]), (99, [[9, 0, 4, 4, 7]])]
)
def test_batches_are_all_images_in_order(images, size, asked):
    """Each once; the last may be smaller."""
    assert np.array_equal(np.concatenate(list(images.batches(size))), PIXELS[ROWS])
    assert Watched.asked == asked


def test_a_batch_is_read_when_it_is_asked_for(images):
    """Neither before nor all at once."""
    batches = images.batches(2)
    assert Watched.asked == []
    next(batches)
    assert Watched.asked == [[9, 0]]


def test_chosen_images_keep_what_belongs_to_them(images):
    """Pixels, label and slide stay together, in the order chosen, under the digest given."""
    taken = images.take(np.array([4, 0, 4]), digest="some")
    assert np.array_equal(taken.read(0, 3), PIXELS[[7, 9, 7]])
    assert taken.labels.tolist() == [1, 0, 1]
    assert taken.slides.tolist() == ["s5", "s1", "s5"]
    assert (taken.classes, taken.digest, len(taken)) == (("a", "b", "c"), "some", 3)
    assert (len(images), images.digest) == (5, "whole"), "the whole is left as it was"


def test_choosing_reads_no_pixels(images):
    """It is a choice of rows."""
    images.take(np.array([1]), digest="some")
    assert Watched.asked == []


def test_a_choice_of_a_choice_counts_from_there(images):
    """Positions are those of the images at hand."""
    twice = images.take(np.array([3, 2, 1]), digest="a").take(np.array([2, 0]), digest="b")
    assert twice.slides.tolist() == ["s2", "s4"]
    assert np.array_equal(twice.read(0, 2), PIXELS[[0, 4]])


def test_images_of_unknown_slides_stay_so(images):
    """None is not made into names."""
    from dataclasses import replace

    assert replace(images, slides=None).take(np.array([0]), digest="x").slides is None


def test_none_at_all_have_no_batches(images):
    """Not one empty batch."""
    none = images.take(np.array([], np.int64), digest="none")
    assert len(none) == 0
    assert list(none.batches(3)) == []
