"""Real images without their smallest clusters: which are left, which are gone, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from generators.controls import mode_drop
from generators.controls.mode_drop import ModeDrop

SIZES = (40, 30, 20, 10)
"""Images of each mode, by class."""


@pytest.fixture
def modes() -> np.ndarray:
    """The true mode of each of two hundred images, which the control is not told."""
    return np.random.default_rng(4).permutation(np.repeat(np.arange(8), SIZES * 2))


@pytest.fixture
def floor(modes) -> Images:
    """Modes are colors, four a class; images vary a little around them."""
    rng = np.random.default_rng(5)
    colors = np.array([[30, 60, 200], [200, 40, 60], [40, 190, 50], [220, 220, 90]] * 2)
    colors[4:] = colors[4:] // 2
    noise = rng.normal(0, 3, (200, 16, 16, 3)) + rng.normal(0, 2, (200, 1, 1, 3))
    pixels = np.clip(colors[modes][:, None, None, :] + noise, 0, 255).astype(np.uint8)
    slides = np.array([f"s{place % 9}" for place in range(200)])
    return Images(ArraySource(pixels), np.arange(200), modes // 4, ("healthy", "cancer"), slides, "modes")


@pytest.fixture
def given(context, floor):
    """A context with these images as the floor."""
    return replace(context, _images={"floor": lambda: floor})


def asked(count: int) -> Requests:
    labels = np.arange(count) % 2
    return Requests(np.arange(count), labels, np.arange(count), np.arange(count) // 2, ("healthy", "cancer"))


@pytest.mark.parametrize(("keep", "left"), [(0.9, [0, 1, 2]), (0.7, [0, 1]), (0.5, [0, 1]), (0.4, [0])])
def test_the_smallest_modes_are_gone_and_the_others_whole(draw, given, floor, modes, keep, left):
    """In each class; every image of the modes that are left is handed out, under its label, with its slide."""
    generator = ModeDrop(keep=keep, k=4, encoder_side=16)
    generator.fit(floor, given)
    count = 2 * sum(SIZES[mode] for mode in left)
    found = draw(generator, asked(count), given).images
    rows = {image.tobytes(): row for row, image in enumerate(floor.read(0, 200))}
    which = [rows[image.tobytes()] for image in found]
    expected = [row for row in range(200) if modes[row] % 4 in left]
    assert sorted(which) == expected
    assert floor.labels[which].tolist() == asked(count).labels.tolist()
    slides = [slide for batch in generator.sample(asked(count), given) for slide in batch.slides]
    assert slides == floor.slides[which].tolist()


def test_the_modes_are_the_same_at_every_seed(draw, given, floor):
    """A seed deals the images that are left in another order."""
    generator = ModeDrop(keep=0.4, k=4, encoder_side=16)
    generator.fit(floor, given)
    found = [draw(generator, asked(80), replace(given, seed=seed)).images for seed in (1, 2)]
    assert not np.array_equal(*found)
    assert {image.tobytes() for image in found[0]} == {image.tobytes() for image in found[1]}


def test_images_that_run_out_are_told(draw, given, floor):
    """Forty of each class are left."""
    generator = ModeDrop(keep=0.4, k=4, encoder_side=16)
    generator.fit(floor, given)
    with pytest.raises(
        UserError, match="Role 'floor' without the modes that are dropped holds 40 images of 'healthy', but the suite"
    ):
        draw(generator, asked(81), given)


def test_a_class_of_which_nothing_can_be_dropped_is_refused(given, floor):
    """Where no cluster is as small as what may go."""
    with pytest.raises(UserError, match=r"No cluster of 'healthy' can be dropped without leaving less than 0.95 of"):
        ModeDrop(keep=0.95, k=4, encoder_side=16).fit(floor, given)
    assert not list(given.folder.iterdir())


def test_a_class_with_fewer_images_than_clusters_is_refused(given, floor):
    """By K-means itself."""
    with pytest.raises(UserError, match="K = 200 clusters need at least 200 distinct images; 100 are there"):
        ModeDrop(k=200, encoder_side=16).fit(floor, given)


@pytest.mark.parametrize(
    ("sizes", "keep", "dropped"),
    [
        ([5, 1, 4], 0.5, [1, 2]),
        ([5, 1, 4], 0.51, [1]),
        ([5, 5], 0.5, [0]),
        ([5, 5], 0.6, []),
        ([9, 0, 1], 0.95, [1]),
        ([3], 0.1, []),
        ([1, 1, 1, 1], 0.01, [0, 1, 2]),
    ],
)
def test_clusters_go_whole_the_smallest_first(sizes, keep, dropped):
    """As long as the share is left, and never the largest."""
    assert mode_drop.dropped_clusters(np.array(sizes), keep=keep).tolist() == dropped
