"""What extractors that are neural networks have in common."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.errors import UserError

Dtype = Literal["float32", "bfloat16"]
"""Precision the network computes in. Features are float32 either way."""

_AT_ONCE = {"cpu": 8, "cuda": 128}
"""Images that go through the network at once: what keeps a processor busy without filling its caches."""


class Network(ABC):
    """A frozen network. It is built by `prepare`, or when it is first used; its files are not looked at again."""

    def __init__(self, *, dtype: Dtype) -> None:
        """Build nothing yet.

        Args:
            dtype: Precision of weights and activations.
        """
        self.dtype = dtype
        self._device = "cpu"
        self._module: nn.Module | None = None
        self._exact: nn.Module | None = None

    def to(self, device: str) -> None:
        """Move to ``cpu`` or ``cuda``."""
        self._device = device
        for module in (self._module, self._exact):
            if module is not None:
                module.to(device)

    def prepare(self) -> None:
        """Read the weights and build the network, unless that is done."""
        if self._module is not None:
            return
        module = self._build().eval().requires_grad_(False).to(memory_format=torch.channels_last)
        if self.dtype == "bfloat16":
            # Of the same tensors, so that drift is that of the precision and of nothing else.
            self._exact = module.to(device=self._device)
            module = copy.deepcopy(module).to(dtype=torch.bfloat16)
        self._module = module.to(device=self._device)

    def in_float32(self) -> Network | None:
        """Return the same network in float32, by which its drift is measured; None where it is that already."""
        if self.dtype == "float32":
            return None
        self.prepare()
        exact = copy.copy(self)
        exact.dtype, exact._module, exact._exact = "float32", self._exact, None
        return exact

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return features of uint8 RGB images of shape (B, S, S, 3): float32, shape (B, D).

        Raises:
            UserError: If the images are anything else; a network that is fed another range returns nonsense in silence.
        """
        check_images(images)
        if not len(images):
            return np.empty((0, self.width), np.float32)
        module = self.module
        step = _AT_ONCE[self._device]
        with torch.inference_mode(), full_float32():
            parts = [self._features(module, images[start : start + step]) for start in range(0, len(images), step)]
        return np.concatenate(parts)

    @property
    def module(self) -> nn.Module:
        """Return the network, in evaluation mode, in its precision, on its device."""
        self.prepare()
        assert self._module is not None
        return self._module

    @property
    @abstractmethod
    def width(self) -> int:
        """Return the number of features, D."""

    @abstractmethod
    def _build(self) -> nn.Module:
        """Return the network in float32 on the processor, its weights loaded."""

    @abstractmethod
    def _prepare(self, images: NDArray[np.uint8]) -> Tensor:
        """Return images as the network wants them: float32, shape (B, 3, H, W), on the device."""

    def _forward(self, module: nn.Module, inputs: Tensor) -> Tensor:
        """Return features, shape (B, D)."""
        features: Tensor = module(inputs)
        return features

    @property
    def _torch_dtype(self) -> torch.dtype:
        return torch.bfloat16 if self.dtype == "bfloat16" else torch.float32

    def _features(self, module: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        inputs = self._prepare(images).to(dtype=self._torch_dtype, memory_format=torch.channels_last)
        features: NDArray[np.float32] = self._forward(module, inputs).float().cpu().numpy()
        return features


@contextmanager
def full_float32() -> Iterator[None]:
    """Keep a GPU from computing float32 in fewer digits (TF32), whatever was set before."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.set_float32_matmul_precision(before)


def check_images(images: NDArray[np.uint8]) -> None:
    """Refuse what is not uint8 RGB of shape (B, H, W, 3).

    Raises:
        UserError: With what was found.
    """
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3:
        raise UserError(
            "An extractor takes images as uint8 RGB of shape (B, H, W, 3), "
            f"found {images.dtype} of shape {images.shape}."
        )


def to_tensor(images: NDArray[np.uint8], device: str) -> Tensor:
    """Return uint8 images of shape (B, H, W, 3) as a uint8 tensor of shape (B, 3, H, W), channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2)
