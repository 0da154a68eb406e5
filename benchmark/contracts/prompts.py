"""The contract of a prompt builder: which training images are learnt from, and what each is described with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images

if TYPE_CHECKING:
    from benchmark.contracts.context import Context

NO_CLUSTER = -1
"""In place of a cluster, where a prompt names none."""


@dataclass(frozen=True)
class PromptSet:
    """The prompts of a training set."""

    rows: NDArray[np.int64]
    """Images that are learnt from, as positions among those that were given, rising, shape (N,)."""
    prompt: NDArray[np.int64]
    """Prompt of each of them, shape (N,), 0 <= prompt < P; every prompt has an image."""
    texts: tuple[str, ...]
    """The P distinct prompts."""
    labels: NDArray[np.int64]
    """Class that each prompt names, shape (P,)."""
    clusters: NDArray[np.int64]
    """Cluster that each prompt names, shape (P,); `NO_CLUSTER` where it names none."""
    left_out: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    """Images that are not learnt from, by reason."""

    def counts(self) -> NDArray[np.int64]:
        """Return how many images each prompt has, shape (P,)."""
        return np.bincount(self.prompt, minlength=len(self.texts)).astype(np.int64)


class PromptBuilder(Protocol):
    """Describes training images. Its parameters are the keyword arguments of its constructor.

    It is a step of its own: variants that name the same builder with the same parameters share what it makes, over all
    seeds of a suite, so that its randomness, if any, comes from a parameter.
    """

    def build(self, train: Images, context: Context) -> PromptSet:
        """Return the prompts of real images; more may be left in ``context.folder``, such as a clustering."""
        ...
