"""Dealing images out: each once, by label or by none, the same in any part, and refused where they run out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from generators import dealing


@pytest.fixture
def many() -> Images:
    """Six hundred images that tell which they are, of two classes, 400 and 200, in no order."""
    pixels = np.zeros((600, 2, 2, 3), np.uint8)
    pixels[:, 0, 0, 0], pixels[:, 0, 0, 1] = np.arange(600) // 256, np.arange(600) % 256
    labels = np.random.default_rng(1).permutation(np.repeat([0, 1], [400, 200]))
    return Images(ArraySource(pixels), np.arange(600), labels, ("a", "b"), None, "many")


def asked(labels) -> Requests:
    labels = np.asarray(labels, np.int64)
    ranks = np.array([int((labels[:place] == label).sum()) for place, label in enumerate(labels)])
    return Requests(np.arange(len(labels)), labels, np.arange(len(labels)), ranks, ("a", "b"))


def numbers(batches) -> np.ndarray:
    images = np.concatenate([batch.images for batch in batches])
    return images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 0, 1]


def test_by_label_each_image_comes_once_under_its_own_label(many):
    """All of them, though the requests' labels come in another order, over several batches."""
    requests = asked(np.sort(many.labels))
    found = numbers(dealing.by_label(many, requests, seed=3, holder="It"))
    assert sorted(found) == list(range(600))
    assert many.labels[found].tolist() == requests.labels.tolist()


def test_of_any_label_each_image_comes_once_whatever_is_asked_for(many):
    """Even where every request asks for one class; labels and images agree no more often than by chance."""
    found = numbers(dealing.of_any_label(many, asked([1] * 600), seed=3, holder="It"))
    assert sorted(found) == list(range(600))
    requests = asked(np.sort(many.labels))
    agree = (many.labels[numbers(dealing.of_any_label(many, requests, seed=3, holder="It"))] == requests.labels).mean()
    # A share of 4/9 + 1/9 of pairs agrees by chance; its standard error is below 0.02.
    assert abs(agree - 5 / 9) < 0.08


@pytest.mark.parametrize("deal", [dealing.by_label, dealing.of_any_label])
def test_a_part_gets_what_the_whole_gets_and_the_seed_decides(many, deal):
    """Wherever it begins; another seed deals others."""
    requests = asked(np.arange(300) % 2)
    whole = numbers(deal(many, requests, seed=3, holder="It"))
    assert np.array_equal(whole[257:290], numbers(deal(many, requests.part(257, 290), seed=3, holder="It")))
    assert whole.tolist() != numbers(deal(many, requests, seed=4, holder="It")).tolist()


@pytest.mark.parametrize("deal", [dealing.by_label, dealing.of_any_label])
def test_slides_come_with_their_images(many, deal):
    """Where they are known."""
    known = replace(many, slides=np.array([f"s{place % 7}" for place in range(600)]))
    batches = list(deal(known, asked([0, 1, 0]), seed=3, holder="It"))
    assert batches[0].slides == [f"s{number % 7}" for number in numbers(batches)]
    assert next(deal(many, asked([0]), seed=3, holder="It")).slides is None


def test_images_that_run_out_are_told(many):
    """The first request beyond them, how many there are, and what to do."""
    with pytest.raises(UserError) as raised:
        list(dealing.by_label(many, asked([0] * 150 + [1] * 201), seed=3, holder="It", remedy="Bring more."))
    assert str(raised.value) == "It holds 200 images of 'b', but the suite asks for more (image 350). Bring more."
    with pytest.raises(UserError, match=r"It holds 600 images, but the suite asks for more \(image 600\). Lower the"):
        list(dealing.of_any_label(many, asked([0] * 601), seed=3, holder="It"))
