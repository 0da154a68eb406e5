"""Sheets of samples as a training goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from generators.stable_diffusion import previews
from generators.stable_diffusion.fine_tuning import fine_tune
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.sampling import Settings

RECIPE = Recipe(steps=4, batch=4, learning_rate=1e-2, ema=0.9)
PROMPTS = ["of tissue a", "of tissue b"] * 20


@pytest.fixture
def fitted(images, context, tmp_path, monkeypatch):
    """Fits, and returns the weights and the pictures that were sent."""
    monkeypatch.setattr(previews, "_SETTINGS", Settings(steps=2, guidance=3.0))

    def fit(name, *, every, shown=True, **changes):
        monkeypatch.setattr(previews, "EVERY_S", every)
        sent = []
        for part in (name, f"{name}-scratch"):
            (tmp_path / part).mkdir()
        place = replace(context, folder=tmp_path / name, scratch=tmp_path / f"{name}-scratch")
        if shown:
            place = replace(place, picture=lambda *picture: sent.append(picture))
        fine_tune(images, PROMPTS, replace(RECIPE, **changes), place)
        return load_file(next((tmp_path / name).rglob("*.safetensors"))), sent

    return fit


@pytest.mark.parametrize("changes", [{}, {"ema": 0.0, "channels_last": True}, {"lora_rank": 2, "precision": "bf16"}])
def test_a_sheet_changes_no_weight(fitted, changes):
    """After every step but the last: prompts down, seeds across, the same each time."""
    plain, none = fitted("plain", every=1000.0, **changes)
    watched, sent = fitted("watched", every=-1.0, **changes)
    assert none == []
    assert [(name, step) for name, _, step in sent] == [("samples", 0), ("samples", 1), ("samples", 2)]
    assert all(pixels.shape == (2 * 16, 4 * 16, 3) and pixels.dtype == np.uint8 for _, pixels, _ in sent)
    assert all(torch.equal(plain[name], watched[name]) for name in plain)
    again = fitted("again", every=-1.0, **changes)[1]
    assert all(np.array_equal(one[1], other[1]) for one, other in zip(sent, again, strict=True))


def test_a_sheet_is_drawn_with_the_weights_that_are_kept(fitted):
    """The running mean: where it hardly moves, nor do the pictures, though the weights do."""
    _, still = fitted("still", every=-1.0, ema=1.0)
    moved = [np.abs(one[1].astype(int) - still[0][1]).max() for one in fitted("moving", every=-1.0, ema=0.0)[1]]
    monotone = [np.abs(one[1].astype(int) - still[0][1]).max() for one in still]
    assert max(monotone) < max(moved)


def test_where_nobody_looks_nothing_is_drawn(fitted, monkeypatch):
    """Not even a function that would."""
    monkeypatch.setattr(previews, "_sheet", None)
    assert fitted("alone", every=-1.0, shown=False)[1] == []
