"""The autoencoder's training: it teaches, it is its seed's alone, and a stop changes no bit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmark import digests
from benchmark.errors import Diverged, UserError
from generators.from_scratch import autoencoder, reproduction, trained
from generators.stable_diffusion import latents, training


def files(folder):
    return {str(path.relative_to(folder)): digests.of_file(path) for path in folder.rglob("*") if path.is_file()}


def errors(place, images):
    """Mean squared error of the round trip, in gray levels."""
    vae = autoencoder.load(place, "cpu")
    pixels = images.read(0, len(images))
    with torch.no_grad():
        mean = vae.encode(latents.to_tensor(pixels, "cpu")).latent_dist.mean
        again = latents.to_uint8(vae.decode(mean).sample)
    return float(((again.astype(float) - pixels) ** 2).mean())


@pytest.fixture
def beside(context, tmp_path):
    """Gives a context with a scratch folder of its own."""

    def make(name, **changes):
        (tmp_path / name).mkdir(exist_ok=True)
        return replace(context, scratch=tmp_path / name, **changes)

    return make


def test_training_teaches(images, design, beside):
    """Forty steps err far less than one; progress and loss are told."""
    told, losses = [], []
    one = autoencoder.trained(images, replace(design, vae_steps=1), beside("one"))
    context = beside(
        "many",
        progress=lambda *words: told.append(words),
        log=lambda name, value, step: losses.append((name, step, value)),
    )
    many = autoencoder.trained(images, replace(design, vae_steps=40), context)
    assert errors(many, images) < 0.75 * errors(one, images)
    assert told == [(40, 40, "images read"), *((step, 40, "autoencoder steps") for step in range(1, 41))]
    names = ("autoencoder_loss", "autoencoder_images_per_second")
    assert [(name, step) for name, step, _ in losses] == [
        (name, step) for step in (0, 10, 20, 30, 39) for name in names
    ]
    assert losses[-2][2] < losses[0][2]
    assert losses[-1][2] > 0


def test_latents_of_training_images_are_standard(images, design, beside):
    """What is saved is of half precision, and its scale is one."""
    place = autoencoder.trained(images, replace(design, vae_steps=5), beside("some"))
    vae = autoencoder.load(place, "cpu")
    with torch.no_grad():
        mean = vae.encode(latents.to_tensor(images.read(0, 40), "cpu")).latent_dist.mean
    torch.testing.assert_close(mean.mean(dim=(0, 2, 3)), torch.zeros(4), atol=0.02, rtol=0)
    torch.testing.assert_close(mean.std(dim=(0, 2, 3)), torch.ones(4), atol=0.02, rtol=0)
    assert (vae.config.scaling_factor, vae.config.sample_size, vae.dtype) == (1.0, 16, torch.float32)
    size = (place / "diffusion_pytorch_model.safetensors").stat().st_size
    assert size < 2.2 * sum(weight.numel() for weight in vae.parameters()) + 20_000


def test_a_stopped_training_leaves_what_a_whole_one_does(images, design, beside, monkeypatch):
    """Stopped twice and gone on with; the checkpoint is what it goes on from."""
    monkeypatch.setattr(training, "CHECKPOINT_S", -1.0)
    whole = autoencoder.trained(images, replace(design, vae_steps=6), beside("whole"))
    steps = []

    def halt_at(last):
        def halt(done, total, note=""):
            steps.append((done, note))
            if (done, note) == (last, "autoencoder steps"):
                raise KeyboardInterrupt

        return halt

    for last in (3, 5):
        with pytest.raises(KeyboardInterrupt):
            autoencoder.trained(images, replace(design, vae_steps=6), beside("cut", progress=halt_at(last)))
    found = autoencoder.trained(images, replace(design, vae_steps=6), beside("cut", progress=halt_at(0)))
    assert files(found) == files(whole)
    assert [done for done, note in steps if note == "autoencoder steps"] == [1, 2, 3, 3, 4, 5, 5, 6]


def test_one_of_another_training_is_refused(images, design, beside):
    """Of another seed, other steps or other images, whole or begun; it says so beside it, and stays as it is."""
    place = autoencoder.trained(images, design, beside("one", seed=5))
    before = files(place.parent)
    told = json.loads((place.parent / trained.BEGUN).read_text())
    assert (told["seed"], told["design"]["vae_steps"], told["images"]) == (5, 3, images.digest)
    for changes, given, steps, message in (
        ({"seed": 6}, images, 3, "a training with 'seed: 5', and this one has 'seed: 6'"),
        ({"seed": 5}, images, 9, "a training with 'design.vae_steps: 3', and this one has 'design.vae_steps: 9'"),
        ({"seed": 5}, replace(images, digest="others"), 3, "and this one has 'images: others'"),
    ):
        with pytest.raises(UserError, match=message):
            autoencoder.trained(given, replace(design, vae_steps=steps), beside("one", **changes))
        assert files(place.parent) == before
    # The UNet's part of a design is no matter to it.
    assert autoencoder.trained(images, replace(design, unet_layers=3), beside("one", seed=5)) == place


def test_one_that_is_there_is_taken_as_it_is(images, design, beside):
    """And a half-written one is none."""
    context = beside("again")
    (context.scratch / "vae.part").mkdir()
    (context.scratch / "vae.part" / "stray").touch()
    first = files(autoencoder.trained(images, design, context))
    assert set(first) == {"config.json", "diffusion_pytorch_model.safetensors"}
    told = []
    place = autoencoder.trained(images, design, replace(context, progress=lambda *words: told.append(words)))
    assert told == []
    assert files(place) == first


def test_it_is_its_seeds_alone(images, design, beside):
    """Whatever torch's global state, which stays as it was; another seed gives others."""
    found = []
    with torch.random.fork_rng():
        for number, (seed, other) in enumerate(((5, 1), (5, 2), (6, 2))):
            torch.manual_seed(other)
            before = torch.get_rng_state()
            found.append(files(autoencoder.trained(images, design, beside(f"seed-{number}", seed=seed))))
            assert torch.equal(before, torch.get_rng_state())
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_batches_are_mirrored_and_transposed():
    """Each of the four ways comes about, and a batch is of its seed and step alone."""
    read = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3), dtype=np.uint8)
    image = latents.to_tensor(read, "cpu")
    ways = [image, image.flip(3), image.transpose(2, 3), image.flip(3).transpose(2, 3)]
    seen = set()
    for step in range(40):
        batch, _ = autoencoder._batch(read, 2, 7, step, "cpu")
        assert batch.shape == (2, 3, 4, 4)
        assert torch.equal(batch, autoencoder._batch(read, 2, 7, step, "cpu")[0])
        seen.add(next(number for number, way in enumerate(ways) if torch.equal(batch[:1], way)))
    assert seen == {0, 1, 2, 3}


def test_a_loss_that_is_no_number_ends_it(images, design, beside, monkeypatch):
    """With the step; nothing is saved."""
    loss_of = reproduction.loss_of
    monkeypatch.setattr(reproduction, "loss_of", lambda *given: loss_of(*given) * float("nan"))
    context = beside("diverged")
    with pytest.raises(Diverged, match="the autoencoder's loss is nan at step 1 of 3"):
        autoencoder.trained(images, design, context)
    assert not (context.scratch / "vae").exists()


def test_the_course_of_the_learning_rate(design):
    """A cosine after a thirtieth of warm-up, at the rate the design says."""
    found = autoencoder.recipe_of(replace(design, vae_steps=300, vae_learning_rate=0.5))
    assert (found.steps, found.warmup_steps, found.schedule, found.learning_rate) == (300, 10, "cosine", 0.5)
