"""The autoencoder: its sizes, that it learns, and that standardizing changes no picture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generators.from_scratch import networks
from scripts.tiny_sd import tensors, vae
from scripts.tiny_sd.settings import LATENT_CHANNELS, LATENT_SIZE


@pytest.fixture
def untrained():
    """An untrained autoencoder of a fixed seed."""
    with networks.seeded(5):
        return vae.build_vae()


@pytest.fixture
def taught(untrained, drawn):
    """The same after two steps, bent off the line."""
    vae.train_vae(untrained, drawn.pixels, steps=2, seed=0)
    return untrained


def weights(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def errors(network, pixels):
    """Mean squared error of the round trip, grey levels."""
    return float(((vae.decode(network, vae.encode(network, pixels)).astype(float) - pixels) ** 2).mean())


def test_it_reduces_by_two(untrained, drawn):
    """32 pixels to 16 places of six channels, and back."""
    latents = vae.encode(untrained, drawn.pixels)
    assert latents.shape == (24, LATENT_CHANNELS, LATENT_SIZE, LATENT_SIZE)
    assert latents.dtype == torch.float32
    again = vae.decode(untrained, latents)
    assert again.shape == drawn.pixels.shape
    assert again.dtype == np.uint8


def test_pictures_go_through_in_blocks(untrained, drawn):
    """Of 64: each as if it were alone."""
    pixels = np.tile(drawn.pixels, (3, 1, 1, 1))[:66]
    latents = vae.encode(untrained, pixels)
    assert len(latents) == 66
    for number in (0, 63, 64):
        torch.testing.assert_close(
            latents[number : number + 1], vae.encode(untrained, pixels[number : number + 1]), rtol=1e-4, atol=1e-4
        )
    assert len(vae.decode(untrained, latents)) == 66


def test_latents_are_scaled(untrained, drawn):
    """By the factor of the settings when encoded, and back when decoded; they are the mean, not a draw."""
    latents = vae.encode(untrained, drawn.pixels)
    picture = vae.decode(untrained, latents)
    untrained.register_to_config(scaling_factor=2.0)
    scaled = vae.encode(untrained, drawn.pixels)
    with torch.no_grad():
        mean = untrained.encode(tensors.to_tensor(drawn.pixels)).latent_dist.mean
    torch.testing.assert_close(scaled, 2 * mean)
    assert np.abs(vae.decode(untrained, scaled).astype(int) - picture).max() <= 1


def test_training_teaches(untrained, drawn, monkeypatch):
    """Some steps of few pictures bring the error of the round trip well down; they are told as they are taken."""
    monkeypatch.setattr(vae, "_BATCH", 4)
    pixels, told = drawn.pixels[:8], []
    before = errors(untrained.eval(), pixels)
    loss = vae.train_vae(untrained, pixels, steps=40, seed=0, progress=lambda *words: told.append(words))
    assert told == [(step, 40, "training steps") for step in range(1, 41)]
    assert errors(untrained, pixels) < 0.75 * before
    assert 0 < loss < 1
    assert not untrained.training


def test_training_is_its_seeds_alone(drawn):
    """Whatever torch's global state, which stays as it was; another seed gives other weights."""
    found = []
    with torch.random.fork_rng():
        for seed, other in ((1, 10), (1, 20), (2, 20)):
            with networks.seeded(5):
                network = vae.build_vae()
            torch.manual_seed(other)
            before = torch.get_rng_state()
            vae.train_vae(network, drawn.pixels, steps=2, seed=seed)
            assert torch.equal(before, torch.get_rng_state())
            found.append(weights(network))
    assert all(torch.equal(found[0][name], found[1][name]) for name in found[0])
    assert not all(torch.equal(found[0][name], found[2][name]) for name in found[0])


@pytest.mark.parametrize("state", ["untrained", "taught"])
def test_standardizing_changes_no_picture(state, request, drawn):
    """By no more than a grey level, though latents then have mean zero and deviation one in each channel."""
    network = request.getfixturevalue(state).eval()
    before = vae.decode(network, vae.encode(network, drawn.pixels))
    raw = vae.encode(network, drawn.pixels) / network.config.scaling_factor
    vae.standardize(network, drawn.pixels)
    latents = vae.encode(network, drawn.pixels)
    torch.testing.assert_close(latents.mean(dim=(0, 2, 3)), torch.zeros(6), atol=1e-3, rtol=0)
    torch.testing.assert_close(latents.std(dim=(0, 2, 3)), torch.ones(6), atol=1e-3, rtol=0)
    assert network.config.scaling_factor == 1.0
    assert np.abs(vae.decode(network, latents).astype(int) - before).max() <= 1
    mean, spread = raw.mean(dim=(0, 2, 3)), raw.std(dim=(0, 2, 3))
    torch.testing.assert_close(
        latents, (raw - mean[:, None, None]) / spread[:, None, None], rtol=1e-3, atol=1e-3
    )  # fmt: skip


def test_standardizing_scales_the_deviation_of_the_posterior_too(taught, drawn):
    """A draw decodes to the same picture as before it: noise keeps its size beside the mean."""
    images = tensors.to_tensor(drawn.pixels)
    with torch.no_grad():
        before = taught.encode(images).latent_dist
        drawn_before = taught.decode(before.sample(torch.Generator().manual_seed(1))).sample
    scale = taught.config.scaling_factor
    spread = (vae.encode(taught, drawn.pixels) / scale).std(dim=(0, 2, 3))
    vae.standardize(taught, drawn.pixels)
    with torch.no_grad():
        after = taught.encode(images).latent_dist
        drawn_after = taught.decode(after.sample(torch.Generator().manual_seed(1))).sample
    torch.testing.assert_close(after.std, before.std / spread[:, None, None], rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(drawn_after, drawn_before, rtol=1e-3, atol=2e-3)


def test_standardizing_twice_is_standardizing_once(taught, drawn):
    """What is standard stays as it is."""
    vae.standardize(taught, drawn.pixels)
    once = weights(taught)
    vae.standardize(taught, drawn.pixels)
    for name, tensor in weights(taught).items():
        torch.testing.assert_close(tensor, once[name], rtol=1e-3, atol=1e-3)


def test_swapping_keeps_what_is_in_a_picture():
    """Every batch is one of 6 orders of colors, mirrored or not, transposed or not; each of the 24 comes about."""
    images = torch.rand(2, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    kinds = {}
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        for mirrored in (False, True):
            for transposed in (False, True):
                one = images[:, list(order)]
                one = one.flip(3) if mirrored else one
                one = one.transpose(2, 3) if transposed else one
                kinds[one.contiguous().numpy().tobytes()] = 0
    assert len(kinds) == 24
    generator = torch.Generator().manual_seed(1)
    for _ in range(480):
        kinds[vae._swapped(images, generator).contiguous().numpy().tobytes()] += 1
    assert len(kinds) == 24
    assert min(kinds.values()) >= 5
    assert max(kinds.values()) <= 42
