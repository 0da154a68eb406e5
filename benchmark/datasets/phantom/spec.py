"""What a phantom dataset is made from."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark import errors
from benchmark.datasets import splits


@dataclass(frozen=True, kw_only=True)
class PhantomSpec:
    """Seed and sizes of a phantom dataset.

    Raises:
        UserError: A count is not a positive even number, a split has no slide or more slides than patches, or the seed
            is out of range.
    """

    seed: int
    """Dataset seed, 0 <= seed < 2**63."""
    train: int
    """Patches in the train split: even, since half of them carry each label."""
    valid: int
    """Patches in the valid split, even."""
    test: int
    """Patches in the test split, even."""
    slides_train: int
    """Slides the train patches come from; no slide is in two splits."""
    slides_valid: int
    """Slides the valid patches come from."""
    slides_test: int
    """Slides the test patches come from."""

    def __post_init__(self) -> None:
        """Refuse sizes that cannot give balanced, slide-disjoint splits."""
        if not 0 <= self.seed < 2**63:
            raise errors.UserError(f"phantom: seed is {self.seed}; expected 0 <= seed < 2**63.")
        for split in splits.SPLITS:
            count, slides = self.count(split), self.slides(split)
            if count < 2 or count % 2:
                raise errors.UserError(
                    f"phantom: {split} is {count}; expected an even number of at least 2, half of each label."
                )
            if slides < 1:
                raise errors.UserError(f"phantom: slides_{split} is {slides}; expected at least 1.")
            if slides > count:
                raise errors.UserError(
                    f"phantom: slides_{split} is {slides}, but {split} has {count} patches; expected at most one slide "
                    "a patch."
                )

    def count(self, split: splits.Split) -> int:
        """Return the number of patches of `split`."""
        return {"train": self.train, "valid": self.valid, "test": self.test}[split]

    def slides(self, split: splits.Split) -> int:
        """Return the number of slides of `split`."""
        return {"train": self.slides_train, "valid": self.slides_valid, "test": self.slides_test}[split]
