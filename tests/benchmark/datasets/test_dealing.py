"""Splits at random: by class, by slide, to the image."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmark.datasets import dealing
from benchmark.datasets.splits import SPLITS
from benchmark.errors import UserError

NAMES = [f"{number:04d}.png" for number in range(1000)]
LABELS = (np.arange(1000) % 10 < 3).astype(np.int64)

GOLDEN = {"train": [0, 3, 4, 5, 7, 11], "valid": [6, 8, 10], "test": [1, 2, 9]}
GOLDEN_SLIDES = {"train": [4, 5, 8, 9, 10, 11], "valid": [6, 7], "test": [0, 1, 2, 3]}


def dealt(sizes, *, names=NAMES, labels=LABELS, slides=None, seed=0):
    return dealing.deal(names, labels, slides, sizes=sizes, seed=seed, where="x")


@pytest.mark.parametrize(
    "sizes", [{"train": 0.8, "valid": 0.1, "test": 0.1}, {"train": 800, "valid": 100, "test": 100}]
)
def test_splits_are_disjoint_complete_and_stratified(sizes) -> None:
    """Each has the share of labels that all have; rows ascend."""
    rows = dealt(sizes)
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(1000))
    assert {split: LABELS[of].sum() / len(of) for split, of in rows.items()} == dict.fromkeys(SPLITS, 0.3)
    assert [len(rows[split]) for split in SPLITS] == [800, 100, 100]
    assert all((np.diff(of) > 0).all() for of in rows.values())


def test_sizes_are_kept_to_the_image_whatever_the_classes() -> None:
    """Rounding never asks a class for more than it has."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        labels = rng.integers(0, rng.integers(1, 6), rng.integers(6, 40))
        shares = rng.dirichlet([1, 1, 1]).round(3)
        shares *= min(1, 1 / shares.sum())
        rows = dealt(dict(zip(SPLITS, shares.tolist(), strict=True)), names=NAMES[: len(labels)], labels=labels)
        ends = [round(end * len(labels)) for end in np.cumsum(shares)]
        assert np.cumsum([len(rows[split]) for split in SPLITS]).tolist() == ends
        assert len(set(np.concatenate(list(rows.values())).tolist())) == ends[-1]


def test_the_seed_and_the_names_decide() -> None:
    """Nothing else: the order in which files are listed does not."""
    sizes = {"train": 0.5, "test": 0.5}
    first = {NAMES[row] for row in dealt(sizes)["train"]}
    assert first == {NAMES[row] for row in dealt(sizes)["train"]}
    assert first != {NAMES[row] for row in dealt(sizes, seed=1)["train"]}
    backwards = dealt(sizes, names=NAMES[::-1], labels=LABELS[::-1])["train"]
    assert first == {NAMES[::-1][row] for row in backwards}
    assert not len(dealt(sizes)["valid"])


def test_whole_slides_go_to_one_split() -> None:
    """As near to the sizes as slides of unlike size allow."""
    slides = [f"slide-{int(number**0.5)}" for number in range(1000)]
    rows = dealt({"train": 0.6, "valid": 0.2, "test": 0.2}, slides=slides)
    held = [{slides[row] for row in of} for of in rows.values()]
    assert sum(map(len, held)) == len(set().union(*held))
    assert sum(map(len, rows.values())) == 1000
    assert max(abs(len(rows[split]) - size) for split, size in zip(SPLITS, (600, 200, 200), strict=True)) <= 63


def test_too_few_slides_or_images_are_refused() -> None:
    """A split that gets none would be an empty role later on."""
    with pytest.raises(UserError, match=r"x: of 2 slides none can be dealt out to '\w+'"):
        dealt({"train": 0.8, "valid": 0.1, "test": 0.1}, slides=["a"] * 500 + ["b"] * 500)
    with pytest.raises(UserError, match="asks for 1,100 images, but there are 1,000"):
        dealt({"train": 1000, "test": 100})


@pytest.mark.parametrize(
    "sizes",
    [{"train": 0.8, "test": 0.3}, {"train": 0.5, "test": 100}, {"train": -0.1}, {"train": 0.0}, {"train": 10.5}],
)
def test_sizes_that_are_neither_shares_nor_counts_are_refused(sizes) -> None:
    """In words."""
    with pytest.raises(UserError, match=r"x: key 'sizes' is \{train: .*Expected shares of at most 1 in all"):
        dealing.check(sizes, "x")


def test_the_default_is_allowed() -> None:
    """And so are whole numbers."""
    assert dealing.check(dealing.DEFAULT, "x") is None
    assert dealing.check({"train": 50_000, "valid": 1000}, "x") is None
    assert Counter(map(len, dealt(dealing.DEFAULT).values())) == {800: 1, 100: 2}


def test_what_was_dealt_once_is_dealt_forever() -> None:
    """A store would hand out results of other splits as those of these: a change asks for new versions of datasets."""
    few = dealt({"train": 0.5, "valid": 0.25, "test": 0.25}, names=NAMES[:12], labels=LABELS[:12], seed=5)
    assert {split: rows.tolist() for split, rows in few.items()} == GOLDEN
    slides = [f"s{row // 2}" for row in range(12)]
    whole = dealt({"train": 0.5, "valid": 0.25, "test": 0.25}, names=NAMES[:12], slides=slides, seed=5)
    assert {split: rows.tolist() for split, rows in whole.items()} == GOLDEN_SLIDES
