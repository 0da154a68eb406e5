"""A sheet of pictures: real patches, the same through the autoencoder, and samples of each variant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmark import seeds
from benchmark.protocol import pixels
from generators.from_scratch import autoencoder
from generators.from_scratch.latent_diffusion import LatentDiffusion
from generators.stable_diffusion import latents
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.painter import Painter
from generators.stable_diffusion.sampling import Settings
from scripts.gpu.packed import Pack

COLUMNS = 12


def write(path: Path, pack: Pack, made: Mapping[str, tuple[Path, LatentDiffusion]], device: str) -> None:
    """Write the sheet.

    Lines, for each class: real patches, their round trips, and for each variant samples of the prompts of these very
    patches, all variants from the same noise.

    Args:
        path: A PNG file.
        pack: The training images.
        made: By variant, the folder of its pipeline, and its generator.
        device: Where to sample.
    """
    lines: list[NDArray[np.uint8]] = []
    first = next(iter(made.values()))[0]
    vae = autoencoder.load(first / autoencoder.FOLDER, device)
    columns = min(COLUMNS, *np.bincount(pack.images.labels))
    for label in range(len(pack.images.classes)):
        rows = np.flatnonzero(pack.images.labels == label)[:columns]
        read = pack.images.take(rows, digest=pack.images.digest).read(0, columns)
        real = pixels.resize(read, int(vae.config.sample_size), "lanczos")
        lines += [real, latents.round_trip(vae, real)]
        lines += [_samples(folder, one, pack, name, rows, device) for name, (folder, one) in made.items()]
    Image.fromarray(np.concatenate([np.concatenate(list(line), axis=1) for line in lines], axis=0)).save(path)


def _samples(
    folder: Path, generator: LatentDiffusion, pack: Pack, name: str, rows: NDArray[np.int64], device: str
) -> NDArray[np.uint8]:
    pipeline = pipelines.load(folder, device=device, scheduler=generator.scheduler)
    painter = Painter(pipeline, Settings(generator.sampling_steps, generator.guidance, generator.guidance_rescale))
    prompts = pack.prompts(name)
    noise = np.array([seeds.derive(seeds.FIRST_OF_DEVELOPMENT, "sheet", int(row)) for row in range(len(rows))])
    return painter.paint([prompts[row] for row in rows], noise)
