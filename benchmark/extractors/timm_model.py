"""Any network of timm, its weights in a folder: ImageNet's, or a pathology encoder's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from benchmark.errors import UserError
from benchmark.extractors import checkpoint
from benchmark.extractors.network import Dtype, Ends, Network

Output = Literal["pooled", "class-token", "class-and-patches"]
"""``pooled``: what the network itself returns without a classifier. ``class-token``: its first token.
``class-and-patches``: the class token and the mean of the patch tokens, side by side."""

_FILES = ("model.safetensors", "pytorch_model.bin")


class TimmModel(Network):
    """Features of a timm network. Images are resized, cropped and normalized by timm's own evaluation transform."""

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "A network of timm, its weights in a folder; any architecture by its name."

    def __init__(
        self,
        weights: Path,
        model: str | None = None,
        arguments: dict[str, Any] | None = None,
        output: Output = "pooled",
        mean: tuple[float, float, float] | None = None,
        std: tuple[float, float, float] | None = None,
        dtype: Dtype = "float32",
    ) -> None:
        """Load nothing yet.

        Args:
            weights: Folder with ``model.safetensors`` or ``pytorch_model.bin`` in timm's own names, and
                ``config.json`` where `model` is left out.
            model: Name of the architecture; the folder's ``config.json`` says it where left out.
            arguments: Further keyword arguments of `timm.create_model`.
            output: What is taken as features.
            mean: Mean of each channel in [0, 1] that images are normalized with; the network's own where left out.
            std: Standard deviation likewise.
            dtype: Precision of the network.
        """
        super().__init__(dtype=dtype)
        self._weights = Path(weights)
        self._model = model
        self._arguments = {key: _layer(value) for key, value in (arguments or {}).items()}
        self._output = output
        self._normalization = {key: tuple(value) for key, value in (("mean", mean), ("std", std)) if value is not None}
        self._transform: Callable[[Image.Image], Tensor] | None = None
        self._known_ends: Ends | None = None

    @property
    def width(self) -> int:
        """Return the number of features."""
        features = int(getattr(self.module, "num_features"))  # noqa: B009 - Module's own attributes are tensors to mypy
        return 2 * features if self._output == "class-and-patches" else features

    def _build(self) -> nn.Module:
        import timm

        source = self._source()
        try:
            network: nn.Module = timm.create_model(source, pretrained=False, num_classes=0, **self._arguments)
        except (RuntimeError, TypeError, ValueError, KeyError, OSError, AssertionError) as error:
            raise UserError(f"timm cannot build '{source}': {str(error).splitlines()[0]}") from None
        path = self._file()
        classifier = getattr(network, "pretrained_cfg", {}).get("classifier") or ()
        heads = (classifier,) if isinstance(classifier, str) else tuple(classifier)
        checkpoint.load(network, checkpoint.read(path), path=path, unused=tuple(f"{name}." for name in heads))
        self._transform = self._make_transform(network)
        return network

    def _source(self) -> str:
        """Return what timm builds: the folder's own configuration where there is one, else the named architecture.

        The configuration also says how images are resized and normalized, which the architecture alone does not.
        """
        config = self._weights / "config.json"
        if not config.is_file():
            if self._model is None:
                raise UserError(f"{self._weights}: expected config.json, or the parameter 'model'.")
            return self._model
        try:
            architecture = json.loads(config.read_text(encoding="utf-8"))["architecture"]
        except (ValueError, KeyError, TypeError):
            raise UserError(f"{config} is no configuration of timm: expected JSON with 'architecture'.") from None
        if self._model not in (None, architecture):
            raise UserError(f"{config} is of '{architecture}', 'model' is '{self._model}'. Leave one out.")
        return f"local-dir:{self._weights}"

    def _file(self) -> Path:
        found = [self._weights / name for name in _FILES if (self._weights / name).is_file()]
        if not found:
            raise UserError(f"{self._weights}: expected {' or '.join(_FILES)}.")
        return found[0]

    def _make_transform(self, network: nn.Module) -> Callable[[Image.Image], Tensor]:
        import timm

        data: Any = timm.data
        config = {**data.resolve_model_data_config(network), **self._normalization}
        side = self._arguments.get("img_size")
        if side is not None:  # timm's own configuration still says the side the architecture usually has.
            config["input_size"] = (3, side, side)
        self._known_ends = Ends.of(tuple(config["mean"]), tuple(config["std"]))
        transform: Callable[[Image.Image], Tensor] = data.create_transform(**config, is_training=False)
        return transform

    def _ends(self) -> Ends | None:
        return self._known_ends

    def _prepare(self, images: NDArray[np.uint8]) -> Tensor:
        assert self._transform is not None  # Made with the network, which is built first.
        return torch.stack([self._transform(Image.fromarray(image)) for image in images]).to(self._device)

    def _forward(self, module: nn.Module, inputs: Tensor) -> Tensor:
        if self._output == "pooled":
            features: Tensor = module(inputs)
            return features
        network: Any = module
        tokens: Tensor = network.forward_features(inputs)
        if tokens.ndim != 3 or not getattr(network, "has_class_token", False):
            raise UserError(f"output '{self._output}': this network has no class token. Choose 'pooled'.")
        if self._output == "class-token":
            return tokens[:, 0]
        return torch.cat([tokens[:, 0], tokens[:, network.num_prefix_tokens :].mean(dim=1)], dim=1)


def _layer(value: Any) -> Any:
    """Return the layer a name stands for, anything else as it is."""
    if value == "SwiGLUPacked":
        import timm

        layers: Any = timm.layers
        return layers.SwiGLUPacked
    return nn.SiLU if value == "SiLU" else value
