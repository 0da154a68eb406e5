"""Color and texture statistics, against the same formula written out pixel by pixel."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.extractors.texture_statistics import TextureStatistics


@pytest.fixture
def extractor() -> TextureStatistics:
    """The extractor as suites name it."""
    return TextureStatistics()


@pytest.fixture
def images() -> np.ndarray:
    """Three images of 16 pixels, channels correlated and unlike."""
    rng = np.random.default_rng(0)
    shared, own = rng.integers(0, 120, (3, 16, 16, 1)), rng.integers(0, 60, (3, 16, 16, 3))
    return (shared + own * [1, 0.5, 2]).clip(0, 255).astype(np.uint8)


def quantile(values: list[float], share: float) -> float:
    """Linear interpolation between order statistics."""
    place = share * (len(values) - 1)
    low, ordered = math.floor(place), sorted(values)
    high = min(low + 1, len(values) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def detail(channel: list[list[float]]) -> tuple[list[float], list[list[float]]]:
    """What is left of a channel without its 2 x 2 means, and those means."""
    half = len(channel) // 2
    means = [
        [sum(channel[2 * y + dy][2 * x + dx] for dy in (0, 1) for dx in (0, 1)) / 4 for x in range(half)]
        for y in range(half)
    ]
    rest = [channel[y][x] - means[y // 2][x // 2] for y in range(2 * half) for x in range(2 * half)]
    return rest, means


def by_hand(image: np.ndarray) -> list[float]:
    """Quantiles by channel, correlations of channels, then at each scale root mean square and largest detail."""
    channels = [[[-math.log((int(v) + 1) / 256) for v in row] for row in image[:, :, c]] for c in range(3)]
    flat = [[value for row in channel for value in row] for channel in channels]
    features = [quantile(values, share) for share in (0.1, 0.5, 0.9) for values in flat]
    features += [statistics.correlation(flat[a], flat[b]) for a, b in ((0, 1), (0, 2), (1, 2))]
    for _ in range(3):
        rests, channels = zip(*map(detail, channels), strict=True)
        features += [math.sqrt(sum(value**2 for value in rest) / len(rest)) for rest in rests]
        features += [max(map(abs, rest)) for rest in rests]
    return features


def test_features_are_those_of_the_formula(extractor, images):
    """In this order; float32."""
    found = extractor.embed(images)
    assert found.shape == (3, extractor.width) == (3, 30)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [by_hand(image) for image in images], rtol=1e-5, atol=1e-6)


def test_images_need_not_be_square(extractor, images):
    """As long as both sides can be halved three times."""
    np.testing.assert_allclose(extractor.embed(images[:, :8])[0], by_hand_of_rectangle(images[0, :8]), rtol=1e-5)


def by_hand_of_rectangle(image: np.ndarray) -> list[float]:
    """Features of two squares side by side, where each statistic is that of both."""
    density = -np.log((image.astype(float) + 1) / 256)
    features = [np.quantile(density[..., c], share) for share in (0.1, 0.5, 0.9) for c in range(3)]
    features += [
        np.corrcoef(density[..., a].ravel(), density[..., b].ravel())[0, 1] for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    for _ in range(3):
        small = (density[::2, ::2] + density[1::2, ::2] + density[::2, 1::2] + density[1::2, 1::2]) / 4
        rest = density - np.kron(small, np.ones((2, 2, 1)))
        features += [*np.sqrt((rest**2).mean(axis=(0, 1))), *np.abs(rest).max(axis=(0, 1))]
        density = small
    return features


def test_an_image_s_features_are_its_own(extractor, images):
    """Bit for bit, alone or in company."""
    whole = extractor.embed(images)
    for row in range(3):
        np.testing.assert_array_equal(extractor.embed(images[row : row + 1])[0], whole[row])


def test_a_constant_image_has_no_texture_and_no_correlation(extractor):
    """Nothing is divided by zero; black is dense, white is not."""
    plain = np.stack([np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)])
    with np.errstate(all="raise"):
        found = extractor.embed(plain)
    np.testing.assert_allclose(found[0, :9], math.log(256), rtol=1e-6)
    assert np.abs(found[0, 9:]).max() < 1e-12
    assert np.abs(found[1]).max() < 1e-12


def test_one_constant_channel_correlates_with_none(extractor, images):
    """The other two still do."""
    images[..., 1] = 90
    found = extractor.embed(images)[:, 9:12]
    assert np.abs(found[:, [0, 2]]).max() < 1e-12
    assert (found[:, 1] > 0.3).all()


def test_channels_stand_in_their_own_places(extractor, images):
    """Red and blue exchanged, their features are exchanged."""
    found, other = extractor.embed(images)[0], extractor.embed(images[..., ::-1])[0]
    by_channel = [index for start in (0, 3, 6, *range(12, 30, 3)) for index in (start + 2, start + 1, start)]
    np.testing.assert_allclose(other[[*range(9), *range(12, 30)]], found[by_channel], rtol=1e-6)
    np.testing.assert_allclose(other[9:12], found[[11, 10, 9]], rtol=1e-6)


def test_scales_stand_in_their_own_places(extractor):
    """A pattern of single pixels shows at the first scale, blocks of two at the second, blocks of four at the third."""
    for scale in range(3):
        board = np.indices((16, 16)).sum(axis=0)
        block = 2**scale
        board = (np.indices((16, 16)) // block).sum(axis=0) % 2
        image = np.repeat((board * 100 + 50)[:, :, None], 3, axis=2).astype(np.uint8)
        energy = extractor.embed(image[None])[0, 12:].reshape(3, 2, 3)
        assert [bool(one.any()) for one in np.round(energy, 9)] == [place == scale for place in range(3)]


@pytest.mark.parametrize(("height", "width"), [(20, 16), (16, 20), (7, 7), (96, 97)])
def test_sides_that_cannot_be_halved_three_times_are_refused(extractor, height, width):
    """With the size that was found and what would do."""
    said = (
        f"'texture-statistics' halves images 3 times, which {height} x {width} pixels do not allow. Choose a size that"
    )
    with pytest.raises(UserError, match=said):
        extractor.embed(np.zeros((2, height, width, 3), np.uint8))


def test_there_is_nothing_to_move(extractor, images):
    """It stays on the processor."""
    before = extractor.embed(images)
    extractor.to("cuda")
    np.testing.assert_array_equal(extractor.embed(images), before)


def test_floats_are_refused(extractor, images):
    """In [0, 1] their density would be that of black."""
    with pytest.raises(UserError, match="uint8 RGB of shape .*, found float64"):
        extractor.embed(images / 255)
