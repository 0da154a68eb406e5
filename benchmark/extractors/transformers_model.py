"""Any vision network that transformers loads from a folder: DINO, DINOv2, CLIP, Phikon and the like."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmark.errors import UserError
from benchmark.extractors.network import Dtype, Ends, Network

Output = Literal["class-token", "mean-of-patches", "image-embedding"]
"""``class-token``: the first of the last hidden states, after the final norm. ``mean-of-patches``: the mean of the
others, register tokens aside. ``image-embedding``: CLIP's projection, as it is, not normalized."""


_CLASS_TOKEN_FIRST = ("vit", "deit", "beit", "dinov2", "dinov2_with_registers", "dinov3_vit")
"""Kinds of model whose last hidden states begin with a class token, after the final norm."""
_CLIP = ("clip_vision_model", "clip")
"""Kinds whose class token is normalized in the pooled output alone."""


class TransformersModel(Network):
    """Features of a vision transformer. Images are resized and normalized by the model's own image processor."""

    version: ClassVar[int] = 1
    summary: ClassVar[str] = "A vision transformer that transformers loads from a folder."

    def __init__(self, weights: Path, output: Output = "class-token", dtype: Dtype = "float32") -> None:
        """Load nothing yet.

        Args:
            weights: Folder with ``config.json``, ``preprocessor_config.json`` and the tensors.
            output: What is taken as features.
            dtype: Precision of the network.
        """
        super().__init__(dtype=dtype)
        self._weights = Path(weights)
        self._output = output
        self._processor: Any = None

    @property
    def width(self) -> int:
        """Return the number of features."""
        config: Any = self.module.config
        return int(config.projection_dim if self._output == "image-embedding" else config.hidden_size)

    def _build(self) -> nn.Module:
        import transformers

        _hush()
        embeds = self._output == "image-embedding"
        processors: Any = transformers.AutoImageProcessor
        loader: Any = transformers.CLIPVisionModelWithProjection if embeds else transformers.AutoModel
        try:
            self._processor = processors.from_pretrained(self._weights, local_files_only=True, trust_remote_code=False)
            model, loaded = loader.from_pretrained(
                self._weights,
                local_files_only=True,
                trust_remote_code=False,
                output_loading_info=True,
                dtype=torch.float32,
            )
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(f"transformers cannot load the network in {self._weights}: {reason}") from None
        self._check(loaded["missing_keys"])
        # A model of text and images keeps its two halves apart; images go through the one.
        network: nn.Module = model if embeds else getattr(model, "vision_model", model)
        kind = str(getattr(network.config, "model_type", "unknown"))
        if not embeds and kind not in (*_CLASS_TOKEN_FIRST, *_CLIP):
            raise UserError(
                f"{self._weights}: a model of type '{kind}' is not known to have a class token. Known: "
                f"{', '.join((*_CLASS_TOKEN_FIRST, *_CLIP))}. Write an extractor of your own for it."
            )
        return network

    def _check(self, missing: list[str]) -> None:
        """Refuse weights that leave parameters as they were drawn; a pooler is not used, and many files lack it."""
        lost = sorted(name for name in missing if "pooler" not in name)
        if lost:
            raise UserError(
                f"{self._weights}: the file lacks '{lost[0]}' and {len(lost) - 1} more; features of random weights are "
                "not computed under a trained network's name."
            )

    def _ends(self) -> Ends:
        if getattr(self._processor, "do_normalize", True):
            return Ends.of(tuple(self._processor.image_mean), tuple(self._processor.image_std))
        return Ends((0.0,) * 3, (1.0,) * 3)

    def _prepare(self, images: NDArray[np.uint8]) -> Tensor:
        # uint8 in: the processor scales it once. Floats in [0, 1] would be scaled twice, to near nothing, as in the
        # study's release under its pinned transformers; `_check_ends` shows that it does not happen here.
        inputs: Tensor = self._processor(images=list(images), return_tensors="pt")["pixel_values"]
        return inputs.to(self._device)

    def _forward(self, module: nn.Module, inputs: Tensor) -> Tensor:
        found: Any = module(pixel_values=inputs)
        if self._output == "image-embedding":
            embedding: Tensor = found.image_embeds
            return embedding
        tokens: Tensor = found.last_hidden_state
        if self._output == "class-token":
            config: Any = module.config
            pooled: Tensor = found.pooler_output if config.model_type in _CLIP else tokens[:, 0]
            return pooled
        registers = int(getattr(module.config, "num_register_tokens", 0) or 0)
        return tokens[:, 1 + registers :].mean(dim=1)


def _hush() -> None:
    """Keep the library's own words off the terminal: `bench` shows its own progress, and judges what weights lack."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity(logging.CRITICAL)
