"""Features of a network with random weights."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.extractors.random_network import RandomNetwork


@pytest.fixture
def images() -> np.ndarray:
    """Six images of 32 pixels with unlike colors and textures."""
    rng = np.random.default_rng(0)
    base = rng.integers(0, 200, (6, 1, 1, 3))
    return (base + rng.integers(0, 55, (6, 32, 32, 3))).astype(np.uint8)


@pytest.fixture
def network() -> RandomNetwork:
    """The network as suites name it."""
    return RandomNetwork()


def test_features_are_as_wide_as_it_says(network, images):
    """128 numbers an image, float32, all finite, none alike."""
    found = network.embed(images)
    assert found.shape == (6, network.width) == (6, 128)
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert len(np.unique(found, axis=0)) == 6


def test_an_image_s_features_are_its_own(network, images):
    """Alone, in any company and in any order, up to how kernels round."""
    whole = network.embed(images)
    for row in range(6):
        np.testing.assert_allclose(network.embed(images[row : row + 1])[0], whole[row], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(network.embed(images[::-1]), whole[::-1], rtol=1e-4, atol=1e-6)


def test_pixels_are_scaled_to_minus_one_and_one(network, images):
    """And channels stand first: the same as feeding the bare network by hand."""
    import torch

    from benchmark.extractors.residual import Residual

    scaled = torch.from_numpy(images.transpose(0, 3, 1, 2) / 255 * 2 - 1).float()
    expected = Residual(seed=2024, width=64)(scaled).numpy()
    np.testing.assert_allclose(network.embed(images), expected, rtol=1e-4, atol=1e-5)


def test_seeds_make_networks(images):
    """Equal ones the same, unlike ones another."""
    found = RandomNetwork(seed=1).embed(images)
    np.testing.assert_array_equal(RandomNetwork(seed=1).embed(images), found)
    assert not np.allclose(RandomNetwork(seed=2).embed(images), found, rtol=0.1)
    assert not np.allclose(RandomNetwork().embed(images), found, rtol=0.1)


def test_it_tells_colors_and_textures_apart(network):
    """Sets of one kind lie nearer to each other than to sets of another kind."""
    rng = np.random.default_rng(1)
    noise = [rng.integers(0, 256, (100, 32, 32, 3), np.uint8) for _ in range(2)]
    smooth = np.repeat(np.repeat(rng.integers(0, 256, (100, 4, 4, 3), np.uint8), 8, axis=1), 8, axis=2)
    red = noise[0] // np.array([1, 4, 4], np.uint8)
    center, alike, coarse, colored = (network.embed(one).mean(axis=0) for one in (*noise, smooth, red))
    near = np.linalg.norm(center - alike)
    assert np.linalg.norm(center - coarse) > 3 * near
    assert np.linalg.norm(center - colored) > 3 * near


def test_moving_keeps_the_features(network, images):
    """Its weights are drawn on the processor, wherever it runs."""
    before = network.embed(images)
    network.to("cpu")
    np.testing.assert_array_equal(network.embed(images), before)


@pytest.mark.needs_gpu
def test_an_accelerator_gives_the_same_features(network, images):
    """Up to how its kernels round."""
    before = network.embed(images)
    network.to("cuda")
    np.testing.assert_allclose(network.embed(images), before, rtol=2e-2, atol=1e-3)


def test_images_may_lie_in_memory_as_they_like(network, images):
    """A transposed or stepped view is read as what it shows."""
    view = np.asfortranarray(images)[:, ::2, ::2]
    np.testing.assert_array_equal(network.embed(view), network.embed(np.ascontiguousarray(view)))


def test_loading_it_is_put_off_until_it_is_asked(network):
    """Listing extractors loads no torch; nor does making one."""
    import subprocess
    import sys

    program = (
        "import sys\n"
        "from benchmark.extractors.random_network import RandomNetwork\n"
        "made = RandomNetwork(); made.to('cpu'); made.width\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_floats_are_refused(network, images):
    """In [0, 1] they would be scaled a second time."""
    with pytest.raises(UserError, match="uint8 RGB of shape .*, found float64"):
        network.embed(images / 255)
