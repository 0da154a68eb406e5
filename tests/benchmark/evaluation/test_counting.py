"""How many images of which class are measured."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from benchmark.evaluation import counting
from benchmark.suite.schema import RoleEntry


def test_classes_of_the_set_become_those_of_the_real_images(look) -> None:
    """By name, or as the user says; two of them may be one class if the user says so."""
    found, classes = look("set", {"tumor": 3, "benign": 2, "2": 1}), ("normal", "tumor", "stroma")
    means = counting.meanings(found, classes, {"benign": "normal", "2": "tumor"}, ordered=False)
    assert means == {"benign": "normal", "2": "tumor", "tumor": "tumor"}
    assert counting.shares(found, classes, means) == {"normal": 2, "tumor": 4, "stroma": 0}
    with pytest.raises(UserError, match="holds 2 images of 'benign', which is no class .*--label 'benign=CLASS'"):
        counting.meanings(found, classes, {"2": "stroma"}, ordered=False)
    with pytest.raises(UserError, match=r"--label benin=normal: no synthetic image is of 'benin'. Found: 2, benign"):
        counting.meanings(found, classes, {"benin": "normal"}, ordered=False)
    with pytest.raises(UserError, match=r"--label benign=tumour: 'tumour' is no class of .*Did you mean 'tumor'"):
        counting.meanings(found, classes, {"benign": "tumour"}, ordered=False)


def test_numbers_are_classes_where_somebody_numbered_them(look) -> None:
    """The order of the alphabet is nobody's: there it is asked, or a set would be measured with its labels exchanged."""
    found, classes = look("set", {"0": 2, "1": 1}), ("cancer", "healthy")
    assert counting.meanings(found, classes, {}, ordered=True) == {"0": "cancer", "1": "healthy"}
    assert counting.meanings(found, classes, {"0": "1", "1": "0"}, ordered=True) == {"0": "healthy", "1": "cancer"}
    with pytest.raises(UserError, match=r"numbers \(0, 1\), and nobody numbered .*--label 0=CLASS --label 1=CLASS"):
        counting.meanings(found, classes, {}, ordered=False)
    with pytest.raises(UserError, match=r"numbers \(1\), and nobody"):
        counting.meanings(found, classes, {"0": "healthy"}, ordered=False)
    with pytest.raises(UserError, match="'1' is no class of the real images"):
        counting.meanings(found, classes, {"0": "1", "1": "healthy"}, ordered=False)
    said = {"0": "healthy", "1": "cancer"}
    assert counting.meanings(found, classes, said, ordered=False) == said
    same = look("same", {"0": 1, "1": 1})
    assert counting.meanings(same, ("0", "1"), {}, ordered=False) == {"0": "0", "1": "1"}


def test_as_many_as_both_have_or_as_are_asked_for(look) -> None:
    """What that means for the floor is told."""
    found = look("set", {"a": 10})
    assert counting.count(found, 10, None) == (10, True, None)
    assert counting.count(found, 99, None) == (10, True, None)
    n, has_floor, note = counting.count(found, 4, None)
    assert (n, has_floor) == (4, True)
    assert note is not None
    assert note.startswith("4 of 10 synthetic images are measured, chosen at random")
    assert note.endswith("--n 10 measures all, without that row.")
    assert counting.count(found, 4, 3) == (3, True, None)
    n, has_floor, _ = counting.count(found, 1, None)
    assert (n, has_floor) == (10, False), "nine tenths are not left out for a floor's sake"
    n, has_floor, note = counting.count(found, 4, 10)
    assert (n, has_floor, note) == (
        10, False, "There is no row 'real-holdout': it could hand out 4 images, and 10 are measured."
    )  # fmt: skip
    with pytest.raises(UserError, match="--n 11: .*set holds 10 images that can be used"):
        counting.count(found, 99, 11)


def images(labels: list[int]) -> Images:
    count = len(labels)
    pixels = np.zeros((count, 2, 2, 3), np.uint8)
    return Images(ArraySource(pixels), np.arange(count), np.array(labels), ("a", "b"), None, digest="")


def test_the_floor_holds_what_it_can_hand_out_by_training_frequency() -> None:
    """It ends where a class does: with equal shares after the third of the rarer; repeated pixels count once."""
    valid = images([0] * 6 + [1] * 3)
    pixels = np.array([f"{row}" for row in range(9)])
    everything = RoleEntry(split="valid")
    assert counting.floor_holds(images([0, 1]), valid, pixels, everything) == 7
    assert counting.floor_holds(images([0, 0, 1]), valid, pixels, everything) == 9
    assert counting.floor_holds(images([0]), valid, pixels, everything) == 6
    pixels[8] = "7"
    assert counting.floor_holds(images([0, 1]), valid, pixels, everything) == 5
    half = RoleEntry(split="valid", part=(0.0, 0.5))
    other = RoleEntry(split="valid", part=(0.5, 1.0))
    halves = [counting.floor_holds(images([0, 0, 1]), valid, pixels, part) for part in (half, other)]
    assert all(0 < each <= 4 for each in halves)
