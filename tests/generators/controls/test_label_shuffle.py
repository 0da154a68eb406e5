"""Real images under labels that say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from generators.controls.label_shuffle import LabelShuffle


@pytest.fixture
def asked() -> Requests:
    """Forty requests, labels in turn."""
    labels = np.arange(40) % 2
    return Requests(np.arange(40), labels, np.arange(40), np.arange(40) // 2, ("healthy", "cancer"))


def test_labels_say_nothing_of_the_images(draw, context, asked):
    """All forty images come, each once; over seeds a label meets images of its class as often as of the other."""
    real = context.images("floor").read(0, 40)
    agreed = []
    for seed in range(60):
        found = draw(LabelShuffle(), asked, replace(context, seed=seed)).images
        assert {image.tobytes() for image in found} == {image.tobytes() for image in real}
        bright = found.mean(axis=(1, 2, 3)) > 125
        agreed.append((bright == (asked.labels == 1)).mean())
    # Each share has a standard deviation of 0.08, their mean one of 0.01.
    assert abs(np.mean(agreed) - 0.5) < 0.04
    assert np.std(agreed) > 0.03


def test_images_are_of_the_role_named_and_told_when_they_run_out(draw, context, images, asked):
    """Forty are there."""
    context = replace(context, _images={"holdout": lambda: images})
    assert len(draw(LabelShuffle(role="holdout"), asked, context).images) == 40
    with pytest.raises(UserError, match=r"Role 'holdout' holds 40 images, but the suite asks for more \(image 40\)"):
        draw(LabelShuffle(role="holdout"), replace(asked, index=asked.index + 1), context)


def test_nothing_is_learnt(context, images):
    """A fit leaves no file."""
    LabelShuffle().fit(images, context)
    assert not list(context.folder.iterdir())
