"""Checkpoints of a training, as safetensors: weights, their running mean, the optimizer, the scaler, the step."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save_file
from torch import Tensor

from benchmark import atomic

_NAME = "training.safetensors"


@dataclass
class State:
    """All that a training goes on from. Data order and noise are functions of seed and step, and need no keeping."""

    weights: dict[str, torch.nn.Parameter]
    """What is learnt: the UNet's weights or those of its low-rank change, by name."""
    average: dict[str, Tensor]
    """Their running mean; empty where none is kept."""
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    step: int = 0
    """Steps done."""
    skipped: int = 0
    """How many of the last were skipped in a row, since the gradient overflowed."""


def save(scratch: Path, state: State) -> None:
    """Write a checkpoint aside and rename it into place.

    Args:
        scratch: Folder that survives a kill.
        state: What to keep.
    """
    tensors: dict[str, Tensor] = {f"weights/{name}": weight for name, weight in state.weights.items()}
    tensors |= {f"average/{name}": tensor for name, tensor in state.average.items()}
    plain: dict[str, dict[str, int | float]] = {}
    for number, moments in state.optimizer.state_dict()["state"].items():
        for name, value in moments.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer/{number}/{name}"] = value
            else:
                plain.setdefault(str(number), {})[name] = value
    about = {"step": state.step, "skipped": state.skipped, "scaler": state.scaler.state_dict(), "optimizer": plain}
    aside = scratch / f"{_NAME}.part"
    save_file(_apart(tensors), aside, {"about": json.dumps(about)})
    with aside.open("rb+") as stream:
        atomic.sync(stream)
    aside.replace(scratch / _NAME)


def restore(scratch: Path, state: State) -> None:
    """Load the checkpoint, if there is one, into what is given.

    Args:
        scratch: Folder that survives a kill.
        state: A training at its beginning, changed in place.
    """
    if not (scratch / _NAME).exists():
        return
    device = next(iter(state.weights.values())).device
    with safetensors.safe_open(scratch / _NAME, "pt", device=str(device)) as stored:
        about: dict[str, Any] = json.loads(stored.metadata()["about"])
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    with torch.no_grad():
        for part, kept in (("weights/", state.weights), ("average/", state.average)):
            found = _below(part, tensors)
            for name, tensor in kept.items():
                tensor.copy_(found[name])
    _restore_optimizer(state, _below("optimizer/", tensors), about["optimizer"])
    if about["scaler"]:
        state.scaler.load_state_dict(about["scaler"])
    state.step, state.skipped = about["step"], about["skipped"]


def _restore_optimizer(state: State, tensors: dict[str, Tensor], plain: dict[str, dict[str, int | float]]) -> None:
    weights = [weight for group in state.optimizer.param_groups for weight in group["params"]]
    found: dict[int, dict[str, Any]] = {int(number): dict(values) for number, values in plain.items()}
    for path, tensor in tensors.items():
        number, name = path.split("/")
        weight = weights[int(number)]
        if name == "step":
            # AdamW counts its steps on the CPU, wherever the moments are.
            value = tensor.cpu()
        else:
            # Fused kernels go through weight and moments as they lie in memory, which must be alike.
            value = (
                torch.empty_like(weight, dtype=tensor.dtype).copy_(tensor) if tensor.shape == weight.shape else tensor
            )
        found.setdefault(int(number), {})[name] = value
    settings = state.optimizer.state_dict()["param_groups"]
    state.optimizer.load_state_dict({"state": found, "param_groups": settings})


def _apart(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors as safetensors takes them: contiguous, and none in the memory of another."""
    seen: set[int] = set()
    apart = {}
    for name, tensor in tensors.items():
        kept = tensor.detach().contiguous()
        apart[name] = kept.clone() if kept.data_ptr() in seen else kept
        seen.add(apart[name].data_ptr())
    return apart


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
