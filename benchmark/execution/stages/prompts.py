"""Let a prompt builder describe training images."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmark.artifacts import prompt_set
from benchmark.artifacts.prompt_set import PromptRecord
from benchmark.contracts.images import Images
from benchmark.contracts.prompts import NO_CLUSTER, PromptSet
from benchmark.execution.desk import Desk, make_builder
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import surroundings
from benchmark.plan.steps import PromptsConfig


def run(desk: Desk) -> None:
    """Write the prompt set, its record, and what else the builder leaves in ``context.folder``."""
    config = cast(PromptsConfig, desk.step.config)
    spec, train = config.builder, desk.dataset().role(config.on)
    found = make_builder(spec).build(train, surroundings.of_prompts(desk, config))
    check(found, train)
    record = PromptRecord(
        builder=spec.target,
        version=spec.version,
        params=spec.params,
        guided_by=tuple(guide.name for guide in spec.guided_by),
        images=len(train),
        kept=len(found.rows),
        left_out={reason: len(rows) for reason, rows in found.left_out.items()},
        prompts=prompt_set.entries(found, train),
    )
    prompt_set.write(desk.out, found, record)


def check(found: PromptSet, train: Images) -> None:
    """Refuse a prompt set that does not fit the images, or does not name what it leaves out.

    Raises:
        ContractFault: If so.
    """
    if not isinstance(found, PromptSet):
        raise ContractFault(f"'build' must return a benchmark.contracts.prompts.PromptSet, not {type(found).__name__}.")
    count, prompts = len(found.rows), len(found.texts)
    sizes = {"prompt": (found.prompt, count), "labels": (found.labels, prompts), "clusters": (found.clusters, prompts)}
    for name, (array, size) in {"rows": (found.rows, count), **sizes}.items():
        if array.shape != (size,) or array.dtype != np.int64:
            raise ContractFault(f"'{name}' of the prompts is {array.dtype} {array.shape}; expected int64 ({size},).")
    if count == 0:
        raise ContractFault("the prompts leave no image to learn from.")
    _check_partition(found, len(train))
    _check_range("prompt", found.prompt, 0, prompts)
    _check_range("labels", found.labels, 0, len(train.classes))
    _check_range("clusters", found.clusters, NO_CLUSTER, np.iinfo(np.int64).max)
    if not found.counts().all():
        raise ContractFault(f"prompt '{found.texts[int(np.argmin(found.counts()))]}' describes no image.")
    if len(set(found.texts)) < prompts:
        raise ContractFault("a prompt stands twice among the distinct ones.")
    wrong = np.flatnonzero(found.labels[found.prompt] != train.labels[found.rows])
    if len(wrong):
        text = found.texts[found.prompt[wrong[0]]]
        raise ContractFault(f"prompt '{text}' names another class than image {found.rows[wrong[0]]} has.")


def _check_partition(found: PromptSet, images: int) -> None:
    """Refuse rows that are not each image once, either learnt from or left out with a reason."""
    if np.any(np.diff(found.rows) <= 0):
        raise ContractFault("'rows' of the prompts must rise, each image once.")
    everything = np.sort(np.concatenate([found.rows, *found.left_out.values()]))
    if not np.array_equal(everything, np.arange(images)):
        raise ContractFault(
            f"the prompts speak of {len(everything)} images, {images} were given: expected each once, in 'rows' or "
            "under a reason in 'left_out'."
        )


def _check_range(name: str, array: NDArray[np.int64], low: int, high: int) -> None:
    if array.min() < low or array.max() >= high:
        raise ContractFault(
            f"'{name}' of the prompts holds {array.min()} to {array.max()}; expected {low} to {high - 1}."
        )
