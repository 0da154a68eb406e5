"""Stable Diffusion with its UNet fine-tuned on prompts that name the morphology: the study's proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Requests
from benchmark.contracts.images import Images
from benchmark.contracts.prompts import PromptSet
from benchmark.errors import UserError
from generators import prompts
from generators.morphology import frequencies
from generators.stable_diffusion.label_prompts import LabelPrompts


@dataclass
class MorphologyPrompts(LabelPrompts):
    """Fine-tunes as the baseline does, on the prompts that the entry's builder made, and samples by them."""

    per_prompt: Literal["frequency", "equal"] = "frequency"
    """How often each prompt of a label is asked for: as training has it, or all equally often as the study does."""

    def training_prompts(self, train: Images, context: Context) -> list[str]:
        """Return the prompt of each training image that is learnt from."""
        found = _required(context)
        return [found.texts[prompt] for prompt in found.prompt]

    def prompts(self, requests: Requests, context: Context) -> list[str]:
        """Return the prompt of each request: its label, and a cluster by the training frequency or in turn."""
        found = _required(context)
        choose = frequencies.deal if self.per_prompt == "equal" else frequencies.draw
        drawn = choose(requests, frequencies.of(found, classes=len(requests.classes)))
        return [
            prompts.enriched(requests.classes[label], int(cluster))
            for label, cluster in zip(requests.labels, drawn, strict=True)
        ]


def _required(context: Context) -> PromptSet:
    found = context.prompts
    if found is None or (found.clusters < 0).any():
        raise UserError(
            "Morphology prompts need a builder that names a cluster in each prompt: give the entry 'prompts: {builder: "
            "generators.morphology.builder:MorphologyPrompts, guided_by: [EXTRACTOR]}'."
        )
    return found
