"""Class names and label numbers."""

from __future__ import annotations

import pytest

from benchmark.datasets import labels
from benchmark.datasets.labels import Table
from benchmark.errors import UserError

TABLE = Table(["1.png", "2.png", "3.png", "4.png"], ["tumor", "normal", "stroma", "normal"])


def test_classes_are_those_found_sorted() -> None:
    """By number where they are numbers."""
    classes, numbers = labels.numbered(TABLE, None, "x")
    assert classes == ("normal", "stroma", "tumor")
    assert numbers.tolist() == [2, 0, 1, 0]
    assert labels.found(["10", "9", "10", "0"]) == ("0", "9", "10")
    assert labels.found(["10", "9", "b"]) == ("10", "9", "b")


def test_classes_may_be_ordered_and_named() -> None:
    """The words are what prompts say."""
    assert labels.numbered(TABLE, ["tumor", "stroma", "normal"], "x")[1].tolist() == [0, 2, 1, 2]
    words = {"tumor": "cancer", "stroma": "connective", "normal": "healthy"}
    classes, numbers = labels.numbered(TABLE, words, "x")
    assert (classes, numbers.tolist()) == (("cancer", "connective", "healthy"), [0, 2, 1, 2])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["tumor", "stroma", "nomal"], r"x: key 'classes' names 'nomal', which no image has. Did you mean 'normal'\?"),
        (["tumor", "stroma"], "leaves out normal. Name all"),
        (["tumor", "stroma", "normal", "tumor"], "names a class twice"),
        ({"tumor": "a", "stroma": "a", "normal": "b"}, "gives several classes one word"),
    ],
)
def test_classes_that_are_not_those_found_are_refused(words: labels.ClassWords, said: str) -> None:
    """With the nearest."""
    with pytest.raises(UserError, match=said):
        labels.numbered(TABLE, words, "x")


def test_images_without_a_label_are_counted() -> None:
    """And one is named."""
    with pytest.raises(UserError, match=r"x: 1 of 2 images have no label, such as b\.png"):
        labels.numbered(Table(["a.png", "b.png"], ["a", ""]), None, "x")


@pytest.mark.parametrize(
    ("classes", "found", "names", "expected"),
    [
        ("ab", "ba", {}, {"b": "b", "a": "a"}),
        ("ab", "01", {}, {"0": "a", "1": "b"}),
        ("ab", "x1", {"x": "a", "1": "b"}, {"x": "a", "1": "b"}),
        ("ab", "xa", {"x": "a"}, {"x": "a", "a": "a"}),
        ("10", "01", {}, {"0": "0", "1": "1"}),
    ],
)
def test_labels_of_other_images_mean_classes(classes, found, names, expected) -> None:
    """All by name or all by number, or as a user says."""
    assert labels.among(tuple(classes), tuple(found), names) == expected


@pytest.mark.parametrize(
    ("classes", "found", "strange"),
    [("123", "012", "0"), ("ab", "ab0", "0"), ("ab", "02", "2"), ("ab", "a1", "1"), ("123", "01", "0")],
)
def test_labels_are_never_guessed(classes, found, strange) -> None:
    """Numbers from 0 are not those from 1, and a number beside names is none."""
    with pytest.raises(labels.Strange) as told:
        labels.among(tuple(classes), tuple(found), {})
    assert told.value.label == strange
