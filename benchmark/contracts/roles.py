"""The parts that images play in a suite. Roles are named, never positional."""

from __future__ import annotations

from typing import Literal, get_args

RealRole = Literal["train", "holdout", "reference", "floor", "test"]
"""Real images: generator training; hold-out from the same slides, never fitted on; what metrics compare with;
the sample whose metrics are the floor; the test set of trained classifiers."""

Role = Literal["synthetic", "train", "holdout", "reference", "floor", "test"]
"""A real role, or the images a variant made."""

REAL_ROLES: tuple[RealRole, ...] = get_args(RealRole)
"""All real roles."""

Shares = Literal["training", "equal"] | dict[str, int]
"""How many synthetic images of each class are asked for: by the training frequency, equally many, or in proportion to
numbers by class, such as those of a set of images that is there already."""
