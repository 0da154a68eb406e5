"""The way through the VAE and back, beside diffusers' own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import AutoencoderKL
from PIL import Image

from benchmark.contracts.generator import Requests
from benchmark.contracts.images import ArraySource, Images
from generators.controls import round_trip
from generators.controls.real import Real
from generators.controls.round_trip import VaeRoundTrip


def through(folder, real):
    """What diffusers' VAE alone makes of pictures, from the mean of the latents."""
    vae = AutoencoderKL.from_pretrained(folder / "vae").eval()
    with torch.no_grad():
        pixels = torch.from_numpy(real).permute(0, 3, 1, 2).float() / 127.5 - 1
        decoded = vae.decode(vae.encode(pixels).latent_dist.mode()).sample
    return ((decoded.clamp(-1, 1) + 1) * 127.5).round().permute(0, 2, 3, 1).numpy()


def test_a_round_trip_is_the_vaes_own(draw, requests, context, toy_pipeline):
    """Of the very images that `Real` hands out, within the last bit's rounding, and far from those images."""
    found = draw(VaeRoundTrip(role="floor"), requests, context).images
    real = draw(Real(role="floor"), requests, context).images
    assert found.dtype == np.uint8
    assert np.abs(found.astype(float) - through(toy_pipeline, real)).max() <= 1
    assert np.abs(found.astype(float) - real).max() > 10


def test_other_sizes_are_brought_to_the_pipelines_first(draw, requests, context, toy_pipeline):
    """By Lanczos: 40 pixels become 16."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (40, 40, 40, 3), np.uint8)
    large = Images(ArraySource(pixels), np.arange(40), np.arange(40) % 2, ("healthy", "cancer"), None, "large")
    context = replace(context, _images={"floor": lambda: large})
    found = draw(VaeRoundTrip(), requests, context).images
    real = draw(Real(), requests, context).images
    small = np.stack([np.asarray(Image.fromarray(one).resize((16, 16), Image.Resampling.LANCZOS)) for one in real])
    assert found.shape == (6, 16, 16, 3)
    assert np.abs(found.astype(float) - through(toy_pipeline, small)).max() <= 1


def test_slides_come_with_their_images(requests, context):
    """As `Real` tells them."""
    pixels = np.zeros((40, 16, 16, 3), np.uint8)
    slides = np.array([f"s{place}" for place in range(40)])
    known = Images(ArraySource(pixels), np.arange(40), np.arange(40) % 2, ("healthy", "cancer"), slides, "known")
    context = replace(context, _images={"floor": lambda: known})
    (trip,), (real,) = (list(one.sample(requests, context)) for one in (VaeRoundTrip(), Real()))
    assert trip.slides == real.slides
    assert len(set(trip.slides)) == len(requests)


def test_a_part_gets_what_the_whole_gets(draw, context):
    """Forty images go through in two batches; kernels may round by a level with the batch, no more."""
    labels = np.arange(40) % 2
    whole = Requests(np.arange(40), labels, np.arange(40), np.arange(40) // 2, ("healthy", "cancer"))
    generator = VaeRoundTrip()
    images = draw(generator, whole, context).images
    again = draw(generator, whole.part(30, 34), context).images
    assert np.abs(images[30:34].astype(int) - again).max() <= 1
    assert len({image.tobytes() for image in images}) == 40


def test_the_trip_knows_no_chance(draw, requests, context):
    """The mean is decoded, not a draw: the same whatever torch's global state, which stays as it was."""
    generator, found = VaeRoundTrip(), []
    with torch.random.fork_rng():
        for seed in (1, 2):
            draw(generator, requests, context)  # Loading is over.
            torch.manual_seed(seed)
            before = torch.get_rng_state()
            found.append(draw(generator, requests, context).images)
            assert torch.equal(before, torch.get_rng_state())
    assert np.array_equal(*found)


@pytest.mark.parametrize("role", ["holdout", "floor"])
def test_images_are_of_the_role_named(draw, requests, context, images, role):
    """The same of either role, where the other is black."""
    black = replace(images, source=ArraySource(np.zeros((40, 16, 16, 3), np.uint8)))
    roles = {"holdout": lambda: black, "floor": lambda: black} | {role: lambda: images}
    found = draw(VaeRoundTrip(role=role), requests, replace(context, _images=roles)).images
    assert len({image.tobytes() for image in found}) == 6


def test_nothing_is_learnt(context, images):
    """A fit leaves no file."""
    VaeRoundTrip().fit(images, context)
    assert not list(context.folder.iterdir())


def test_large_images_go_through_a_few_at_once(draw, context, toy_pipeline, monkeypatch):
    """As many as memory holds in float32: of 512 pixels sixteen, of these as the limit is set. The images are the same."""
    requests = Requests(np.arange(10), np.arange(10) % 2, np.arange(10), np.arange(10) // 2, ("healthy", "cancer"))
    sizes = lambda: [len(batch.images) for batch in VaeRoundTrip().sample(requests, context)]  # noqa: E731
    whole, at_once = draw(VaeRoundTrip(), requests, context).images, sizes()
    monkeypatch.setattr(round_trip, "_PIXELS", 3 * 16 * 16)
    assert (at_once, sizes()) == ([10], [3, 3, 3, 1])
    assert np.abs(draw(VaeRoundTrip(), requests, context).images.astype(int) - whole).max() <= 1
