"""The Inception network behind the FID of the literature.

Layers, names and the resizing of TensorFlow 1 are torch-fidelity's (a port of the graph of 2015-12-05), of which
features are equal to a relative 1e-5 in float32. Unlike it, no pickle is loaded, batch normalization is folded into the
convolutions before it, and images stay channels last in memory, which is what makes it faster.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch_fidelity import feature_extractor_inceptionv3 as port
from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x

from benchmark.errors import UserError
from benchmark.extractors import checkpoint
from benchmark.extractors.network import Dtype, Ends, Network, to_tensor

SIDE = 299
"""Side in pixels that the network sees."""

Layer = Literal["64", "192", "768", "2048", "logits_unbiased"]
"""Where features are taken, by torch-fidelity's names; all but the last are averaged over places."""

_SUFFIXES = (".pth", ".pt", ".safetensors")
_WIDTHS = {"64": 64, "192": 192, "768": 768, "2048": 2048, "logits_unbiased": 1008}


class InceptionV3(Network):
    """Features of the Inception network of FID; pool3 (``2048``) unless another layer is asked for."""

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "The Inception network of FID, given its weights; layers and resizing of torch-fidelity."

    def __init__(self, weights: Path, layer: Layer = "2048", dtype: Dtype = "float32") -> None:
        """Load nothing yet.

        Args:
            weights: Folder with one file, the weights in torch-fidelity's names.
            layer: Where features are taken; ``logits_unbiased`` for the Inception score.
            dtype: Precision of the network.
        """
        super().__init__(dtype=dtype)
        self._weights = weights
        self._layer = layer

    @property
    def width(self) -> int:
        """Return the number of features."""
        return _WIDTHS[self._layer]

    def _build(self) -> nn.Module:
        found = sorted(file for file in Path(self._weights).iterdir() if file.suffix in _SUFFIXES)
        if len(found) != 1:
            names = ", ".join(file.name for file in found) or "none"
            raise UserError(f"{self._weights}: expected one file of weights ({', '.join(_SUFFIXES)}), found {names}.")
        (path,) = found
        with torch.device("meta"):  # Weights that are replaced at once need not be drawn.
            network = Trunk(self._layer)
        checkpoint.load(network, checkpoint.read(path), path=path, unused=("fc.", *network.dropped))
        return fold(network)

    def _ends(self) -> Ends:
        # TensorFlow's graph divides by 128, so that white is not quite 1.
        return Ends((-1.0,) * 3, (127 / 128,) * 3)

    def _prepare(self, images: NDArray[np.uint8]) -> Tensor:
        pixels = (to_tensor(images, self._device).float() - 128) / 128
        height, width = images.shape[1:3]
        return resizing(height).to(self._device) @ (pixels @ resizing(width).to(self._device).T)


@functools.lru_cache(maxsize=8)
def resizing(side: int) -> Tensor:
    """Return the resizing of TensorFlow 1 along one side, as a matrix.

    It is linear and goes along rows and columns apart, so torch-fidelity's function of the identity says all of it; two
    products take a fifth of that function's time.

    Args:
        side: Side in pixels of the images.

    Returns:
        float32, shape (299, side).
    """
    identity = torch.eye(side)[None, None]
    matrix: Tensor = interpolate_bilinear_2d_like_tensorflow1x(identity, size=(SIDE, side), align_corners=False)[0, 0]
    return matrix


class Trunk(nn.Module):
    """The network's layers in order, up to the one that is asked for. Built of torch-fidelity's blocks, none loaded."""

    def __init__(self, layer: Layer) -> None:
        """Build the layers with random weights."""
        super().__init__()
        blocks = _blocks()
        names = list(blocks)
        last = {"64": "MaxPool_1", "192": "MaxPool_2", "768": "Mixed_6e"}.get(layer, "Mixed_7c")
        kept = names[: names.index(last) + 1]
        for name in kept:
            self.add_module(name, blocks[name])
        self.names = tuple(kept)
        self.dropped = tuple(f"{name}." for name in names if name not in kept)
        """Beginnings of the names of layers that come later."""
        self.fc = nn.Linear(2048, 1008) if layer == "logits_unbiased" else None

    def forward(self, images: Tensor) -> Tensor:
        """Return features, shape (B, D), of images in [-1, 1], shape (B, 3, 299, 299)."""
        for name in self.names:
            images = self.get_submodule(name)(images)
        features = images.mean(dim=(2, 3))
        # Without the bias: what torch-fidelity calls logits_unbiased, and the Inception score is defined on.
        return features if self.fc is None else features @ self.fc.weight.T


def fold(network: nn.Module) -> nn.Module:
    """Return the network with each batch normalization folded into the convolution before it; in place."""
    for module in network.modules():
        if isinstance(module, port.BasicConv2d):
            module.conv = fuse_conv_bn_eval(module.conv.eval(), module.bn.eval())
            module.bn = nn.Identity()
    return network


def _blocks() -> dict[str, nn.Module]:
    """Return the layers in the order in which images go through them."""
    conv = port.BasicConv2d
    return {
        "Conv2d_1a_3x3": conv(3, 32, kernel_size=3, stride=2),
        "Conv2d_2a_3x3": conv(32, 32, kernel_size=3),
        "Conv2d_2b_3x3": conv(32, 64, kernel_size=3, padding=1),
        "MaxPool_1": nn.MaxPool2d(kernel_size=3, stride=2),
        "Conv2d_3b_1x1": conv(64, 80, kernel_size=1),
        "Conv2d_4a_3x3": conv(80, 192, kernel_size=3),
        "MaxPool_2": nn.MaxPool2d(kernel_size=3, stride=2),
        "Mixed_5b": port.InceptionA(192, pool_features=32),
        "Mixed_5c": port.InceptionA(256, pool_features=64),
        "Mixed_5d": port.InceptionA(288, pool_features=64),
        "Mixed_6a": port.InceptionB(288),
        "Mixed_6b": port.InceptionC(768, channels_7x7=128),
        "Mixed_6c": port.InceptionC(768, channels_7x7=160),
        "Mixed_6d": port.InceptionC(768, channels_7x7=160),
        "Mixed_6e": port.InceptionC(768, channels_7x7=192),
        "Mixed_7a": port.InceptionD(768),
        "Mixed_7b": port.InceptionE_1(1280),
        "Mixed_7c": port.InceptionE_2(2048),
    }
