"""Real images through an autoencoder that was trained here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmark.errors import UserError
from generators.controls.fitted_round_trip import FittedVaeRoundTrip
from generators.from_scratch.latent_diffusion import LatentDiffusion

SMALL = {"side": 16, "vae_widths": [16, 32], "vae_steps": 3, "vae_batch": 4}
WHOLE = {**SMALL, "unet_widths": [8, 16], "heads": 2, "steps": 1, "batch": 2}


@pytest.fixture
def both(context, toy_pipeline, tmp_path):
    """A context, and one beside it with folders of its own, that may read texts."""
    for name in ("other", "other-scratch"):
        (tmp_path / name).mkdir()
    other = replace(context, folder=tmp_path / "other", scratch=tmp_path / "other-scratch")
    return context, replace(other, _weights={"text": lambda: toy_pipeline})


def test_its_autoencoder_is_the_generators(images, both, requests, draw):
    """Trained apart from the same seed; taken from there, it makes the same images and trains nothing."""
    context, other = both
    FittedVaeRoundTrip(**SMALL).fit(images, context)
    LatentDiffusion(**WHOLE).fit(images, other)
    name = "vae/diffusion_pytorch_model.safetensors"
    assert (context.folder / name).read_bytes() == (other.folder / name).read_bytes()
    drawn = draw(FittedVaeRoundTrip(**SMALL), requests, context)
    told = []
    there = replace(other, _weights={"trained": lambda: other.folder}, progress=lambda *words: told.append(words))
    FittedVaeRoundTrip(**SMALL).fit(images, there)
    assert np.array_equal(draw(FittedVaeRoundTrip(**SMALL), requests, there).images, drawn.images)
    assert told == []
    with pytest.raises(UserError, match="'vae_steps: 3', and the entry has 'vae_steps: 4'"):
        FittedVaeRoundTrip(**{**SMALL, "vae_steps": 4}).fit(images, there)


def test_more_training_brings_images_back_better(images, both, requests, draw):
    """Against the real images of the same requests."""
    from generators.controls.real import Real

    context, _ = both
    real = draw(Real("floor"), requests, context).images.astype(float)
    found = []
    for steps in (1, 60):
        folder, scratch = context.folder / str(steps), context.scratch / str(steps)
        folder.mkdir()
        scratch.mkdir()
        here = replace(context, folder=folder, scratch=scratch)
        generator = FittedVaeRoundTrip(**{**SMALL, "vae_steps": steps})
        generator.fit(images, here)
        made = draw(generator, requests, here)
        assert made.images.shape == (6, 16, 16, 3)
        found.append(float(((made.images - real) ** 2).mean()))
    assert found[1] < 0.75 * found[0]


def test_sizes_are_judged_before_anything_is_read(images, both):
    """In words."""
    with pytest.raises(UserError, match="side is 15"):
        FittedVaeRoundTrip(**{**SMALL, "side": 15}).fit(images, both[0])
    assert not list(both[0].scratch.iterdir())


def test_a_plan_is_told_its_steps() -> None:
    """Those of the autoencoder; a model on it takes its own besides."""
    assert FittedVaeRoundTrip(vae_steps=7).effort.fit_steps == 7
    effort = LatentDiffusion(vae_steps=7, steps=5, sampling_steps=3).effort
    assert (effort.fit_steps, effort.image_steps) == (12, 3)
