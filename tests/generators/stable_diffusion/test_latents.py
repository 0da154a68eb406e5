"""Images as the VAE sees them, and on their way to it and back."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark.contracts.images import ArraySource
from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from benchmark.protocol import pixels
from generators.stable_diffusion import latents, pipeline


def test_moments_equal_encoding_in_the_loop(images, toy_pipeline, tmp_path):
    """For an image and for its mirror image, which the VAE is shown apart."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    moments = latents.encode(vae, images, 16, tmp_path, flipped=True, progress=silent)
    one = images.read(3, 4)
    for flip, shown in enumerate((one, one[:, :, ::-1])):
        with torch.no_grad():
            posterior = vae.encode(latents.to_tensor(shown, "cpu")).latent_dist
        noise = torch.randn(posterior.mean.shape, generator=torch.Generator().manual_seed(flip))
        expected = (posterior.mean + posterior.std * noise) * vae.config.scaling_factor
        found = moments.sample(torch.tensor([flip]), torch.tensor([3]), noise)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert not np.array_equal(moments.values[3, 0], moments.values[3, 1])


def test_pixels_survive_the_way_to_floats_and_back(images):
    """All 256 levels, in the same places."""
    shown = images.read(0, 5).copy()
    shown[0].flat[:256] = np.arange(256)
    assert np.array_equal(latents.to_uint8(latents.to_tensor(shown, "cpu")), shown)


def test_floats_are_clamped_and_rounded():
    """To the nearest of 256 levels, not down; what lies outside goes to the ends."""
    values = torch.tensor([-3.0, -1.0, -1 + 0.6 / 127.5, -1 + 1.4 / 127.5, 0.0, 1.0, 7.0])
    levels = latents.to_uint8(values.view(1, 1, 1, 7).expand(1, 3, 1, 7))
    assert levels.dtype == np.uint8
    assert levels[0, 0, :, 0].tolist() == [0, 0, 1, 1, 128, 255, 255]


def test_channels_and_sides_keep_their_places():
    """Red first, rows before columns."""
    shown = np.arange(2 * 3 * 4 * 3, dtype=np.uint8).reshape(2, 3, 4, 3)
    tensor = latents.to_tensor(shown, "cpu")
    assert tensor.shape == (2, 3, 3, 4)
    assert float(tensor[1, 2, 0, 3]) == pytest.approx(shown[1, 0, 3, 2] / 127.5 - 1)


@pytest.mark.parametrize("name", ["lanczos", "bilinear"])
def test_images_are_brought_to_the_side_first(images, toy_pipeline, tmp_path, name):
    """By the filter that is named: moments of 32 pixels are those of the same images at 16."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    large = replace(images, source=ArraySource(np.repeat(np.repeat(images.read(0, 40), 2, axis=1), 2, axis=2)))
    for folder in ("large", "small"):
        (tmp_path / folder).mkdir()
    found = latents.encode(vae, large, 16, tmp_path / "large", flipped=False, progress=silent, filter_name=name)
    small = replace(images, source=ArraySource(pixels.resize(large.read(0, 40), 16, name)))
    expected = latents.encode(vae, small, 16, tmp_path / "small", flipped=False, progress=silent)
    assert found.values.shape == (40, 1, 2, 4, 8, 8)
    assert np.array_equal(found.values, expected.values)


def test_without_mirror_images_half_is_kept(images, toy_pipeline, tmp_path):
    """And progress is told of blocks."""
    vae, told = pipeline.load(toy_pipeline, device="cpu").vae, []
    many = images.take(np.arange(80) % 40, digest="eighty")
    moments = latents.encode(vae, many, 16, tmp_path, flipped=False, progress=lambda *words: told.append(words))
    assert (len(moments), moments.shape, moments.values.shape[1]) == (80, (4, 8, 8), 1)
    assert told == [(64, 80, "images encoded"), (80, 80, "images encoded")]
    np.testing.assert_allclose(moments.values[:40], moments.values[40:], rtol=1e-4, atol=1e-5)


def test_a_draw_is_mean_and_deviation_of_the_row_and_the_side_asked_for():
    """By hand, with the scale last."""
    mean = np.arange(3 * 2 * 1 * 1 * 2.0, dtype=np.float32).reshape(3, 2, 1, 1, 2)
    moments = latents.Moments(values=np.stack([mean, mean + 100], axis=2), scale=0.5)
    noise = torch.tensor([2.0, -1.0]).view(2, 1, 1, 1).expand(2, 1, 1, 2)
    found = moments.sample(torch.tensor([1, 0]), torch.tensor([2, 1]), noise)
    assert found.is_contiguous(memory_format=torch.channels_last)
    assert found.flatten().tolist() == [(10 + 220) / 2, (11 + 222) / 2, (4 - 104) / 2, (5 - 105) / 2]


@pytest.mark.parametrize("stop", [64, 128])
def test_an_encoding_that_is_stopped_goes_on(images, toy_pipeline, tmp_path, monkeypatch, stop):
    """From what was on the disk: what was written after that, whole or in part, is written again, bit for bit."""
    monkeypatch.setattr(latents, "SYNC_S", -1.0)
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    many = images.take(np.arange(150) % 40, digest="many")
    for folder in ("whole", "cut"):
        (tmp_path / folder).mkdir()
    latents.encode(vae, many, 16, tmp_path / "whole", flipped=True, progress=silent)

    def halt(done, total, note=""):
        if done == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        latents.encode(vae, many, 16, tmp_path / "cut", flipped=True, progress=halt)
    with (tmp_path / "cut" / "latents.bin").open("ab") as stream:
        stream.write(b"a torn block")
    told = []
    latents.encode(vae, many, 16, tmp_path / "cut", flipped=True, progress=lambda *words: told.append(words[0]))
    # The block that was told of last was not yet flushed.
    assert told == {64: [64, 128, 150], 128: [64, 128, 150]}[stop]
    whole, cut = ((tmp_path / folder / "latents.bin").read_bytes() for folder in ("whole", "cut"))
    assert whole == cut


def test_what_is_encoded_is_not_encoded_again(images, toy_pipeline, tmp_path):
    """A training that goes on shows the VAE nothing."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    first = latents.encode(vae, images, 16, tmp_path, flipped=True, progress=silent)
    vae.encoder = None
    again = latents.encode(vae, images, 16, tmp_path, flipped=True, progress=silent)
    assert np.array_equal(first.values, again.values)
    opened = latents.opened(vae, 40, 16, tmp_path, flipped=True, kind="float32")
    assert np.array_equal(first.values, opened.values)


def test_half_the_disk_costs_as_much_as_is_said(images, toy_pipeline, tmp_path):
    """Means within 2**-11 of themselves, deviations within that or 2**-25; draws are float32."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    for folder in ("whole", "half"):
        (tmp_path / folder).mkdir()
    whole = latents.encode(vae, images, 16, tmp_path / "whole", flipped=True, progress=silent)
    half = latents.encode(vae, images, 16, tmp_path / "half", flipped=True, progress=silent, kind="float16")
    sizes = [(tmp_path / folder / "latents.bin").stat().st_size for folder in ("whole", "half")]
    assert sizes == [40 * 2 * 2 * 256 * 4, 40 * 2 * 2 * 256 * 2]
    errors = np.abs(half.values.astype(np.float32) - whole.values)
    assert (errors <= np.maximum(np.abs(whole.values) * 2**-11, 2**-25)).all()
    assert errors.max() > 0
    drawn = half.sample(torch.tensor([1]), torch.tensor([3]), torch.zeros(1, 4, 8, 8))
    assert drawn.dtype == torch.float32


def test_only_rows_that_are_asked_for_are_read(images, toy_pipeline, tmp_path):
    """The file is mapped, and cannot be written to."""
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    moments = latents.encode(vae, images, 16, tmp_path, flipped=True, progress=silent)
    assert isinstance(moments.values, np.memmap)
    assert not moments.values.flags.writeable


def test_a_disk_without_room_is_told_before(images, toy_pipeline, tmp_path, monkeypatch):
    """What is needed, what is free, and what to do; nothing is written."""
    monkeypatch.setattr(latents.shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10, 0, 1000))
    vae = pipeline.load(toy_pipeline, device="cpu").vae
    with pytest.raises(UserError, match=r"take 0\.0 GB while a fit lasts; 0\.0 GB are free in .*latents: float16"):
        latents.encode(vae, images, 16, tmp_path, flipped=True, progress=silent)
    assert list(tmp_path.iterdir()) == []
