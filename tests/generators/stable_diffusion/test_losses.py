"""What a UNet errs by, and how errors are weighed."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler

from generators.stable_diffusion import losses
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.examples import Batch

TIMES = torch.tensor([0, 10, 300, 700, 999])


def snr_of(scheduler):
    """Signal over noise by hand, in float64."""
    config = scheduler.config
    betas = np.linspace(config.beta_start, config.beta_end, config.num_train_timesteps)
    kept = np.cumprod(1 - betas)[TIMES]
    return kept / (1 - kept)


def test_weights_are_those_of_the_paper():
    """min(SNR, 5) / SNR for noise, min(SNR, 5) / (SNR + 1) for velocity; on both sides of 5."""
    noise, velocity = (DDPMScheduler(prediction_type=kind) for kind in ("epsilon", "v_prediction"))
    snr = snr_of(noise)
    assert snr[1] > 5 > snr[2]
    expected = np.minimum(snr, 5)
    np.testing.assert_allclose(losses.min_snr_weights(noise, TIMES, 5.0).numpy(), expected / snr, rtol=2e-3)
    np.testing.assert_allclose(losses.min_snr_weights(velocity, TIMES, 5.0).numpy(), expected / (snr + 1), rtol=2e-3)


@pytest.mark.parametrize(("kind", "last"), [("epsilon", 1.0), ("v_prediction", 0.0)])
def test_a_schedule_that_ends_without_signal_has_finite_weights(kind, last):
    """SNR is 0 there: the limit is taken, nothing is divided by 0."""
    scheduler = DDPMScheduler(prediction_type=kind, rescale_betas_zero_snr=True)
    # diffusers leaves a trace of signal at the end; here is none.
    scheduler.alphas_cumprod[-1] = 0.0
    weights = losses.min_snr_weights(scheduler, TIMES, 5.0)
    assert torch.isfinite(weights).all()
    assert float(weights[-1]) == last


def test_a_schedule_that_begins_without_noise_has_finite_weights():
    """SNR is infinite there, and the weight 0."""
    for kind in losses.KINDS:
        scheduler = DDPMScheduler(prediction_type=kind, trained_betas=np.zeros(1000))
        assert losses.min_snr_weights(scheduler, TIMES, 5.0).tolist() == [0.0] * 5


class Zero(torch.nn.Module):
    """Says nought, whatever it is shown."""

    def forward(self, noisy, times, encoder_hidden_states, added_cond_kwargs):
        return type("Said", (), {"sample": torch.zeros_like(noisy)})


def test_each_image_counts_as_its_time_says():
    """By hand, of a network that says nought: the mean of squares, each weighed."""
    generator = torch.Generator().manual_seed(0)
    clean, noise = torch.randn((2, 5, 4, 8, 8), generator=generator)
    batch = Batch(clean, noise, TIMES, Conditioning(torch.zeros(5, 1, 1)))
    scheduler = DDPMScheduler()
    squares = noise.square().mean(dim=(1, 2, 3))
    weighed = losses.loss_of(Zero(), scheduler, batch, 5.0)
    expected = (squares * losses.min_snr_weights(scheduler, TIMES, 5.0)).mean()
    assert float(weighed) == pytest.approx(float(expected), rel=1e-6)
    assert float(losses.loss_of(Zero(), scheduler, batch, 0.0)) == pytest.approx(float(squares.mean()), rel=1e-6)
    assert float(weighed) < 0.9 * float(squares.mean())
