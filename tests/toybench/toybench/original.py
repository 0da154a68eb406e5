"""The toy pipeline's weights in one file, in the layout of the original Stable Diffusion code."""

from __future__ import annotations

import re
from pathlib import Path

_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
_UNET = [
    (r"^conv_in\.", "input_blocks.0.0."), (r"^time_embedding\.linear_1\.", "time_embed.0."),
    (r"^time_embedding\.linear_2\.", "time_embed.2."), (r"^conv_norm_out\.", "out.0."), (r"^conv_out\.", "out.2."),
    (r"^down_blocks\.0\.resnets\.0\.", "input_blocks.1.0."), (r"^down_blocks\.0\.downsamplers\.0\.conv\.", "input_blocks.2.0.op."),
    (r"^down_blocks\.1\.resnets\.0\.", "input_blocks.3.0."), (r"^down_blocks\.1\.attentions\.0\.", "input_blocks.3.1."),
    (r"^mid_block\.resnets\.0\.", "middle_block.0."), (r"^mid_block\.attentions\.0\.", "middle_block.1."),
    (r"^mid_block\.resnets\.1\.", "middle_block.2."),
    (r"^up_blocks\.0\.resnets\.(\d)\.", r"output_blocks.\1.0."), (r"^up_blocks\.0\.attentions\.(\d)\.", r"output_blocks.\1.1."),
    (r"^up_blocks\.0\.upsamplers\.0\.", "output_blocks.1.2."),
    (r"^up_blocks\.1\.resnets\.0\.", "output_blocks.2.0."), (r"^up_blocks\.1\.resnets\.1\.", "output_blocks.3.0."),
]  # fmt: skip
_VAE = [
    (r"encoder\.down_blocks\.(\d)\.resnets\.(\d)\.", r"encoder.down.\1.block.\2."),
    (r"encoder\.down_blocks\.(\d)\.downsamplers\.0\.", r"encoder.down.\1.downsample."),
    (r"mid_block\.resnets\.0\.", "mid.block_1."), (r"mid_block\.resnets\.1\.", "mid.block_2."),
    (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"), (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
    (r"mid_block\.attentions\.0\.to_([qkv])", r"mid.attn_1.\1"),
    (r"decoder\.up_blocks\.0\.", "decoder.up.1."), (r"decoder\.up_blocks\.1\.", "decoder.up.0."),
    (r"(up\.\d)\.resnets\.(\d)\.", r"\1.block.\2."), (r"upsamplers\.0\.", "upsample."),
    (r"conv_norm_out", "norm_out"), (r"conv_shortcut", "nin_shortcut"),
]  # fmt: skip


def save(pipeline: Path, file: Path) -> Path:
    """Write the weights of a pipeline folder of `pipeline.save` into one file; return it."""
    from safetensors.torch import load_file, save_file

    unet = load_file(pipeline / "unet" / "diffusion_pytorch_model.safetensors")
    vae = load_file(pipeline / "vae" / "diffusion_pytorch_model.safetensors")
    text = load_file(pipeline / "text_encoder" / "model.safetensors")
    found = {f"model.diffusion_model.{_renamed(name, _UNET)}": tensor for name, tensor in unet.items()}
    for name, tensor in vae.items():
        key = _renamed(name, _VAE)
        is_projection = re.search(r"attn_1\.(q|k|v|proj_out)\.weight", key)
        found[f"first_stage_model.{key}"] = tensor[:, :, None, None].contiguous() if is_projection else tensor
    found |= {
        f"cond_stage_model.transformer.{name if name.startswith('text_model.') else f'text_model.{name}'}": tensor
        for name, tensor in text.items()
    }
    save_file(found, file)
    return file


def _renamed(name: str, rules: list[tuple[str, str]]) -> str:
    for before, after in rules:
        name = re.sub(before, after, name)
    if re.match(r"(input_blocks|output_blocks|middle_block)", name):
        head, part, end = re.match(
            r"(.*?)\.?(norm1|conv1|time_emb_proj|norm2|conv2|conv_shortcut)?\.(weight|bias)$", name
        ).groups()
        return f"{head}.{_RESNET[part]}.{end}" if part and "transformer_blocks" not in head else name
    return name
