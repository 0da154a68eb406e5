"""Any pretrained Stable Diffusion, asked with prompts of the user's own: entries only, no code."""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any

from benchmark.contracts.context import Context
from benchmark.contracts.generator import Requests
from benchmark.errors import UserError, nearest
from generators import prompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf


@dataclass
class AnyPipeline(OffTheShelf):
    """A pipeline off the shelf, with what its entry puts on top of it.

    Weights ``base``: a pipeline folder, or a repository of the hub that holds one. Weights ``checkpoint``, where
    declared: one file in the original layout, in place of the base's weights. Weights ``lora``, where declared: one
    file, on top.
    """

    template: str = prompts.BASELINE
    """Prompt of every label; ``{label}`` stands for its name in lower case."""
    templates: dict[str, str | list[str]] = field(default_factory=dict)
    """Prompts of labels that have their own; of several, each is asked for equally often."""
    lora_scale: float = 1.0
    """How much of the LoRA is put on top."""

    def prompts(self, requests: Requests, context: Context) -> list[str]:
        """Return the prompt of each request; those of a label in turn."""
        choices = self._choices(requests.classes)
        pairs = zip(requests.labels, requests.ranks, strict=True)
        return [choices[label][rank % len(choices[label])] for label, rank in pairs]

    def additions(self, context: Context) -> dict[str, Any]:
        """Return what the entry puts on top."""
        from generators.stable_diffusion.additions import Lora

        declared = {name: context.weights(name) for name in ("checkpoint", "lora") if context.has_weights(name)}
        if "lora" in declared:
            return {**declared, "lora": Lora(declared["lora"], self.lora_scale)}
        return declared

    def _choices(self, classes: tuple[str, ...]) -> list[list[str]]:
        """Return the prompts of each class.

        Raises:
            UserError: If there are prompts for a class that there is not, none for one, or one has another placeholder.
        """
        for name in self.templates:
            if name not in classes:
                raise UserError(f"params, 'templates': there is no class '{name}'. {nearest(name, classes)}")
        given = [self.templates.get(name, self.template) for name in classes]
        lists = [[one] if isinstance(one, str) else one for one in given]
        if empty := next((name for name, found in zip(classes, lists, strict=True) if not found), None):
            raise UserError(f"params, 'templates': class '{empty}' has no prompt.")
        return [[_filled(one, name) for one in found] for found, name in zip(lists, classes, strict=True)]


def _filled(template: str, label: str) -> str:
    try:
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise UserError(f"The prompt template '{template}' is not valid: {error}.") from None
    if fields - {"label"}:
        raise UserError(
            f"The prompt template '{template}' has the placeholder '{{{min(fields - {'label'})}}}'. Known: {{label}}."
        )
    return template.format(label=label.lower())
