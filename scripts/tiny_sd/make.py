"""Makes generators/tiny_sd: a Stable Diffusion of a few million weights, pretrained on textures that are not tissue.

    python -m scripts.tiny_sd.make WORK OUT

WORK keeps what is done, so that a stopped run goes on where it was; OUT receives the pipeline's folder. Takes about
an hour on one core. `python -m scripts.tiny_sd.quality OUT` then says whether it may be shipped.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTokenizer

from benchmark.contracts.context import Context
from benchmark.contracts.images import ArraySource, Images
from generators.from_scratch import assembling, networks
from generators.stable_diffusion import fine_tuning
from generators.stable_diffusion.training import Recipe
from scripts.tiny_sd import text_encoder, textures, unet, vae

SEED = 20241
"""Seed of everything here; the textures that judge have another one (`quality.SEED`)."""
COUNT = 30_000
"""Textures learnt from."""


def main() -> None:
    """Make the folder, stage by stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--textures", type=int, default=COUNT)
    parser.add_argument("--vae-steps", type=int, default=3000)
    parser.add_argument("--text-steps", type=int, default=2000)
    parser.add_argument("--unet-steps", type=int, default=5000)
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    drawn = _textures(options.work, options.textures)
    autoencoder = _vae(options.work / "vae", drawn, options.vae_steps)
    encoder, tokenizer = _text(options.work / "text", options.text_steps)
    network = _unet(options.work, drawn, autoencoder, encoder, tokenizer, options.unet_steps)
    assembling.save(
        options.out, vae=autoencoder, text_encoder=encoder, tokenizer=tokenizer, unet=network, dtype=torch.float16
    )


def _textures(work: Path, count: int) -> textures.Textures:
    kept = work / "textures.npz"
    if not kept.exists():
        _say(f"drawing {count} textures")
        drawn = textures.draw_textures(seed=SEED, count=count)
        with _whole(kept) as aside, aside.open("wb") as stream:
            np.savez(stream, pixels=drawn.pixels, captions=np.array(drawn.captions))
    with np.load(kept) as stored:
        return textures.Textures(stored["pixels"], tuple(stored["captions"].tolist()))


def _vae(folder: Path, drawn: textures.Textures, steps: int) -> AutoencoderKL:
    if not folder.exists():
        with networks.seeded(SEED):
            made = vae.build_vae()
        _say(f"training the autoencoder, {steps} steps")
        vae.train_vae(made, drawn.pixels, steps=steps, seed=SEED, progress=_tell)
        vae.standardize(made, drawn.pixels[:4000])
        with _whole(folder) as aside:
            made.save_pretrained(aside, safe_serialization=True)
    return AutoencoderKL.from_pretrained(folder, local_files_only=True, use_safetensors=True)


def _text(folder: Path, steps: int) -> tuple[CLIPTextModel, CLIPTokenizer]:
    if not folder.exists():
        tokenizer = text_encoder.build_tokenizer()
        with networks.seeded(SEED):
            made = text_encoder.build_text_encoder(tokenizer)
            _say(f"training the text encoder, {steps} steps")
            loss = text_encoder.train_text_encoder(made, tokenizer, steps=steps, seed=SEED)
        _say(f"text encoder: loss {loss:.4f}")
        with _whole(folder) as aside:
            tokenizer.save_pretrained(aside / "tokenizer")
            made.save_pretrained(aside / "encoder", safe_serialization=True)
    return (
        CLIPTextModel.from_pretrained(folder / "encoder", local_files_only=True, use_safetensors=True),
        CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True),
    )


def _unet(
    work: Path,
    drawn: textures.Textures,
    autoencoder: AutoencoderKL,
    encoder: CLIPTextModel,
    tokenizer: CLIPTokenizer,
    steps: int,
) -> UNet2DConditionModel:
    """Pretrain the UNet by the very code that fine-tunes one."""
    fitted = work / "unet-fit"
    if not (fitted / "unet").exists():
        with networks.seeded(SEED):
            made = unet.build_unet()
        base, scratch = work / "base", work / "unet-scratch"
        parts = {"vae": autoencoder, "text_encoder": encoder, "tokenizer": tokenizer, "unet": made}
        assembling.save(base, **parts, dtype=torch.float32)
        scratch.mkdir(exist_ok=True)
        # A mirrored texture would no longer have the angle that its caption tells.
        recipe = Recipe(steps=steps, batch=32, learning_rate=1e-3, caption_dropout=0.1, flip=False, ema=0.999)
        _say(f"training the UNet, {steps} steps")
        with _whole(fitted) as aside:
            context = Context(
                seed=SEED,
                device="cpu",
                folder=aside,
                scratch=scratch,
                classes=("texture",),
                progress=_tell,
                log=lambda name, value, step: _say(f"{name} {value:.4f} at {step}") if step % 500 == 0 else None,
                _weights={"base": lambda: base},
            )
            fine_tuning.fine_tune(_images(drawn), list(drawn.captions), recipe, context)
    return UNet2DConditionModel.from_pretrained(fitted / "unet", local_files_only=True, use_safetensors=True)


def _images(drawn: textures.Textures) -> Images:
    rows = np.arange(len(drawn.pixels))
    return Images(
        source=ArraySource(drawn.pixels),
        rows=rows,
        labels=np.zeros_like(rows),
        classes=("texture",),
        slides=None,
        digest="textures",
    )


@contextmanager
def _whole(place: Path) -> Iterator[Path]:
    """Give a place to write to aside, and rename it once that is done: a stop leaves no half."""
    aside = place.with_name(f"{place.name}.part")
    shutil.rmtree(aside, ignore_errors=True)
    yield aside
    aside.rename(place)


def _tell(done: int, total: int, note: str = "") -> None:
    """Say how far the work is, now and then."""
    if done % 500 == 0:
        _say(f"{done} of {total} {note}")


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
