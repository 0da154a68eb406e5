"""What extractors that are neural networks have in common."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.contracts.extractor import check_images
from benchmark.errors import UserError

Dtype = Literal["float32", "bfloat16"]
"""Precision the network computes in. Features are float32 either way."""

_AT_ONCE = {"cpu": 8, "cuda": 128}
"""Images that go through the network at once: what keeps a processor busy without filling its caches."""
_PROBE = 32
"""Side in pixels of the black and the white image that are tried first."""


class Ends(NamedTuple):
    """What a network must be fed for a black and for a white image, a number a channel."""

    black: tuple[float, ...]
    white: tuple[float, ...]

    @classmethod
    def of(cls, mean: tuple[float, ...], std: tuple[float, ...]) -> Ends:
        """Return the ends of pixels scaled to [0, 1] once and normalized by mean and deviation."""
        low, high = (tuple((end - m) / s for m, s in zip(mean, std, strict=True)) for end in (0, 1))
        return cls(low, high)


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
        self._check_ends()
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

    def _ends(self) -> Ends | None:
        """Return what a black and a white image must become; None where nothing says so."""
        return None

    def _check_ends(self) -> None:
        """Refuse a preparation that scales pixels twice or never: features would be nearly those of a gray image.

        Images are uint8 (`check_images`), so two of them show what becomes of every value.

        Raises:
            UserError: With what the network would be fed.
        """
        ends = self._ends()
        if ends is None:
            return
        probe = np.zeros((2, _PROBE, _PROBE, 3), np.uint8)
        probe[1] = 255
        inputs = self._prepare(probe)
        # The middle, since a preparation may add a border.
        fed = inputs[:, :, inputs.shape[2] // 2, inputs.shape[3] // 2].float().cpu().numpy()
        if not np.allclose(fed, ends, rtol=0, atol=1e-2):
            raise UserError(
                f"{type(self).__name__}: black and white pixels would reach the network as {_told(fed[0])} and "
                f"{_told(fed[1])}, expected {_told(ends.black)} and {_told(ends.white)}: they are scaled twice, or "
                "never. Mend the network's own configuration (preprocessor_config.json: rescale_factor 1/255, "
                "do_rescale true)."
            )

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


def _told(values: Iterable[float]) -> str:
    return "(" + ", ".join(f"{value:.3g}" for value in values) + ")"


def to_tensor(images: NDArray[np.uint8], device: str) -> Tensor:
    """Return uint8 images of shape (B, H, W, 3) as a uint8 tensor of shape (B, 3, H, W), channels last in memory."""
    return torch.from_numpy(np.ascontiguousarray(images)).to(device).permute(0, 3, 1, 2)
