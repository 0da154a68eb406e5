"""What prompts and plain colors tell of labels."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.conformance import labels

CLASSES = ("healthy", "cancer", "other")


def squares(levels, *, seed=0, count=20, spread=10.0):
    """Images of one mean color a class, and their labels in turn."""
    asked = np.arange(count * len(levels)) % len(levels)
    means = np.asarray(levels, float)[asked].reshape(len(asked), 1, 1, -1)
    noise = np.random.default_rng(seed).normal(0, spread, (len(asked), 1, 1, 3))
    return np.broadcast_to(np.clip(means + noise, 0, 255), (len(asked), 4, 4, 3)).astype(np.uint8), asked


@pytest.mark.parametrize(
    ("prompts", "asked", "expected"),
    [
        (["a", "b", "a", "b"], [0, 1, 0, 1], set()),
        (["a", "a", "b", "b"], [0, 1, 0, 1], {"a", "b"}),
        (["a", "b", "b"], [0, 1, 2], {"b"}),
        (["a", "b", "a"], [0, 1, 2], {"a"}),
        (["a", "a", "a"], [1, 1, 1], set()),
        (["", "b", ""], [0, 1, 1], {""}),
    ],
)
def test_prompts_that_stand_under_two_labels(prompts, asked, expected):
    """Under two of three is enough; one label alone shares with none."""
    assert labels.shared_prompts(prompts, np.array(asked)) == expected


@pytest.mark.parametrize(
    ("prompts", "asked", "expected"),
    [
        (["healthy tissue", "cancer tissue"], [0, 1], []),
        (["Cancer tissue", "HEALTHY tissue"], [0, 1], ["healthy", "cancer"]),
        (["cancer tissue", "cancer tissue"], [0, 1], ["healthy"]),
        (["no cancer", "a cancer"], [0, 1], ["healthy"]),
        (["cancer tissue", "normal", "healthy tissue"], [0, 0, 1], ["cancer"]),
        (["cancer, not healthy", "healthy, not cancer"], [0, 1], []),
        (["type one", "type two"], [0, 1], []),
        (["cancer", "other", "healthy"], [0, 1, 2], ["healthy", "cancer", "other"]),
        (["", "cancer"], [0, 1], []),
    ],
)
def test_classes_that_go_by_another_s_name(prompts, asked, expected):
    """All prompts of a class name another one, and none names its own."""
    assert labels.misnamed(prompts, np.array(asked), CLASSES) == expected


def test_a_name_within_a_name_is_ones_own():
    """Every "non-tumor" names "tumor" too."""
    classes = ("non-tumor", "tumor")
    assert labels.misnamed(["a non-tumor patch", "a tumor patch"], np.array([0, 1]), classes) == []


def test_swapped_classes_are_found():
    """Dark under bright's label, whatever the scale; the right way round is no finding."""
    real = squares([(60, 60, 60), (180, 180, 180)])
    assert labels.swapped(real, squares([(200, 190, 180), (90, 80, 70)], seed=1)) == (0, 1)
    assert labels.swapped(real, squares([(90, 80, 70), (200, 190, 180)], seed=1)) is None


def test_the_pair_that_is_swapped_is_named():
    """Of three classes the last two; the first is as it should be."""
    real = squares([(20, 20, 20), (100, 100, 100), (200, 200, 200)])
    assert labels.swapped(real, squares([(20, 20, 20), (200, 200, 200), (100, 100, 100)], seed=1)) == (1, 2)


@pytest.mark.parametrize(
    "made",
    [
        [(128, 128, 128), (128, 128, 128)],  # The generator does not tell the classes apart.
        [(134, 134, 134), (122, 122, 122)],  # What difference there is may be chance.
        [(60, 180, 180), (180, 60, 60)],  # One channel is right: the colors differ, the labels may not.
    ],
)
def test_nothing_is_found_without_clear_evidence(made):
    """A weak generator is not a broken one."""
    assert labels.swapped(squares([(60, 60, 60), (180, 180, 180)]), squares(made, seed=1)) is None


def test_classes_that_look_alike_tell_nothing():
    """However sure the generator is."""
    real = squares([(122, 122, 122), (134, 134, 134)])
    assert labels.swapped(real, squares([(250, 250, 250), (10, 10, 10)], seed=1)) is None


@pytest.mark.filterwarnings("error")
def test_a_class_of_one_image_tells_nothing():
    """It has no spread; nor has a class that is absent."""
    images, asked = squares([(60, 60, 60), (180, 180, 180)])
    real = (images, asked)
    assert labels.swapped((images[:3], asked[:3]), (images, 1 - asked)) is None
    assert labels.swapped(real, (images[::2], asked[::2])) is None
    assert labels.swapped(real, (images, 1 - asked)) == (0, 1)


def test_images_of_one_color_each_are_compared_all_the_same():
    """Without any spread a difference is sure, and no division by zero."""
    real = squares([(60, 60, 60), (180, 180, 180)], spread=0.0)
    with np.errstate(all="raise"):
        assert labels.swapped(real, (real[0], 1 - real[1])) == (0, 1)
        assert labels.swapped(real, real) is None
