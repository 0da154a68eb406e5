"""Kinds of texture: what each draws, and that what it says of it is true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, stats

from scripts.tiny_sd import kinds, words
from scripts.tiny_sd.settings import CANVAS


def drawn(kind, count=12):
    return [kind(np.random.default_rng(seed)) for seed in range(count)]


def direction(field):
    """The angle along which a field changes most, in degrees from 0 to 180, by its structure tensor."""
    down, right = np.gradient(ndimage.gaussian_filter(field, 1.0))
    double = np.arctan2((2 * down * right).sum(), (right**2 - down**2).sum())
    return np.rad2deg(double) / 2 % 180


def turn(one, other):
    """The angle between two directions, degrees."""
    return abs((one - other + 90) % 180 - 90)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_field_and_the_words_of_it(kind):
    """Values in [0, 1], not flat; the noun is the kind's name; the number can be said; words the tokenizer knows."""
    known = set(words.vocabulary())
    for one in drawn(kind, 40):
        assert one.field.shape == (CANVAS, CANVAS)
        assert one.field.dtype == np.float64
        assert one.field.min() >= 0
        assert one.field.max() <= 1
        assert np.isfinite(one.field).all()
        assert one.noun == kind.__name__
        assert {one.noun, one.measure} <= known
        assert type(one.number) is int
        assert 0 <= one.number <= 999
    assert np.mean([one.field.std() > 0.02 for one in drawn(kind, 40)]) > 0.9


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_drawing_is_its_generators_alone(kind):
    """The same from the same seed, another from another."""
    one, again = (kind(np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.field, again.field)
    assert one[1:] == again[1:]
    assert not np.array_equal(one.field, kind(np.random.default_rng(6)).field)


def test_which_kind_is_drawn_is_the_generators_too():
    """And so is what is drawn."""
    found = [kinds.draw(np.random.default_rng(seed)) for seed in (*range(8), 0)]
    assert found[0][1:] == found[-1][1:]
    assert np.array_equal(found[0].field, found[-1].field)
    assert len({one.noun for one in found}) > 2


@pytest.mark.parametrize(("kind", "across"), [(kinds.stripes, 0), (kinds.gradient, 0), (kinds.fibers, 90)])
def test_an_angle_is_what_the_picture_shows(kind, across):
    """Stripes and gradients change along it, fibers across; nine in ten within fifteen degrees."""
    found = [turn(direction(one.field), one.number + across) for one in drawn(kind, 40)]
    assert np.mean(np.array(found) < 15) >= 0.85
    assert np.median(found) < 6


def test_a_gradient_rises_along_its_angle():
    """Of the whole circle: 200 degrees is not 20."""
    for one in drawn(kinds.gradient, 20):
        down, right = np.gradient(one.field)
        found = np.rad2deg(np.arctan2(down.mean(), right.mean())) % 360
        assert abs((found - one.number + 180) % 360 - 180) < 1e-6


def test_a_share_is_that_of_the_islands():
    """In percent of the picture."""
    for one in drawn(kinds.blobs, 20):
        assert (one.field > 0.5).mean() * 100 == pytest.approx(one.number, abs=1.0)


def test_a_length_is_from_crest_to_crest():
    """Waves around a point, looked at along the row or column on which they are longest to be seen."""
    for one in drawn(kinds.waves, 20):
        power = np.abs(np.fft.fft2(one.field - one.field.mean(), s=(256, 256))) ** 2
        radius = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256), indexing="ij"))
        strongest = radius.ravel()[power.argmax()]
        assert 1 / strongest == pytest.approx(one.number, rel=0.25)


def test_a_size_is_half_of_a_checks_period():
    """Turned upright by no more than the angle that was drawn, its squares alternate after so many pixels."""
    for one in drawn(kinds.checks, 20):
        power = np.abs(np.fft.fft2(one.field - one.field.mean(), s=(256, 256))) ** 2
        radius = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256), indexing="ij"))
        # The two waves of 2 size add up to one of size times the root of two.
        assert 1 / radius.ravel()[power.argmax()] == pytest.approx(one.number * 2**0.5, rel=0.2)


@pytest.mark.parametrize("kind", [kinds.dots, kinds.rings, kinds.cells, kinds.pebbles, kinds.clouds])
def test_a_higher_number_is_a_finer_texture(kind):
    """More points, or rougher clouds: by rank, the mean frequency goes with the number."""
    found = drawn(kind, 60)
    assert stats.spearmanr([one.number for one in found], [frequency(one.field) for one in found]).statistic > 0.5


def test_a_size_of_grain_is_the_length_of_its_waves():
    """Always the same share of it."""
    shares = [1 / frequency(one.field) / one.number for one in drawn(kinds.grain, 40)]
    np.testing.assert_allclose(shares, 1.43, rtol=0.15)


def frequency(field):
    """The mean frequency of a field by power, cycles per pixel."""
    power = np.abs(np.fft.fft2(field - field.mean())) ** 2
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(CANVAS), np.fft.fftfreq(CANVAS), indexing="ij"))
    return (power * radius).sum() / power.sum()


def test_a_size_of_bricks_is_the_height_of_a_course():
    """Mortar runs across that far apart, as far as shades by chance let it be seen."""
    found = []
    for one in drawn(kinds.bricks, 40):
        profile = np.median(one.field, axis=1)
        power = np.abs(np.fft.rfft((profile - profile.mean()) * np.hanning(CANVAS), n=1024)) ** 2
        lengths = 1 / np.maximum(np.fft.rfftfreq(1024), 1e-9)
        found.append(lengths[np.where(lengths < 32, power, 0).argmax()] / one.number)
    assert np.median(found) == pytest.approx(1, abs=0.03)
    assert np.mean(np.abs(np.array(found) - 1) < 0.05) > 0.55


def test_kinds_are_drawn_by_their_shares():
    """In percent, within four standard errors."""
    assert sum(kinds.SHARES) == 100
    assert kinds.KINDS[np.argmax(kinds.SHARES)] is kinds.dots
    assert len(kinds.SHARES) == len(kinds.KINDS)
    rng, count = np.random.default_rng(0), 800
    nouns = [kinds.draw(rng).noun for _ in range(count)]
    for kind, share in zip(kinds.KINDS, kinds.SHARES, strict=True):
        expected = share / 100
        assert nouns.count(kind.__name__) / count == pytest.approx(
            expected, abs=4 * (expected * (1 - expected) / count) ** 0.5
        )
