"""How fast fine-tuning is on the CPU beside the plain loop of diffusers' text-to-image example, on tiny-sd.

    python -m scripts.measure.training_speed [--rounds R] [--steps S] [--batch B]

Both train a tiny-sd of their own on the same images, some steps of one and of the other in turn, in one process
with the same threads: in float32 and in bfloat16, which pays where the processor computes in it (avx512_bf16, amx),
ours with images laid out by channels and by pixels. In a row both have one precision; besides, the fastest of each
are held against one another. The UNet alone, which no loop can do without, has turns of its own. What ours computes
beforehand is counted apart, and in the ratio of whole trainings.
Writes docs/results/training-speed.json. `scripts/gpu/training_speed.py` is the same for a GPU.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.state import AcceleratorState

from scripts.gpu.plain_training import Settings
from scripts.gpu.training_race import Raced, Recipe, pipelines, race
from scripts.measure import report

BASE = Path(__file__).resolve().parents[2] / "generators" / "tiny_sd"
WHOLE = (250, 2000)
"""Steps of the demo's trainings, and of those on real patches."""


WAYS = {
    "float32": ("no", False), "float32, channels last": ("no", True),
    "bfloat16": ("bf16", False), "bfloat16, channels last": ("bf16", True),
}  # fmt: skip
"""Precision of both, as accelerate names it, and whether ours lays images out by pixels."""
OURS = {"no": "fp32", "bf16": "bf16"}
"""How our recipe names them."""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--images", type=int, default=1500)
    options = parser.parse_args()
    pixels = np.random.default_rng(100).integers(0, 256, (options.images, 32, 32, 3), dtype=np.uint8)
    prompts = [f"histology image of {('healthy', 'cancer')[row % 2]} tissue" for row in range(options.images)]
    raced = {name: _raced(way, pixels, prompts, options) for name, way in WAYS.items()}
    best = {side: max(raced, key=lambda name: _median(getattr(raced[name], side))) for side in ("plain", "ours")}
    figures = {
        "batch": options.batch, "steps a round": options.steps, "images": options.images,
        "threads": torch.get_num_threads(), "processor": torch.backends.cpu.get_cpu_capability(),
        "ways": {name: _figures(found, options.batch) for name, found in raced.items()},
        "fastest": best,
        "ratio of the fastest": round(_median(raced[best["ours"]].ours) / _median(raced[best["plain"]].plain), 3),
    }  # fmt: skip
    report.write("training-speed", figures)


def _raced(way: tuple[str, bool], pixels: Any, prompts: list[str], options: argparse.Namespace) -> Raced:
    precision, channels_last = way
    AcceleratorState._reset_state(reset_partial_state=True)  # It knows one precision a process.
    recipe = Recipe(
        steps=10**9, batch=options.batch, learning_rate=1e-5, caption_dropout=0.0, channels_last=channels_last,
        precision=OURS[precision],
    )  # fmt: skip
    return race(
        lambda: pipelines.load(BASE, device="cpu"), pixels, prompts, Settings(options.batch, precision), recipe,
        rounds=options.rounds, steps=options.steps,
    )  # fmt: skip


def _figures(found: Raced, batch: int) -> dict[str, Any]:
    return {
        "images a second": {
            "plain": report.summary(found.plain, unit="1/s"), "ours": report.summary(found.ours, unit="1/s"),
            "UNet alone": report.summary(found.bare, unit="1/s"),
        },
        "ratio": report.summary(found.ratios(), unit="1"),
        "ratio of the UNet alone": report.summary(found.ceilings(), unit="1"),
        "encoding beforehand, s": round(found.encoding_s, 2),
        "ratio of whole trainings": {str(steps): round(found.ratio_over(steps, batch), 3) for steps in WHOLE},
    }  # fmt: skip


def _median(rates: list[float]) -> float:
    return float(np.median(rates))


if __name__ == "__main__":
    main()
