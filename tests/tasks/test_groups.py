"""Which rows are left out together: slides where known, requests on the synthetic side, else at random."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.task import Features
from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups
from tasks import groups


def test_real_rows_go_by_slide(features):
    """Rows of a slide share a group, and no two slides do."""
    found = groups.of_real(features(np.zeros((60, 2)), slides=12))
    np.testing.assert_array_equal(found, np.arange(60) % 12)


def test_many_slides_are_merged(features):
    """Fifty groups at most."""
    assert groups.of_real(features(np.zeros((160, 2)), slides=80)).max() == 49


def test_real_rows_without_slides_go_at_random(features):
    """Not by row number."""
    found = groups.of_real(features(np.zeros((200, 2))))
    np.testing.assert_array_equal(found, random_groups(200, seed=0, groups=20))
    np.testing.assert_array_equal(found, groups.at_random(200))


def test_synthetic_rows_go_by_request_whatever_their_values_or_labels(features):
    """So that variants share their groups."""
    rng = np.random.default_rng(0)
    one, other = features(rng.normal(size=(90, 3))), features(rng.normal(5, 1, size=(90, 7)))
    np.testing.assert_array_equal(groups.of_synthetic(one), groups.of_synthetic(other))
    assert groups.of_synthetic(one).max() == 19


def test_real_images_in_their_place_go_by_slide(features):
    """Which a control tells; as units too, where any other image is one of its own."""
    given = features(np.zeros((90, 2)), slides=9)
    np.testing.assert_array_equal(groups.of_synthetic(given), np.arange(90) % 9)
    np.testing.assert_array_equal(groups.units_of_synthetic(given), np.arange(90) % 9)
    np.testing.assert_array_equal(groups.units_of_synthetic(features(np.zeros((90, 2)))), np.arange(90))


@pytest.mark.parametrize("slides", [None, np.array([f"s{row % 7}" for row in range(60)])])
def test_test_images_go_like_real_rows(features, slides):
    """By slide or at random, the same way."""
    pixels = ArraySource(np.zeros((60, 1, 1, 3), np.uint8))
    images = Images(pixels, np.arange(60), np.zeros(60, np.int64), ("a", "b"), slides, "x")
    rows = Features(np.zeros((60, 2), np.float32), np.zeros(60, np.int64), slides)
    np.testing.assert_array_equal(groups.of_real(images), groups.of_real(rows))


@pytest.mark.parametrize(
    ("rows", "expected"), [(1000, 20), (41, 20), (40, 20), (39, 19), (10, 5), (5, 2), (4, 2), (3, 2), (2, 2)]
)
def test_few_rows_make_few_groups(rows, expected, features):
    """Twenty, or half the rows, and two at the least, on either side."""
    assert groups.at_random(rows).max() + 1 == expected
    assert groups.of_synthetic(features(np.zeros((rows, 2)))).max() + 1 == expected


def test_one_row_has_no_groups(features):
    """On either side."""
    for find in (groups.of_real, groups.of_synthetic):
        with pytest.raises(UserError, match=r"1 row\(s\) cannot be split into 2 groups"):
            find(features(np.zeros((1, 2))))


def test_slides_are_counted_by_role(features):
    """Slides, not rows; a role whose slides nobody knows is not named."""
    real, plain = features(np.zeros((60, 2)), slides=12), features(np.zeros((60, 2)))
    assert groups.slides(reference=real, synthetic=plain) == {"reference": 12}
    assert groups.slides(reference=plain, synthetic=real) == {"synthetic": 12}


def test_a_reader_is_told_where_slides_are_unknown(features):
    """And of nothing where they are known."""
    assert groups.note(features(np.zeros((4, 2)), slides=2)) is None
    assert groups.note(features(np.zeros((4, 2)))) == "slides unknown: the interval treats patches as independent"
