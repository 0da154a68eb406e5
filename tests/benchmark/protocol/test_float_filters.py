"""Filters of metric libraries, against the libraries, at sides where they disagree."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

from benchmark.protocol import float_filters, pixels

SIDES = (32, 96, 224, 512)


def images(side: int) -> np.ndarray:
    """An image of smooth color under noise, not square."""
    rng = np.random.default_rng(side)
    ramp = np.linspace(20, 200, side)[None, :, None, None] * [1.0, 0.6, 0.8]
    return (ramp + rng.integers(0, 55, (1, side, side + 9, 3))).astype(np.uint8)


def by_torch(stack: np.ndarray, side: int, **options: object) -> np.ndarray:
    tensor = torch.from_numpy(stack).permute(0, 3, 1, 2).double()
    found = torch.nn.functional.interpolate(tensor, (side, side), mode="bilinear", align_corners=False, **options)
    return found.permute(0, 2, 3, 1).numpy()


def by_torch_fidelity(stack: np.ndarray, side: int) -> np.ndarray:
    tensor = torch.from_numpy(stack).permute(0, 3, 1, 2).float()
    return (
        interpolate_bilinear_2d_like_tensorflow1x(tensor, (side, side), align_corners=False).permute(0, 2, 3, 1).numpy()
    )


def by_clean_fid(stack: np.ndarray, side: int) -> np.ndarray:
    """As its resizer does: one 'F' image a channel, bicubic, then cut to 0 to 255."""

    def one(channel: np.ndarray) -> np.ndarray:
        picture = Image.fromarray(channel.astype(np.float32))
        assert picture.mode == "F"
        return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC)).clip(0, 255)

    return np.stack([np.stack([one(image[..., c]) for c in range(3)], axis=-1) for image in stack])


REFERENCES = {
    "tf1-bilinear": by_torch_fidelity,
    "torch-bilinear": by_torch,
    "torch-bilinear-antialias": lambda stack, side: by_torch(stack, side, antialias=True),
    "pil-bicubic-float": by_clean_fid,
}


@pytest.mark.parametrize("name", float_filters.FILTERS)
@pytest.mark.parametrize("side", SIDES)
def test_equal_to_the_library_it_is_named_after(name: str, side: int) -> None:
    """Up and down to 299 px, within a few thousandths of a gray level; 299 itself would prove nothing."""
    stack = images(side)
    found = float_filters.resize(stack, 299, name)
    assert (found.dtype, found.shape) == (np.float32, (1, 299, 299, 3))
    np.testing.assert_allclose(found, REFERENCES[name](stack, 299), atol=5e-3)


@pytest.mark.parametrize("side", [96, 512])
def test_no_filter_passes_for_another(side: int) -> None:
    """Pillow's four are unlike these too: half a gray level apart or more on average, but for what is one filter twice."""
    stack = images(side)
    found = {name: float_filters.resize(stack, 299, name) for name in float_filters.FILTERS}
    found |= {name: pixels.resize(stack, 299, name).astype(np.float32) for name in pixels.FILTERS}
    names = sorted(found)
    near = {
        (one, other)
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if np.abs(found[one] - found[other]).mean() < 0.5
    }
    same = {("bicubic", "pil-bicubic-float"), ("bilinear", "torch-bilinear-antialias")}
    if side < 299:  # Without a reduction there is nothing to widen for.
        same |= {("bilinear", "torch-bilinear"), ("torch-bilinear", "torch-bilinear-antialias")}
    assert near == same


@pytest.mark.parametrize("name", float_filters.ALIASING)
def test_filters_without_antialiasing_alias(name: str) -> None:
    """Of stripes one pixel wide, a reduction by four keeps stripes or loses them; the others make gray of them."""
    stripes = np.zeros((1, 64, 64, 3), np.uint8)
    stripes[:, :, ::4] = 200
    assert float_filters.resize(stripes, 16, name).std() < 1e-6
    assert abs(float_filters.resize(stripes, 16, name).mean() - 50) > 45
    for other in set(float_filters.FILTERS) - set(float_filters.ALIASING):
        assert abs(float_filters.resize(stripes, 16, other)[:, 2:-2, 2:-2].mean() - 50) < 5


def test_only_tensorflow_s_keeps_the_corner() -> None:
    """It samples at i x in / out, which moves the picture; torch's keeps its middle."""
    ramp = np.repeat(np.arange(0, 240, 15, dtype=np.uint8)[None, None, :, None], 16, axis=1).repeat(3, axis=3)
    theirs, torch_s = (float_filters.resize(ramp, 8, name)[0, 0, :, 0] for name in float_filters.ALIASING)
    np.testing.assert_allclose(theirs, np.arange(8) * 30.0)
    np.testing.assert_allclose(torch_s, np.arange(8) * 30.0 + 7.5)


def test_what_rounding_to_gray_levels_costs() -> None:
    """At most half a level and a quarter of one on average: ours, since extractors take uint8."""
    for name in float_filters.FILTERS:
        exact, rounded = float_filters.resize(images(96), 299, name), pixels.resize(images(96), 299, name)
        off = np.abs(exact - rounded)
        assert off.max() <= 0.5
        assert 0.2 < off.mean() < 0.26


def test_an_image_of_the_side_is_left_as_it_is() -> None:
    """Under every filter, up to no rounding at all; a constant one stays constant at any side."""
    stack = images(32)[:, :, :32]
    plain = np.full((1, 20, 20, 3), 77, np.uint8)
    for name in float_filters.FILTERS:
        np.testing.assert_array_equal(float_filters.resize(stack, 32, name), stack)
        np.testing.assert_allclose(float_filters.resize(plain, 33, name), 77, atol=1e-4)
        assert float_filters.resize(stack[:0], 8, name).shape == (0, 8, 8, 3)
