"""The contract of a prompt builder."""

from __future__ import annotations

import numpy as np

from benchmark.contracts.prompts import NO_CLUSTER, PromptSet


def test_images_of_each_prompt_are_counted():
    """By hand; a prompt without images counts 0, where there is one."""
    found = PromptSet(
        rows=np.array([0, 2, 5]), prompt=np.array([2, 0, 2]), texts=("a", "b", "c"), labels=np.array([0, 1, 1]),
        clusters=np.full(3, NO_CLUSTER),
    )  # fmt: skip
    assert found.counts().tolist() == [1, 0, 2]
    assert found.counts().dtype == np.int64
    assert found.left_out == {}
