"""Reading tensors from files. No pickle is ever loaded."""

from __future__ import annotations

import pickle
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from benchmark.errors import UserError


def read(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a ``.safetensors`` file, or of a PyTorch file that holds nothing else.

    Raises:
        UserError: If it is neither, or damaged.
    """
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load_file(path)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise UserError(
            f"{path} holds more than tensors, and code from a file is not run. Save its state_dict alone, or better as "
            "safetensors."
        ) from None
    except (OSError, RuntimeError, EOFError, ValueError, safetensors.SafetensorError) as error:
        raise UserError(f"{path} cannot be read as weights: {str(error).splitlines()[0]}") from None
    if not isinstance(found, dict) or not all(isinstance(value, Tensor) for value in found.values()):
        raise UserError(f"{path}: expected a dictionary of tensors, as state_dict() returns it.")
    return found


def load(module: nn.Module, tensors: dict[str, Tensor], *, path: Path, unused: tuple[str, ...] = ()) -> None:
    """Put tensors into a network; each parameter gets its own, none keeps its random start.

    Args:
        module: The network.
        tensors: By name.
        path: Where they were read, for messages.
        unused: Names, or their beginnings, that the file may have and the network need not.

    Raises:
        UserError: If the names or shapes do not fit.
    """
    try:
        result = module.load_state_dict(tensors, strict=False, assign=True)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise UserError(f"{path} does not fit this network: {reason}") from None
    surplus = [name for name in result.unexpected_keys if not name.startswith(unused or ("\0",))]
    for what, names in (("lacks", result.missing_keys), ("also has", surplus)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise UserError(f"{path} does not fit this network: it {what} '{names[0]}'{more}.")
