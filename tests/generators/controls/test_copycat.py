"""Copies of training images: exact, or changed by no more than was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from benchmark.errors import UserError
from generators.controls.copycat import Copycat
from generators.controls.real import Real

SIDE = 12


@pytest.fixture
def near(context):
    """A context whose training images are forty of noise, all unlike."""
    pixels = np.random.default_rng(2).integers(40, 216, (40, SIDE, SIDE, 3), np.uint8)
    slides = np.array([f"s{place}" for place in range(40)])
    train = Images(ArraySource(pixels), np.arange(40), np.arange(40) % 2, ("healthy", "cancer"), slides, "train")
    return replace(context, _images={"train": lambda: train})


@pytest.fixture
def asked() -> Requests:
    """Forty requests, as many as there are images."""
    labels = np.arange(40) % 2
    return Requests(np.arange(40), labels, np.arange(40) + 77, np.arange(40) // 2, ("healthy", "cancer"))


def positions(image: np.ndarray) -> list[np.ndarray]:
    """The eight of a square."""
    return [turned for side in (image, image[:, ::-1]) for turned in (np.rot90(side, times) for times in range(4))]


def test_exact_copies_are_the_training_images(draw, near, asked):
    """All forty, each once, under its label and with its slide, as `Real` deals them."""
    found, real = (draw(one, asked, near).images for one in (Copycat(), Real("train")))
    assert np.array_equal(found, real)
    train = near.images("train")
    assert {image.tobytes() for image in found} == {image.tobytes() for image in train.read(0, 40)}
    slides = [batch.slides for batch in Copycat(turns=True, shift=2).sample(asked, near)]
    assert slides == [batch.slides for batch in Real("train").sample(asked, near)]


def test_turns_give_all_positions_of_a_square(draw, near, asked):
    """And nothing else: of forty copies each is one of the eight, and all eight occur."""
    found, real = (draw(one, asked, near).images for one in (Copycat(turns=True), Real("train")))
    which = [
        next(number for number, one in enumerate(positions(before)) if np.array_equal(one, after))
        for before, after in zip(real, found, strict=True)
    ]
    assert set(which) == set(range(8))


def test_a_shift_moves_by_no_more_than_it_says(draw, near, asked):
    """Every copy is a piece of its image with mirrored edges; both axes move both ways, up to the limit."""
    found, real = (draw(one, asked, near).images for one in (Copycat(shift=2), Real("train")))
    steps = set()
    for before, after in zip(real, found, strict=True):
        wide = np.pad(before, ((2, 2), (2, 2), (0, 0)), mode="reflect")
        steps.add(
            next(
                (down, right)
                for down in range(5)
                for right in range(5)
                if np.array_equal(wide[down : down + SIDE, right : right + SIDE], after)
            )
        )
    assert {down for down, _ in steps} == {right for _, right in steps} == set(range(5))


def test_color_changes_whole_channels_by_no_more_than_it_says(draw, near, asked):
    """One number a channel, from -4 to 4, the channels apart."""
    found, real = (draw(one, asked, near).images.astype(int) for one in (Copycat(color=4), Real("train")))
    levels = (found - real).reshape(40, -1, 3)
    assert (levels == levels[:, :1]).all()
    assert set(levels[:, 0].ravel()) == set(range(-4, 5))
    assert len({tuple(row) for row in levels[:, 0]}) > 30


def test_color_stays_in_range(draw, near, asked):
    """Nothing wraps around."""
    white = replace(near.images("train"), source=ArraySource(np.full((40, SIDE, SIDE, 3), 255, np.uint8)))
    found = draw(Copycat(color=9), asked, replace(near, _images={"train": lambda: white})).images
    assert found.min() == 246


def test_jitter_is_of_the_request_s_own_seed(draw, near, asked):
    """A part gets what the whole gets; another seed jitters in another way; one parameter does not move another's draw."""
    generator = Copycat(turns=True, shift=1, color=3)
    whole = draw(generator, asked, near).images
    assert np.array_equal(whole[7:19], draw(generator, asked.part(7, 19), near).images)
    other = replace(asked, seeds=asked.seeds + 1000)
    assert not np.array_equal(whole, draw(generator, other, near).images)
    colored, both = (draw(Copycat(turns=turns, color=3), asked, near).images for turns in (False, True))
    assert np.array_equal(colored.astype(int).sum(axis=(1, 2)), both.astype(int).sum(axis=(1, 2)))


def test_training_images_that_run_out_are_told(draw, near, asked):
    """Of a label there are twenty."""
    more = replace(asked, ranks=asked.ranks + 1)
    with pytest.raises(UserError, match="Role 'train' holds 20 images of 'healthy', but the suite asks for more"):
        draw(Copycat(), more, near)


def test_nothing_is_left_by_a_fit(context, images):
    """What is copied is read from the role."""
    Copycat().fit(images, context)
    assert not list(context.folder.iterdir())
