"""A small vision transformer of the real class with random weights, in place of networks that are fetched."""

from __future__ import annotations

from pathlib import Path

SIDE = 28
"""Side in pixels of what it sees."""


def save_vit(folder: Path, *, seed: int) -> Path:
    """Write network and processor, as the hub has them; return their folder."""
    import torch
    from transformers import ViTConfig, ViTImageProcessor, ViTModel

    config = ViTConfig(
        hidden_size=24, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48, image_size=SIDE, patch_size=7
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        ViTModel(config, add_pooling_layer=False).eval().save_pretrained(folder)
    ViTImageProcessor(
        size={"height": SIDE, "width": SIDE}, resample=3, image_mean=[0.485, 0.456, 0.406],
        image_std=[0.229, 0.224, 0.225],
    ).save_pretrained(folder)  # fmt: skip
    return folder
