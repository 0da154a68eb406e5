"""How fast fine-tuning is on the CPU beside the plain loop of diffusers' text-to-image example, on tiny-sd.

    python -m scripts.measure.training_speed [--rounds R] [--steps S] [--batch B]

Both train a tiny-sd of their own on the same images, some steps of one and some of the other in turn, in one process
with the same threads; what ours computes beforehand is counted apart, and in the ratio of whole trainings. Writes
docs/results/training-speed.json. `scripts/gpu/training_speed.py` is the same for a GPU.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from scripts.gpu.plain_training import Settings
from scripts.gpu.training_race import Recipe, pipelines, race
from scripts.measure import report

BASE = Path(__file__).resolve().parents[2] / "generators" / "tiny_sd"
WHOLE = (250, 2000)
"""Steps of the demo's trainings, and of those on real patches."""


def main() -> None:
    """Measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--channels-last", action="store_true")
    options = parser.parse_args()
    pixels = np.random.default_rng(100).integers(0, 256, (options.images, 32, 32, 3), dtype=np.uint8)
    prompts = [f"histology image of {('healthy', 'cancer')[row % 2]} tissue" for row in range(options.images)]
    recipe = Recipe(
        steps=10**9, batch=options.batch, learning_rate=1e-5, caption_dropout=0.0, channels_last=options.channels_last
    )
    found = race(
        lambda: pipelines.load(BASE, device="cpu"), pixels, prompts, Settings(options.batch, "no"), recipe,
        rounds=options.rounds, steps=options.steps,
    )  # fmt: skip
    figures = {
        "batch": options.batch, "steps a round": options.steps, "images": options.images,
        "threads": torch.get_num_threads(), "channels last": options.channels_last,
        "images a second": {
            "plain": report.summary(found.plain, unit="1/s"), "ours": report.summary(found.ours, unit="1/s"),
        },
        "ratio": report.summary(found.ratios(), unit="1"),
        "encoding beforehand, s": round(found.encoding_s, 2),
        "ratio of whole trainings": {str(steps): round(found.ratio_over(steps, options.batch), 3) for steps in WHOLE},
    }  # fmt: skip
    report.write("training-speed", figures)


if __name__ == "__main__":
    main()
