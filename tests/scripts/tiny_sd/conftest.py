"""Parts of the small Stable Diffusion, untrained, and textures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from generators.from_scratch import assembling, networks
from scripts.tiny_sd import text_encoder, textures, unet, vae


@pytest.fixture(scope="session")
def drawn() -> textures.Textures:
    """Two dozen textures."""
    return textures.draw_textures(seed=3, count=24)


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """The tokenizer, which is made, not trained."""
    return text_encoder.build_tokenizer()


@pytest.fixture
def parts(tokenizer: Any) -> dict[str, Any]:
    """All parts with weights of a fixed seed, untrained."""
    with networks.seeded(4):
        return {
            "vae": vae.build_vae().eval(),
            "text_encoder": text_encoder.build_text_encoder(tokenizer).eval(),
            "tokenizer": tokenizer,
            "unet": unet.build_unet().eval(),
        }


@pytest.fixture
def folder(parts: dict[str, Any], tmp_path: Path) -> Path:
    """The untrained parts as a pipeline in half precision."""
    place = tmp_path / "untrained"
    assembling.save(place, **parts, dtype=torch.float16)
    return place
