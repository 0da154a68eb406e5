"""How fast fine-tuning is beside the plain loop of diffusers' example, on Stable Diffusion v1.5's shape at 512 px.

    PYTHONPATH=. python -m scripts.gpu.training_speed [--batch 8] [--rounds 5] [--steps 5] [--out FILE]

Needs a CUDA device, torch, diffusers, transformers, accelerate, safetensors, NumPy, Pillow and PyYAML; no network and
no weights: they are random, which is as fast. Prints and writes JSON: images a second of both loops, their ratio,
device and versions.
"""

from __future__ import annotations

import argparse
import json
import statistics
import string
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scripts.gpu.plain_training import Settings
from scripts.gpu.training_race import Raced, Recipe, pipelines, race


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--images", type=int, default=128)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true", help="a thousandth of the weights, to try the script out")
    parser.add_argument("--out", type=Path, default=Path("training-speed-gpu.json"))
    options = parser.parse_args()
    torch.set_float32_matmul_precision("high")
    side = 64 if options.small else 512
    pixels = np.random.default_rng(100).integers(0, 256, (options.images, 96, 96, 3), dtype=np.uint8)
    prompts = [f"histology image of tissue, type {row % 33}" for row in range(options.images)]
    settings = Settings(options.batch, "bf16", workers=options.workers)
    recipe = Recipe(
        steps=10**9, batch=options.batch, precision="bf16", tf32=True, channels_last=True, resize="bilinear",
        caption_dropout=0.0,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        place = save(Path(folder), side, small=options.small)
        found = race(
            lambda: pipelines.load(place, device=options.device), pixels, prompts, settings, recipe,
            rounds=options.rounds, steps=options.steps,
        )  # fmt: skip
    text = json.dumps(figures(found, options), indent=1)
    options.out.write_text(text + "\n")
    print(text)


def save(folder: Path, side: int, *, small: bool) -> Path:
    """Write a pipeline of Stable Diffusion v1.5's shape with random weights; return its folder."""
    from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    letters = [*string.ascii_lowercase, *string.digits, ","]
    tokens = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    widths, width = ((32, 64, 64, 64), 64) if small else ((320, 640, 1280, 1280), 768)
    kinds = ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",)
    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        sample_size=side // 8, block_out_channels=widths, cross_attention_dim=width, attention_head_dim=8,
        down_block_types=kinds, up_block_types=tuple(one.replace("Down", "Up") for one in kinds[::-1]),
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(32, 32, 32, 32) if small else (128, 256, 512, 512), layers_per_block=2, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, sample_size=side,
    )  # fmt: skip
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokens), hidden_size=width, intermediate_size=4 * width, num_attention_heads=width // 64 or 1,
        num_hidden_layers=2 if small else 12, bos_token_id=len(tokens) - 2, eos_token_id=len(tokens) - 1,
    ))  # fmt: skip
    pipeline: Any = StableDiffusionPipeline(
        vae=vae, text_encoder=text, unet=unet, scheduler=PNDMScheduler(beta_schedule="scaled_linear", steps_offset=1),
        tokenizer=CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder / "pipeline", safe_serialization=True)
    return folder / "pipeline"


def figures(found: Raced, options: argparse.Namespace) -> dict[str, object]:
    """Return what was measured, and on what."""
    import diffusers

    name = torch.cuda.get_device_name() if options.device == "cuda" else "cpu"
    return {
        "device": name, "torch": torch.__version__, "diffusers": diffusers.__version__, "batch": options.batch,
        "rounds": options.rounds, "steps a round": options.steps, "small": options.small,
        "images a second": {
            "plain": summary(found.plain), "ours": summary(found.ours), "UNet alone": summary(found.bare),
        },
        "ratio": summary(found.ratios()), "ratio of the UNet alone": summary(found.ceilings()),
        "encoding, s an image": round(found.encoding_s / options.images, 4),
    }  # fmt: skip


def summary(values: list[float]) -> dict[str, float]:
    """Return median, least, greatest and number."""
    return {
        "median": round(statistics.median(values), 3), "least": round(min(values), 3),
        "greatest": round(max(values), 3), "n": len(values),
    }  # fmt: skip


if __name__ == "__main__":
    main()
