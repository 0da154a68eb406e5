"""How fast images are sampled beside a plain call of diffusers' own pipeline, and how far half precision drifts.

    python -m scripts.measure.sampling_speed [--images N] [--repeats R] [--base FOLDER] [--steps S] [--guidance G]

Both take the same pipeline folder, prompts, noise, sampler and steps in one process, in alternating order, with the
same threads: the plain call with prompts as text and images as arrays; ours as `OffTheShelf` samples. Each in float32
and in bfloat16, which pays where the processor computes in it (avx512_bf16, amx), at several batches, of which its
fastest counts. Images are held against those of the plain call in float32.
Writes docs/results/sampling-speed.json.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from numpy.typing import NDArray

from generators import prompts
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import sampling, schedulers
from generators.stable_diffusion.painter import Painter
from generators.stable_diffusion.sampling import Settings
from scripts.measure import report

BASE = Path(__file__).resolve().parents[2] / "generators" / "tiny_sd"
SCHEDULER = "dpm-solver"
BATCHES = (16, 50, 100)
TEXTS = [prompts.baseline("healthy"), prompts.baseline("cancer")]

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
KINDS = ("plain, fp32", "plain, bf16", "ours, fp32", "ours, bf16")

Images = NDArray[np.uint8]


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--base", type=Path, default=BASE)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--guidance", type=float, default=1.5)
    options = parser.parse_args()
    settings = Settings(options.steps, options.guidance)
    painters = {
        dtype: Painter(pipelines.load(options.base, device="cpu", scheduler=SCHEDULER, dtype=dtype), settings)
        for dtype in DTYPES
    }
    plain = {name: plain_pipeline(options.base, dtype) for name, dtype in DTYPES.items()}
    ways: dict[str, Callable[[], Images]] = {
        f"{name}, batches of {batch}": partial(in_batches, draw, options.images, batch)
        for batch in BATCHES
        for name, draw in {
            **{f"plain, {dtype}": partial(plainly, pipeline, settings) for dtype, pipeline in plain.items()},
            **{f"ours, {dtype}": painter.paint for dtype, painter in painters.items()},
        }.items()
    }
    for way in ways.values():
        way()
    taken, found = timed(ways, options.repeats)
    report.write("sampling-speed", figures(options, taken, found))


def plain_pipeline(base: Path, dtype: torch.dtype) -> Any:
    """Return the pipeline as diffusers loads it in a precision, with the sampler that ours has."""
    pipeline = StableDiffusionPipeline.from_pretrained(
        base, safety_checker=None, requires_safety_checker=False, dtype=dtype
    )
    pipeline.scheduler = schedulers.named(SCHEDULER, pipeline.scheduler)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def plainly(pipeline: Any, settings: Settings, texts: list[str], seeds: NDArray[np.int64]) -> Images:
    """Return what the pipeline's own call makes of prompts as text, from the noise that ours starts from."""
    side, channels = int(pipeline.unet.config.sample_size), int(pipeline.unet.config.in_channels)
    images = pipeline(
        texts,
        latents=sampling.noise(seeds, (channels, side, side)).to(pipeline.unet.dtype),
        num_inference_steps=settings.steps,
        guidance_scale=settings.guidance,
        output_type="np",
    ).images
    return np.asarray((images * 255).round(), np.uint8)


def in_batches(draw: Callable[[list[str], NDArray[np.int64]], Images], count: int, batch: int) -> Images:
    """Return the first `count` images, labels in turn."""
    seeds = np.arange(count)
    return np.concatenate(
        [
            draw([TEXTS[seed % 2] for seed in seeds[start : start + batch]], seeds[start : start + batch])
            for start in range(0, count, batch)
        ]
    )


def timed(ways: dict[str, Callable[[], Images]], repeats: int) -> tuple[dict[str, list[float]], dict[str, Images]]:
    """Time every way in turn, and all again; return the images of the last round too."""
    taken: dict[str, list[float]] = defaultdict(list)
    found = {}
    for _ in range(repeats):
        for name, way in ways.items():
            begun = time.perf_counter()
            found[name] = way()
            taken[name].append(time.perf_counter() - begun)
    return taken, found


def figures(options: argparse.Namespace, taken: dict[str, list[float]], found: dict[str, Images]) -> dict[str, object]:
    """Return throughputs; ratios to the plain call's best batch, by round; and how far images are apart."""
    best = {kind: min(of_kind(taken, kind), key=lambda name: np.median(taken[name])) for kind in KINDS}
    fastest = {
        side: min((best[kind] for kind in KINDS if kind.startswith(side)), key=lambda name: np.median(taken[name]))
        for side in ("plain", "ours")
    }
    return {
        "images": options.images, "steps": options.steps, "guidance": options.guidance, "scheduler": SCHEDULER,
        "threads": torch.get_num_threads(), "processor": torch.backends.cpu.get_cpu_capability(),
        "images a second": {
            name: report.summary([options.images / one for one in times], unit="1/s") for name, times in taken.items()
        },
        "best batch": best,
        "times faster than the plain call in the same precision": {
            dtype: report.summary(ratios(taken[best[f"plain, {dtype}"]], taken[best[f"ours, {dtype}"]]), unit="1")
            for dtype in DTYPES
        },
        "fastest": fastest,
        "times faster than the plain call, each at its fastest": report.summary(
            ratios(taken[fastest["plain"]], taken[fastest["ours"]]), unit="1"
        ),
        "gray levels apart from the plain call's in float32": {
            kind: apart(found[best["plain, fp32"]], found[best[kind]]) for kind in KINDS[1:]
        },
    }  # fmt: skip


def ratios(slow: list[float], fast: list[float]) -> list[float]:
    """Return how many times faster it was, round by round."""
    return [one / other for one, other in zip(slow, fast, strict=True)]


def of_kind(taken: dict[str, list[float]], kind: str) -> list[str]:
    """Return the ways of a kind, one a batch."""
    return [name for name in taken if name.startswith(f"{kind}, batches")]


def apart(one: Images, other: Images) -> dict[str, float]:
    """Return the greatest and the mean difference of two sets of images."""
    distance = np.abs(one.astype(int) - other)
    return {"greatest": int(distance.max()), "mean": round(float(distance.mean()), 3)}


if __name__ == "__main__":
    main()
