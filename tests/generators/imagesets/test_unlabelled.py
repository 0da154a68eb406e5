"""Images someone has already, of which nobody knows the labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts import generator
from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from generators.imagesets.unlabelled import UnlabelledImageSet


def asked(count: int) -> Requests:
    """Requests of the second class alone: a set without labels does not mind."""
    place = np.arange(count)
    return Requests(place, np.ones(count, np.int64), place + 9, place, ("healthy", "cancer"))


def test_each_image_comes_once_whatever_the_label(draw, context, file):
    """In an order that no seed changes; labels in the file are left alone."""
    context = replace(context, _weights={"images": lambda: file(".npz", [1, 1, 0, 1, 0])})
    found = [
        draw(UnlabelledImageSet(), asked(5), replace(context, seed=seed)).images[:, 0, 0, 0].tolist() for seed in (1, 2)
    ]
    assert sorted(found[0]) == [20, 21, 200, 201, 202]
    assert found[0] == found[1]


def test_a_part_gets_what_the_whole_gets_and_too_few_are_told(draw, context, folder):
    """Five are there; the files are opened once."""
    place, opened = folder(), []
    context = replace(context, _weights={"images": lambda: opened.append(1) or place})
    made = UnlabelledImageSet()
    whole = draw(made, asked(5), context).images
    assert np.array_equal(draw(made, asked(5).part(3, 5), context).images, whole[3:])
    with pytest.raises(UserError, match=r"The image set holds 5 images, but the suite asks for more \(image 5\). Low"):
        draw(made, asked(6), context)
    assert len(opened) == 1


def test_it_says_that_it_has_no_labels_and_learns_nothing(context, images):
    """So that tasks that need them are refused."""
    assert not generator.is_labelled(UnlabelledImageSet)
    UnlabelledImageSet().fit(images, context)
    assert not list(context.folder.iterdir())
