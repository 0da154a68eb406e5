"""The figures that judge a pipeline, by known truths and by hand, on few textures."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput

from generators.stable_diffusion import conditioning
from generators.stable_diffusion import pipeline as pipelines
from scripts.tiny_sd import quality, textures, vae

GOOD = {name: (low + high) / 2 for name, (low, high) in quality.BANDS.items()}


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    """A dozen textures in place of 512."""
    monkeypatch.setattr(quality, "COUNT", 12)


def test_what_lies_in_its_band_is_good():
    """The ends of a band belong to it."""
    assert quality.judge(GOOD) == []
    for end in (0, 1):
        assert quality.judge({name: band[end] for name, band in quality.BANDS.items()}) == []


@pytest.mark.parametrize("name", quality.BANDS)
def test_what_lies_outside_is_named(name):
    """Below, above, or no number at all."""
    low, high = quality.BANDS[name]
    for value in (low - 0.001, high + 0.001, float("nan")):
        assert quality.judge(GOOD | {name: value}) == [name]


def test_what_was_not_measured_is_not_judged():
    """The cheap figures can be judged by themselves."""
    cheap = {name: value for name, value in GOOD.items() if name != "fd_random_network_over_floor"}
    assert quality.judge(cheap) == []
    assert quality.judge(cheap | {"megabytes": 7.0}) == ["megabytes"]


def test_noise_ratio_in_decibels():
    """One level off everywhere is 48.13 dB; ten times as much, 20 dB less."""
    pixels = np.full((2, 4, 4, 3), 100, np.uint8)
    assert quality._psnr(pixels, pixels + 1) == pytest.approx(48.1308, abs=1e-4)
    assert quality._psnr(pixels, pixels - 10) == pytest.approx(28.1308, abs=1e-4)


def test_the_cheap_figures_are_those_of_the_folder(folder):
    """Size and round trip by hand; no picture is drawn."""
    found = quality.measure(folder, sampled=False)
    assert found.keys() == quality.BANDS.keys() - {"fd_random_network_over_floor"}
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert found["megabytes"] == pytest.approx(size / 1e6, abs=1e-4)
    assert found["vae_psnr_db"] < 20
    assert found["denoising_error"] > 0.5


def test_judging_textures_are_of_the_judges_seed(folder, monkeypatch):
    """The first of its stream, and for the floor the next as many."""
    asked = []
    draw = textures.draw_textures

    def watched(**options):
        asked.append(options)
        return draw(**options)

    monkeypatch.setattr(quality.textures, "draw_textures", watched)
    found = quality.measure(folder)
    assert asked == [{"seed": 777, "count": 12}, {"seed": 777, "start": 12, "count": 12}]
    assert found.keys() == quality.BANDS.keys()
    # Pictures of an untrained pipeline are further off than textures are from each other.
    assert found["fd_random_network_over_floor"] > 1


def knowing(pipeline, held, error):
    """What a UNet says that knows the answer under a picture's own text but for a known error; thrice under another."""
    clean = vae.encode(pipeline.vae, held.pixels)
    own = conditioning.of(pipeline, list(held.captions)).embeddings
    alphas = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2, dim=0)

    def say(noisy, times, texts):
        alpha = alphas[times].view(-1, 1, 1, 1)
        noise = (noisy - alpha.sqrt() * clean) / (1 - alpha).sqrt()
        wrong = (texts - own).abs().amax(dim=(1, 2)) > 1e-6
        off = torch.where(wrong, 3 * error, error).view(-1, 1, 1, 1)
        return UNet2DConditionOutput(sample=alpha.sqrt() * noise - (1 - alpha).sqrt() * clean + off)

    return say


def test_the_denoising_error_is_that_of_the_velocity(folder):
    """One that is 0.1 off everywhere has an error of 0.01; under others' captions, of nine times as much."""
    pipeline = pipelines.load(folder, device="cpu")
    held = textures.draw_textures(seed=quality.SEED, count=12)
    assert len(set(held.captions)) == 12
    pipeline.unet.forward = knowing(pipeline, held, torch.tensor(0.1))
    found = quality._denoising(pipeline, held)
    assert found["denoising_error"] == pytest.approx(0.01, rel=0.02)
    assert found["denoising_error_other_caption_ratio"] == pytest.approx(9, rel=0.02)


def test_figures_are_the_same_again(folder):
    """Whatever torch's global state."""
    with torch.random.fork_rng():
        found = []
        for seed in (1, 2):
            torch.manual_seed(seed)
            found.append(quality.measure(folder, sampled=False))
    assert found[0] == found[1]


@pytest.mark.parametrize("good", [True, False])
def test_the_command_prints_writes_and_says_by_its_status(folder, tmp_path, monkeypatch, capsys, good):
    """0 where all lies in the bands, 1 where one does not, with what was found and what is asked for."""
    figures = GOOD if good else GOOD | {"vae_psnr_db": 12.0}
    monkeypatch.setattr(quality, "measure", lambda folder: figures)
    monkeypatch.setattr("sys.argv", ["quality", str(folder), "--json", str(tmp_path / "report.json")])
    with pytest.raises(SystemExit) as left:
        quality.main()
    assert left.value.code == (0 if good else 1)
    report = json.loads((tmp_path / "report.json").read_text())
    assert json.loads(capsys.readouterr().out) == report
    assert report["outside"] == ([] if good else ["vae_psnr_db"])
    assert report["figures"] == figures
    assert report["bands"]["megabytes"] == [0.0, 6.0]
    assert (report["textures"], report["seed"]) == (12, 777)
