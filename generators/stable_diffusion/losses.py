"""What a UNet errs by."""

from __future__ import annotations

from typing import Any

import torch
from diffusers.training_utils import compute_snr
from torch import Tensor

from benchmark.errors import UserError
from generators.stable_diffusion.conditioning import Conditioning
from generators.stable_diffusion.examples import Batch

KINDS = ("epsilon", "v_prediction")
"""What a UNet may predict."""


def loss_of(unet: Any, scheduler: Any, batch: Batch, min_snr: float) -> Tensor:
    """Return the mean squared error of noise or velocity (Ho et al. 2020, eq. 14; Salimans and Ho 2022).

    Args:
        unet: A `UNet2DConditionModel`.
        scheduler: The noise scheduler that it was trained with.
        batch: What it is shown.
        min_snr: Gamma of the min-SNR weighting; 0 weighs alike.
    """
    noisy = scheduler.add_noise(batch.clean, batch.noise, batch.times)
    predicted, target = predict(unet, noisy, batch.times, batch.told), target_of(scheduler, batch)
    if not min_snr:
        return torch.nn.functional.mse_loss(predicted.float(), target.float())
    errors = torch.nn.functional.mse_loss(predicted.float(), target.float(), reduction="none").mean(dim=(1, 2, 3))
    return (errors * min_snr_weights(scheduler, batch.times, min_snr)).mean()


def predict(unet: Any, noisy: Tensor, times: Tensor, told: Conditioning) -> Tensor:
    """Return what the UNet says: the one place where it is called in training."""
    predicted: Tensor = unet(noisy, times, **told.for_unet()).sample
    return predicted


def target_of(scheduler: Any, batch: Batch) -> Tensor:
    """Return what the UNet is to predict."""
    if scheduler.config.prediction_type == "epsilon":
        return batch.noise
    velocity: Tensor = scheduler.get_velocity(batch.clean, batch.noise, batch.times)
    return velocity


def min_snr_weights(scheduler: Any, times: Tensor, gamma: float) -> Tensor:
    """Return min(SNR, gamma) in the terms of what is predicted (Hang et al. 2023, section 3.4).

    That is over SNR for noise and over SNR + 1 for velocity. Where a schedule ends without signal, SNR is 0: the weight
    is the limit, 1 for noise and 0 for velocity.

    Args:
        scheduler: The noise scheduler.
        times: Steps of the noise, shape (B,).
        gamma: Greatest SNR that counts.

    Returns:
        Shape (B,).
    """
    snr = compute_snr(scheduler, times)
    if scheduler.config.prediction_type == "epsilon":
        return (gamma / snr).clamp(max=1.0)
    return snr.clamp(max=gamma) / (snr + 1)


def require_kind(scheduler: Any) -> None:
    """Refuse a UNet that would be spoilt without a word.

    Raises:
        UserError: If it predicts neither noise nor velocity.
    """
    kind = scheduler.config.prediction_type
    if kind not in KINDS:
        raise UserError(f"The pipeline's UNet predicts '{kind}'; only 'epsilon' and 'v_prediction' can be fine-tuned.")
