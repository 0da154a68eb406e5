"""Says whether a tiny Stable Diffusion may be shipped, by measuring it on textures it has never seen.

    python -m scripts.tiny_sd.quality FOLDER [--json FILE]

Weights made again on another machine differ in their last bits and so in their digest; they may take the place of the
shipped ones where every figure lies within `BANDS`. Exit status 1 where one does not.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from torch import Tensor

from benchmark.extractors.random_network import RandomNetwork
from generators.stable_diffusion import conditioning, sampling
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.sampling import Settings
from scripts.tiny_sd import textures, vae
from tasks.metrics import frechet

SEED = 777
"""Seed of the textures that judge; `make.SEED` is another."""
COUNT = 512
"""Textures that judge."""

BANDS: dict[str, tuple[float, float]] = {
    "vae_psnr_db": (28.5, 100.0),
    "denoising_error": (0.0, 0.53),
    "denoising_error_other_caption_ratio": (1.03, 10.0),
    "fd_random_network_over_floor": (1.0, 30.0),
    "megabytes": (0.0, 6.0),
}
"""Least and greatest value of each figure: those of the shipped weights, with room for another machine's last bits and
order of sums. The error of denoising is far from 0 for any network: many textures hold white noise, which nobody can
tell from the noise that was added."""


def main() -> None:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options.folder)
    outside = judge(found)
    report = {"figures": found, "bands": BANDS, "textures": COUNT, "seed": SEED, "outside": outside}
    print(json.dumps(report, indent=1))
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    sys.exit(1 if outside else 0)


def judge(found: dict[str, float]) -> list[str]:
    """Return the names of the figures that lie outside their band; one that was not measured is not judged."""
    return [name for name, (low, high) in BANDS.items() if name in found and not low <= found[name] <= high]


def measure(folder: Path, *, sampled: bool = True) -> dict[str, float]:
    """Return the figures that `BANDS` judges.

    Args:
        folder: The pipeline's folder.
        sampled: Whether to draw pictures too, which takes longest.
    """
    pipeline = pipelines.load(folder, device="cpu", scheduler="dpm-solver")
    held = textures.draw_textures(seed=SEED, count=COUNT)
    found = {
        "vae_psnr_db": _psnr(held.pixels, vae.decode(pipeline.vae, vae.encode(pipeline.vae, held.pixels))),
        **_denoising(pipeline, held),
        "megabytes": sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6,
    }
    if sampled:
        found["fd_random_network_over_floor"] = _distance(pipeline, held)
    return {name: round(float(value), 4) for name, value in found.items()}


def _psnr(pixels: Any, again: Any) -> float:
    """Return the peak signal-to-noise ratio in dB over all pictures."""
    error = (pixels.astype(np.float64) - again.astype(np.float64)) ** 2
    return float(10.0 * np.log10(255.0**2 / error.mean()))


def _denoising(pipeline: Any, held: textures.Textures) -> dict[str, float]:
    """Return the mean squared error of the velocity, and how much larger it is under another picture's caption."""
    scheduler = DDPMScheduler.from_config(pipeline.scheduler.config)
    clean = vae.encode(pipeline.vae, held.pixels)
    generator = torch.Generator().manual_seed(SEED)
    noise = torch.randn(clean.shape, generator=generator)
    times = torch.randint(scheduler.config.num_train_timesteps, (COUNT,), generator=generator)
    embeddings = conditioning.of(pipeline, list(held.captions)).embeddings

    def error(texts: Tensor) -> float:
        with torch.inference_mode():
            predicted = pipeline.unet(scheduler.add_noise(clean, noise, times), times, texts).sample
        return float((predicted - scheduler.get_velocity(clean, noise, times)).square().mean())

    own = error(embeddings)
    return {"denoising_error": own, "denoising_error_other_caption_ratio": error(embeddings.roll(1, dims=0)) / own}


def _distance(pipeline: Any, held: textures.Textures) -> float:
    """Return the Fréchet distance of drawn pictures to textures, over that between two sets of textures."""
    drawn = []
    null = conditioning.of(pipeline, [""])
    for start in range(0, COUNT, 64):
        texts = conditioning.of(pipeline, held.captions[start : start + 64])
        numbers = np.arange(start, start + len(texts), dtype=np.int64)
        drawn.append(sampling.sample(pipeline, texts, null, numbers, Settings(steps=20, guidance=1.0)))
    other = textures.draw_textures(seed=SEED, start=COUNT, count=COUNT)
    extractor = RandomNetwork()
    real = extractor.embed(held.pixels)
    distance = frechet.frechet_distance(real=real, synthetic=extractor.embed(np.concatenate(drawn)))
    return distance / frechet.frechet_distance(real=real, synthetic=extractor.embed(other.pixels))


if __name__ == "__main__":
    main()
