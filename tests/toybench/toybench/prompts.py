"""Prompt builders, good and bad."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.contracts.prompts import NO_CLUSTER, PromptSet


@dataclass
class ByLabel:
    """Describes each image by its label, and leaves the first ones out."""

    skip: int = 2
    say: str = "a {label} square"

    def build(self, train, context):
        rows = np.arange(self.skip, len(train))
        labels = np.arange(len(train.classes))
        (context.folder / "extra.txt").write_text(f"{len(train)} images, seed {context.seed}")
        return PromptSet(
            rows=rows,
            prompt=train.labels[rows],
            texts=tuple(self.say.format(label=name) for name in train.classes),
            labels=labels,
            clusters=np.full(len(labels), NO_CLUSTER),
            left_out={"first": np.arange(self.skip)},
        )


@dataclass
class Faulty:
    """Breaks one part of what it returns."""

    how: str

    def build(self, train, context):
        found = dict(ByLabel().build(train, context).__dict__)
        wrong = {
            "nothing": {"rows": np.zeros(0, np.int64), "prompt": np.zeros(0, np.int64)},
            "shape": {"prompt": found["prompt"][1:]},
            "dtype": {"labels": found["labels"].astype(np.int32)},
            "order": {"rows": found["rows"][::-1]},
            "forgotten": {"left_out": {}},
            "twice": {"left_out": {"first": np.arange(3)}},
            "range": {"prompt": found["prompt"] + 5},
            "class": {"labels": np.array([0, 2])},
            "cluster": {"clusters": np.array([0, -2])},
            "idle": {"prompt": np.zeros_like(found["prompt"])},
            "same": {"texts": ("a square", "a square")},
            "swapped": {"labels": np.array([1, 0])},
        }
        return None if self.how == "none" else PromptSet(**{**found, **wrong[self.how]})
