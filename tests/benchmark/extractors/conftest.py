"""Fixtures for the tests of extractors: small networks of the real classes, their weights made here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from benchmark.extractors import inception

Draw = Callable[[nn.Module], nn.Module]


@pytest.fixture(autouse=True)
def _empty_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights of this machine's user are found, and none of theirs are written."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Give every parameter and buffer of a network a value of its own, of a size that keeps activations near 1."""

    def drawn(network: nn.Module) -> nn.Module:
        generator = torch.Generator().manual_seed(7)
        with torch.no_grad():
            for name, tensor in sorted(network.state_dict().items()):
                if not tensor.is_floating_point():
                    continue
                noise = torch.randn(tensor.shape, generator=generator)
                if tensor.ndim > 1:
                    tensor.copy_(noise * (2 / tensor[0].numel()) ** 0.5)
                elif name.endswith(("running_var", "weight")):
                    tensor.copy_(1 + noise.abs() / 4)
                else:
                    tensor.copy_(noise / 10)
        return network

    return drawn


@pytest.fixture(scope="session")
def inception_weights(draw: Draw, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with random weights in the names of the FID Inception file, the classifier among them."""
    folder = tmp_path_factory.mktemp("inception")
    torch.save(draw(inception.Trunk("logits_unbiased")).state_dict(), folder / "random.pth")
    return folder


@pytest.fixture(scope="session")
def tissue() -> Callable[[int, int], NDArray[np.uint8]]:
    """Smooth blots with edges and noise, of any size: what resizers disagree on."""

    def made(count: int, side: int) -> NDArray[np.uint8]:
        random = np.random.default_rng(3)
        rows, columns = np.meshgrid(np.arange(side), np.arange(side), indexing="ij")
        images = np.empty((count, side, side, 3), np.uint8)
        for image in images:
            centre, scale = random.uniform(0, side, (2, 3)), random.uniform(2, side / 4, 3)
            waves = np.sin((rows[..., None] - centre[0]) / scale) * np.cos((columns[..., None] - centre[1]) / scale)
            image[:] = np.clip(150 + 80 * np.sign(waves) + random.normal(0, 20, (side, side, 3)), 0, 255)
        return images

    return made
