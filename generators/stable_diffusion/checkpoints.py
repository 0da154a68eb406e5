"""Checkpoints of a training, as safetensors: weights, their running mean, the optimizer's moments, the step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save_file
from torch import Tensor

from benchmark import atomic

_NAME = "training.safetensors"


def save(scratch: Path, unet: Any, optimizer: torch.optim.Optimizer, average: dict[str, Tensor], step: int) -> None:
    """Write a checkpoint aside and rename it into place.

    Args:
        scratch: Folder that survives a kill.
        unet: The network.
        optimizer: Its AdamW.
        average: Running mean of the weights.
        step: Steps done.
    """
    tensors = {f"unet/{name}": tensor for name, tensor in unet.state_dict().items()}
    tensors |= {f"average/{name}": tensor for name, tensor in average.items()}
    for number, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer/{number}/{name}": torch.as_tensor(value) for name, value in moments.items()}
    aside = scratch / f"{_NAME}.part"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, aside, {"step": json.dumps(step)})
    with aside.open("rb+") as stream:
        atomic.sync(stream)
    aside.replace(scratch / _NAME)


def restore(scratch: Path, unet: Any, optimizer: torch.optim.Optimizer, average: dict[str, Tensor]) -> int:
    """Load the checkpoint, if there is one, into what is given; return the steps done.

    Args:
        scratch: Folder that survives a kill.
        unet: The network, changed in place.
        optimizer: Its AdamW, changed in place.
        average: Running mean of the weights, changed in place.
    """
    if not (scratch / _NAME).exists():
        return 0
    with safetensors.safe_open(scratch / _NAME, "pt", device=str(unet.device)) as stored:
        step = int(json.loads(stored.metadata()["step"]))
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    unet.load_state_dict(_below("unet/", tensors))
    average.update(_below("average/", tensors))
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in _below("optimizer/", tensors).items():
        number, moment = name.split("/")
        # AdamW counts its steps on the CPU, wherever the moments are.
        state.setdefault(int(number), {})[moment] = tensor.cpu() if moment == "step" else tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return step


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
