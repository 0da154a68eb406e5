"""Training: what each step is shown, what it is to predict, what is kept, and that a stop changes nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import safetensors
import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel

from benchmark.contracts.progress import silent
from benchmark.errors import Diverged, UserError
from generators.stable_diffusion import checkpoints, latents, lora, pace
from generators.stable_diffusion import training as trainings
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.examples import Examples
from generators.stable_diffusion.latents import Moments
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.training import train

RECIPE = Recipe(steps=6, batch=4, learning_rate=1e-3, caption_dropout=0.1, flip=True, ema=0.9)


class Shown(NamedTuple):
    """One call of the UNet, as it was."""

    noisy: torch.Tensor
    times: torch.Tensor
    texts: torch.Tensor
    predicted: torch.Tensor


@pytest.fixture
def unet(toy_pipeline):
    """The toy pipeline's UNet."""
    return UNet2DConditionModel.from_pretrained(toy_pipeline / "unet")


@pytest.fixture
def small():
    """The least that diffusers calls a UNet, for what takes thousands of images."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return UNet2DConditionModel(
            sample_size=2, in_channels=4, out_channels=4, layers_per_block=1, block_out_channels=(4,),
            norm_num_groups=2, cross_attention_dim=4, down_block_types=("DownBlock2D",), mid_block_type=None,
            up_block_types=("UpBlock2D",),
        )  # fmt: skip


def watched(unet):
    """All calls of a UNet to come."""
    calls: list[Shown] = []

    def note(module, arguments, given, output):
        told = given["encoder_hidden_states"]
        calls.append(Shown(*(one.detach().clone() for one in (*arguments, told, output.sample))))

    unet.register_forward_hook(note, with_kwargs=True)
    return calls


@pytest.fixture
def vae(toy_pipeline):
    """The toy pipeline's VAE."""
    return AutoencoderKL.from_pretrained(toy_pipeline / "vae").eval().requires_grad_(False)


def examples(count=10, prompts=3, *, deviation=0.0, side=8, width=16):
    """Images whose every latent value is their number, and minus it in the mirror; texts whose every value is theirs.

    The empty text is 0, the others 1, 2, ...; image i has text 1 + i % prompts.
    """
    number = np.broadcast_to(np.arange(1, count + 1, dtype=np.float32)[:, None, None, None], (count, 4, side, side))
    mean = np.stack([number, -number], axis=1)
    texts = torch.arange(prompts + 1.0)[:, None, None].expand(prompts + 1, 5, width)
    moments = Moments(values=np.stack([mean, np.full_like(mean, deviation)], axis=2), scale=1.0)
    return Examples(moments=moments, prompts=1 + torch.arange(count) % prompts, told=Conditioning(texts))


def clear(steps=5):
    """A scheduler that adds no noise, so that what is shown tells what it was."""
    return DDPMScheduler(num_train_timesteps=steps, trained_betas=np.zeros(steps))


def losses(context):
    """A context, and the losses that are logged in it by step."""
    found: dict[int, float] = {}
    return replace(context, log=lambda name, value, step: found.update({step: value} if name == "loss" else {})), found


def state(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_the_target_is_noise_or_velocity(unet, context, kind):
    """By hand from what was shown, and by diffusers' own DDPM scheduler: the loss is that mean squared error."""
    scheduler = DDPMScheduler(prediction_type=kind, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
    context, found = losses(context)
    shown, given = watched(unet), examples()
    train(unet, scheduler, given, replace(RECIPE, steps=1, batch=16, flip=False, caption_dropout=0), context)
    ((noisy, times, texts, predicted),) = shown
    alphas = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, dim=0)[times][:, None, None, None]
    rows = rows_of(context.seed, 16, count=10)
    assert texts[:, 0, 0].tolist() == [1 + row % 3 for row in rows]
    clean = torch.from_numpy(given.moments.values[rows.numpy(), 0, 0])
    noise = (noisy - alphas.sqrt() * clean) / (1 - alphas).sqrt()
    assert abs(float(noise.mean())) < 0.1
    assert float(noise.std()) == pytest.approx(1, abs=0.1)
    velocity = alphas.sqrt() * noise - (1 - alphas).sqrt() * clean
    torch.testing.assert_close(velocity, scheduler.get_velocity(clean, noise, times), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(noisy, scheduler.add_noise(clean, noise, times), rtol=1e-3, atol=1e-3)
    target, other = (noise, velocity) if kind == "epsilon" else (velocity, noise)
    assert found[0] == pytest.approx(float((predicted - target).square().mean()), rel=1e-3)
    assert found[0] != pytest.approx(float((predicted - other).square().mean()), rel=0.05)


def rows_of(seed, batch, *, count):
    """Which images the first step is shown: the first thing that its generator draws."""
    from benchmark import seeds

    generator = torch.Generator().manual_seed(seeds.derive(seed, "train", 0))
    return torch.randint(count, (batch,), generator=generator)


def test_another_kind_of_prediction_is_refused(unet, context):
    """Trained as if it predicted velocity, it would be spoilt without a word."""
    with pytest.raises(UserError) as raised:
        train(unet, DDPMScheduler(prediction_type="sample"), examples(), RECIPE, context)
    assert str(raised.value) == (
        "The pipeline's UNet predicts 'sample'; only 'epsilon' and 'v_prediction' can be fine-tuned."
    )


def what_was_shown(small, context, *, dropout=0.25, flip=True):
    """Image numbers (negative where mirrored), texts and times of 4,096 draws."""
    recipe = Recipe(steps=16, batch=256, learning_rate=1e-9, caption_dropout=dropout, flip=flip, ema=0.0)
    shown = watched(small)
    train(small, clear(), examples(side=2, width=4), recipe, context)
    numbers = torch.cat([call.noisy[:, 0, 0, 0] for call in shown]).round().long().numpy()
    assert all((call.noisy == call.noisy[:, :1, :1, :1]).all() for call in shown)
    texts = torch.cat([call.texts[:, 0, 0] for call in shown]).long().numpy()
    return numbers, texts, torch.cat([call.times for call in shown]).numpy()


def test_shares_are_those_of_the_recipe(small, context):
    """A quarter of the texts is emptied and half of the images mirrored, each within four standard errors.

    Images and times come equally often, and none of it hangs on another.
    """
    numbers, texts, times = what_was_shown(small, context)
    count, empty, mirrored, rows = len(numbers), texts == 0, numbers < 0, np.abs(numbers) - 1
    assert empty.mean() == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / count) ** 0.5)
    assert mirrored.mean() == pytest.approx(0.5, abs=4 * 0.5 / count**0.5)
    for drawn, kinds in ((rows, 10), (times, 5)):
        shares = np.bincount(drawn, minlength=kinds) / count
        assert len(shares) == kinds
        np.testing.assert_allclose(shares, 1 / kinds, atol=4 * (1 / kinds / count) ** 0.5)
    correlations = np.corrcoef([empty, mirrored, rows, times])
    assert np.abs(correlations - np.eye(4)).max() < 4.5 / count**0.5
    assert (texts[~empty] == 1 + rows[~empty] % 3).all()


@pytest.mark.parametrize(("dropout", "flip"), [(0.0, False), (1.0, True)])
def test_none_and_all_are_none_and_all(small, context, dropout, flip):
    """No text is emptied or every one; no image is mirrored where none shall be."""
    numbers, texts, _ = what_was_shown(small, context, dropout=dropout, flip=flip)
    assert set(texts == 0) == {dropout == 1.0}
    assert (numbers > 0).all() != flip


def test_latents_are_drawn_afresh_as_encoding_in_the_loop_would(small, context, images, vae, tmp_path):
    """One image, 1,024 times: mean and spread of what the UNet is shown are those of the VAE's own posterior."""
    one = images.take(np.array([3]), digest="one")
    moments = latents.encode(vae, one, 16, tmp_path, flipped=False, progress=silent)
    recipe = Recipe(steps=8, batch=128, learning_rate=1e-9, caption_dropout=0.0, flip=False, ema=0.0)
    given = Examples(moments=moments, prompts=torch.tensor([1]), told=Conditioning(torch.zeros(2, 5, 4)))
    shown = watched(small)
    train(small, clear(), given, recipe, context)
    drawn = torch.cat([call.noisy for call in shown])
    pixels = torch.from_numpy(images.read(3, 4)).permute(0, 3, 1, 2).float() / 127.5 - 1
    posterior = vae.encode(pixels).latent_dist
    scale = vae.config.scaling_factor
    errors = (drawn.mean(dim=0) - posterior.mean[0] * scale) / (posterior.std[0] * scale / 1024**0.5)
    # 256 places: five standard errors leave one chance in some thousands.
    assert float(errors.abs().max()) < 5
    torch.testing.assert_close(drawn.std(dim=0), posterior.std[0] * scale, rtol=5 / 2048**0.5, atol=0)


def test_expected_loss_and_gradient_are_those_of_encoding_in_the_loop(unet, images, vae, tmp_path):
    """Over 300 draws from kept moments and 300 by diffusers from the image, within four standard errors."""
    generator = torch.Generator().manual_seed(0)
    scheduler, draws = DDPMScheduler(), 300
    moments = latents.encode(vae, images.take(np.array([3]), digest="one"), 16, tmp_path, flipped=True, progress=silent)
    noise = torch.randn(1, 4, 8, 8, generator=generator).expand(draws, 4, 8, 8)
    times, texts = torch.full((draws,), 400), torch.zeros(draws, 5, 16)
    pixels = torch.from_numpy(images.read(3, 4)[:, :, ::-1].copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
    posterior = vae.encode(pixels.expand(draws, 3, 16, 16)).latent_dist
    kept = moments.sample(
        torch.ones(draws, dtype=torch.long), torch.zeros(draws, dtype=torch.long),
        torch.randn(draws, 4, 8, 8, generator=generator),
    )  # fmt: skip
    looped = posterior.sample(generator) * vae.config.scaling_factor
    one, other, still = (
        torch.cat([error.square().mean(dim=(1, 2, 3))[:, None], 2 * error.mean(dim=(2, 3))], dim=1)
        # The gradient of the loss by the bias of the last layer is twice the mean error of each channel.
        for clean in (kept, looped, posterior.mode() * vae.config.scaling_factor)
        for error in [errors_of(unet, scheduler, clean, noise, times, texts)]
    )
    standard_error = (one.var(dim=0) / draws + other.var(dim=0) / draws).sqrt()
    assert (standard_error > 0).all()
    assert ((one.mean(dim=0) - other.mean(dim=0)).abs() < 4 * standard_error).all()
    # The mean alone, without the deviation, would not do.
    assert float((still.mean(dim=0) - one.mean(dim=0))[0].abs()) > 4 * float(standard_error[0])


def errors_of(unet, scheduler, clean, noise, times, texts):
    """What the UNet says of the velocity, less what it is."""
    with torch.no_grad():
        said = unet(scheduler.add_noise(clean, noise, times), times, texts).sample
    return said - scheduler.get_velocity(clean, noise, times)


def test_a_step_is_adamws(unet, context):
    """Three steps equal those of a loop written out: clipping at 1, weight decay 0.01, betas 0.9 and 0.999."""
    twin = UNet2DConditionModel.from_config(unet.config)
    twin.load_state_dict(unet.state_dict())
    shown = watched(unet)
    kept = train(unet, clear(), examples(), replace(RECIPE, steps=3, ema=0.0, caption_dropout=0, flip=False), context)
    optimizer = torch.optim.AdamW(twin.train().parameters(), lr=1e-3, betas=(0.9, 0.999), weight_decay=0.01)
    for step, (noisy, times, texts, _) in enumerate(shown):
        noise = noise_of(context.seed, step)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(twin(noisy, times, texts).sample, noise).backward()
        torch.nn.utils.clip_grad_norm_(twin.parameters(), 1.0)
        optimizer.step()
    assert len(shown) == 3
    for name, tensor in twin.state_dict().items():
        torch.testing.assert_close(kept[name], tensor, rtol=1e-3, atol=5e-5)
    assert same(kept, state(unet))


def noise_of(seed, step, batch=4, count=10):
    """The noise of a step: the last thing that its generator draws."""
    from benchmark import seeds

    generator = torch.Generator().manual_seed(seeds.derive(seed, "train", step))
    torch.randint(count, (batch,), generator=generator)
    torch.randint(2, (batch,), generator=generator)
    torch.rand(batch, generator=generator)
    torch.randint(5, (batch,), generator=generator)
    return torch.randn((2, batch, 4, 8, 8), generator=generator)[1]


def test_the_running_mean_is_kept(unet, context):
    """By hand: w(s) = 1 - min(decay, (1 + s) / (10 + s)), from the first weights on; without decay, the last."""
    first, after = state(unet), []
    context = replace(context, progress=lambda done, total, note="": after.append(state(unet)))
    kept = train(unet, clear(), examples(), replace(RECIPE, steps=4, ema=0.2), context)
    assert len(after) == 4
    expected = first
    for step, weights in enumerate(after):
        share = 1 - min(0.2, (1 + step) / (10 + step))
        expected = {name: expected[name] + share * (weights[name] - expected[name]) for name in expected}
    # 0.1, 0.18 and 0.25 at the first steps: both sides of the decay are met.
    for name in expected:
        torch.testing.assert_close(kept[name], expected[name], rtol=1e-5, atol=1e-7)
    assert not same(kept, after[-1])


def test_a_trained_network_errs_less(small, context):
    """On one image and one text, some steps suffice for the loss to fall by half."""
    context, found = losses(context)
    given = examples(count=1, prompts=1, side=2, width=4)
    recipe = Recipe(steps=60, batch=32, learning_rate=2e-2, caption_dropout=0.0, flip=False, ema=0.0)
    train(small, DDPMScheduler(num_train_timesteps=10, beta_start=0.3, beta_end=0.5), given, recipe, context)
    assert found[59] < found[0] / 2


def test_losses_are_logged_at_every_tenth_step_and_the_last(small, context):
    """And progress at every step."""
    context, found = losses(context)
    told = []
    context = replace(context, progress=lambda done, total, note="": told.append((done, total, note)))
    train(small, clear(), examples(side=2, width=4), replace(RECIPE, steps=13), context)
    assert list(found) == [0, 10, 12]
    assert told == [(step, 13, "training steps") for step in range(1, 14)]


def test_the_network_is_handed_back_at_rest(unet, context):
    """Set to inference and frozen, and torch's global state as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        before = torch.get_rng_state()
        train(unet, clear(), examples(deviation=1.0), RECIPE, context)
        assert torch.equal(before, torch.get_rng_state())
    assert not unet.training
    assert not any(parameter.requires_grad for parameter in unet.parameters())


CHANGES = {
    "as it is": {},
    "parts": {"at_once": 3, "schedule": "cosine", "warmup_steps": 2, "channels_last": True},
    "half precision": {"precision": "fp16", "min_snr": 5.0, "gradient_checkpointing": True},
    "without a mean": {"precision": "bf16", "ema": 0.0, "at_once": "auto"},
    "low rank": {"lora_rank": 2, "lora_alpha": 3},
}


@pytest.mark.parametrize(("stop", "change"), [(1, "as it is"), *((4, name) for name in CHANGES)])
def test_a_stop_changes_nothing(unet, toy_pipeline, context, tmp_path, monkeypatch, stop, change):
    """Stopped after some steps and taken up from the checkpoint, it ends in the same bits, those of the mean too."""
    recipe = replace(RECIPE, **CHANGES[change])
    monkeypatch.setattr(trainings, "CHECKPOINT_S", -1.0)
    (tmp_path / "whole").mkdir()
    given, scheduler = examples(deviation=1.0), DDPMScheduler()

    def begun():
        network = UNet2DConditionModel.from_pretrained(toy_pipeline / "unet")
        if recipe.lora_rank:
            lora.add(network, recipe, context.seed)
        return network

    unet = begun()
    expected = train(unet, scheduler, given, recipe, replace(context, scratch=tmp_path / "whole"))
    last = state(unet)

    def halt(done, total, note=""):
        if done == stop + 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(begun(), scheduler, given, recipe, replace(context, progress=halt))
    done = []
    again = begun()
    resumed = replace(context, progress=lambda step, total, note="": done.append(step))
    found = train(again, scheduler, given, recipe, resumed)
    assert done == list(range(stop + 1, 7))
    assert same(expected, found)
    assert same(last, state(again))
    assert same(expected, last) == (not recipe.ema)


def test_checkpoints_are_written_now_and_then(small, context, monkeypatch):
    """When enough time has passed, and never after the last step, which the result itself follows."""
    saved = []
    monkeypatch.setattr(checkpoints, "save", lambda scratch, state: saved.append(state.step))
    train(small, clear(), examples(side=2, width=4), replace(RECIPE, steps=3), context)
    assert saved == []
    monkeypatch.setattr(trainings, "CHECKPOINT_S", -1.0)
    train(small, clear(), examples(side=2, width=4), replace(RECIPE, steps=4), context)
    assert saved == [1, 2, 3]
    saved.clear()
    clock = iter(range(0, 10_000, 3))
    monkeypatch.setattr(trainings, "CHECKPOINT_S", 8.0)
    monkeypatch.setattr(trainings, "_CHECKPOINT_SHARE", 1.0)
    monkeypatch.setattr(pace.time, "monotonic", lambda: next(clock))
    train(small, clear(), examples(side=2, width=4), replace(RECIPE, steps=9), context)
    # Three seconds a look, eight between checkpoints: the third look, one more look taken by the saving itself.
    assert saved == [3, 6]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_ends_it(unet, context, value, monkeypatch):
    """At the very step, which is named; no later checkpoint holds the ruin."""
    monkeypatch.setattr(trainings, "CHECKPOINT_S", -1.0)

    def spoil(done, total, note=""):
        if done == 2:
            with torch.no_grad():
                unet.conv_out.bias.fill_(value)

    with pytest.raises(Diverged, match=rf"^the training loss is (nan|{value}) at step 3 of 6$"):
        train(unet, clear(), examples(), RECIPE, replace(context, progress=spoil))
    with safetensors.safe_open(context.scratch / "training.safetensors", "pt") as stored:
        assert json.loads(stored.metadata()["about"])["step"] == 2


def weights_after(unet, context, folder, **changes):
    """Weights after three steps of a recipe, and what was logged."""
    network = UNet2DConditionModel.from_config(unet.config)
    network.load_state_dict(unet.state_dict())
    folder.mkdir()
    logged = {}
    context = replace(
        context, scratch=folder, log=lambda name, value, step: logged.setdefault(name, {}).update({step: value})
    )
    # Large beside the gradient: a step is then as good as proportional to it, and rounding stays rounding.
    recipe = replace(RECIPE, **{"steps": 3, "epsilon": 1.0, "ema": 0.0, "learning_rate": 1.0, **changes})
    return train(network, DDPMScheduler(), examples(deviation=1.0), recipe, context), logged


@pytest.mark.parametrize(
    ("changes", "tolerance"),
    [
        ({"at_once": 1}, 1e-5), ({"at_once": 3}, 1e-5), ({"gradient_checkpointing": True}, 1e-6),
        ({"channels_last": True}, 1e-5), ({"precision": "bf16"}, 3e-3), ({"precision": "fp16"}, 3e-3),
    ],
)  # fmt: skip
def test_how_it_is_computed_changes_little(unet, context, tmp_path, changes, tolerance):
    """Parts of a step, activations computed again, another order in memory, a lower precision."""
    expected, one = weights_after(unet, context, tmp_path / "one")
    found, other = weights_after(unet, context, tmp_path / "other", **changes)
    moved = max(float((expected[name] - unet.state_dict()[name]).abs().max()) for name in expected)
    assert moved > 50 * tolerance
    for name in expected:
        torch.testing.assert_close(found[name], expected[name], rtol=0, atol=tolerance)
    assert other["loss"] == pytest.approx(one["loss"], rel=10 * tolerance)
    assert other["gradient_norm"] == pytest.approx(one["gradient_norm"], rel=20 * tolerance)
    assert all(tensor.dtype == torch.float32 for tensor in found.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"weight_decay": 0.5}, {"beta1": 0.5}, {"clip_norm": 1e-3}, {"warmup_steps": 2}, {"schedule": "linear"},
        {"min_snr": 5.0}, {"flip": False}, {"caption_dropout": 1.0}, {"epsilon": 0.1},
    ],
)  # fmt: skip
def test_what_the_recipe_says_is_done(unet, context, tmp_path, changes):
    """Each choice makes other weights."""
    one, _ = weights_after(unet, context, tmp_path / "one")
    other, _ = weights_after(unet, context, tmp_path / "other", **changes)
    assert max(float((one[name] - other[name]).abs().max()) for name in one) > 1e-5


def test_what_is_logged(unet, context, tmp_path):
    """Loss, norm of the gradient before it is clipped, learning rate and throughput; the scale where there is one."""
    _, plain = weights_after(unet, context, tmp_path / "plain", clip_norm=1e-9, warmup_steps=2, steps=12)
    assert set(plain) == {"loss", "gradient_norm", "learning_rate", "images_per_second"}
    assert plain["learning_rate"] == {0: 0.0, 10: 1.0, 11: 1.0}
    assert all(norm > 1e-3 for norm in plain["gradient_norm"].values())
    assert all(rate > 0 for rate in plain["images_per_second"].values())
    _, scaled = weights_after(unet, context, tmp_path / "scaled", precision="fp16")
    assert scaled["loss_scale"] == {0: 65536.0, 2: 65536.0}


def test_a_step_that_overflows_in_fp16_is_skipped(unet, context, tmp_path, monkeypatch):
    """The scale falls until the gradient fits; steps count on, and weights move from then on."""
    begin = checkpoints.State.__init__

    def high(self, *arguments, **parts):
        parts["scaler"] = torch.amp.GradScaler("cpu", init_scale=2.0**40)
        begin(self, *arguments, **parts)

    monkeypatch.setattr(checkpoints.State, "__init__", high)
    found, logged = weights_after(unet, context, tmp_path / "one", precision="fp16", steps=35)
    assert logged["loss_scale"][0] == 2.0**39
    assert 2.0**10 < logged["loss_scale"][34] < 2.0**36
    assert any(not torch.equal(found[name], unet.state_dict()[name]) for name in found)


def test_overflowing_again_and_again_is_divergence(unet, context, monkeypatch):
    """Weights that are ruined overflow at any scale; a checkpoint between counts on."""
    monkeypatch.setattr(trainings, "CHECKPOINT_S", -1.0)

    def spoil(done, total, note=""):
        if done == 2:
            with torch.no_grad():
                unet.conv_out.bias.fill_(float("nan"))
        if done == 20:
            raise KeyboardInterrupt

    recipe = replace(RECIPE, steps=60, precision="fp16", ema=0.0)
    with pytest.raises(KeyboardInterrupt):
        train(unet, DDPMScheduler(), examples(), recipe, replace(context, progress=spoil))
    with pytest.raises(
        Diverged,
        match=r"^the gradient overflowed in 30 steps one after another, the last of them step 32 of 60; the training loss is nan$",
    ):
        train(unet.requires_grad_(True), DDPMScheduler(), examples(), recipe, context)


def test_the_size_of_parts_is_found_once(unet, context):
    """Where more than two images run out of memory, two are taken; a training that goes on does not look again."""

    def refuse(module, arguments):
        if len(arguments[0]) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 1 GiB")

    handle = unet.register_forward_pre_hook(refuse)
    logged = {}
    context = replace(context, log=lambda name, value, step: logged.update({name: value}))
    train(unet, DDPMScheduler(), examples(), replace(RECIPE, steps=2, batch=8, at_once="auto"), context)
    assert logged["images_at_once"] == 2
    handle.remove()
    shown = watched(unet)
    train(unet, DDPMScheduler(), examples(), replace(RECIPE, steps=1, batch=8, at_once="auto"), context)
    assert [len(call.noisy) for call in shown] == [2, 2, 2, 2]


KILLED = """
import os, signal, sys
from pathlib import Path
import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from benchmark.contracts.context import Context
from generators.stable_diffusion import training
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.examples import Examples
from generators.stable_diffusion.latents import Moments
from generators.stable_diffusion.recipe import Recipe

unet = UNet2DConditionModel.from_pretrained(sys.argv[1])
scratch, out, stop = Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])
training.CHECKPOINT_S = -1.0
mean = torch.randn(5, 2, 4, 8, 8, generator=torch.Generator().manual_seed(1))
moments = Moments(torch.stack([mean, torch.ones_like(mean)], 2).numpy(), 1.0)
examples = Examples(moments, torch.tensor([1] * 5), Conditioning(mean[0, :, 0, :5, :1] * torch.ones(16)))
recipe = Recipe(steps=12, batch=3, learning_rate=1e-3, ema=0.9, at_once=2, schedule="cosine", precision="bf16")

def halt(done, total, note=""):
    if done == stop:
        os.kill(os.getpid(), signal.SIGKILL)

context = Context(5, "cpu", out.parent, scratch, ("a",), progress=halt)
save_file(training.train(unet, DDPMScheduler(), examples, recipe, context), out)
"""


@pytest.mark.slow
def test_a_kill_changes_nothing(toy_pipeline, tmp_path, root):
    """Real processes, killed five times at moments that are drawn: the sixth ends in the very file that an undisturbed one writes."""

    def run(name, stop):
        (tmp_path / name).mkdir(exist_ok=True)
        arguments = [toy_pipeline / "unet", tmp_path / name, tmp_path / f"{name}.safetensors", stop]
        done = subprocess.run(
            [sys.executable, "-c", KILLED, *map(str, arguments)], cwd=root, timeout=300,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        return done.returncode

    assert run("whole", 0) == 0
    stops = sorted(random.Random(9).sample(range(1, 12), 5))
    assert [run("cut", stop) for stop in stops] == [-signal.SIGKILL] * 5
    assert run("cut", 0) == 0
    assert (tmp_path / "cut.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
