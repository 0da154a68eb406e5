"""Prompt sets on disk."""

from __future__ import annotations

import numpy as np

from benchmark.artifacts import prompt_set
from benchmark.contracts.prompts import PromptSet


def test_prompts_survive_the_disk(tmp_path):
    """Several reasons, clusters and text of any script."""
    found = PromptSet(
        rows=np.array([1, 4]), prompt=np.array([1, 0]), texts=("häm", "b"), labels=np.array([0, 1]),
        clusters=np.array([7, -1]), left_out={"dark": np.array([0, 2]), "balance": np.array([3])},
    )  # fmt: skip
    record = prompt_set.PromptRecord(
        builder="a:B", version=1, params={}, guided_by=(), images=5, kept=2, left_out={}, prompts=()
    )
    prompt_set.write(tmp_path, found, record)
    read = prompt_set.read(tmp_path)
    for name in ("rows", "prompt", "labels", "clusters"):
        assert getattr(read, name).tolist() == getattr(found, name).tolist()
    assert read.texts == found.texts
    assert {reason: rows.tolist() for reason, rows in read.left_out.items()} == {"dark": [0, 2], "balance": [3]}
    assert read.counts().tolist() == [1, 1]
