"""The learning rate over a training run."""

from __future__ import annotations

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

_WARM_UP = 0.03
_LAST = 0.02


def warm_up_then_cosine(optimizer: Optimizer, steps: int) -> LambdaLR:
    """Return a schedule that rises for the first 3 percent of the steps and falls along a cosine to 2 percent.

    Args:
        optimizer: Its learning rate is the highest one.
        steps: Length of the run, at least 1.
    """

    def share(step: int) -> float:
        done = step / steps
        rising = min(1.0, (step + 1) / (_WARM_UP * steps + 1))
        return rising * (_LAST + (1.0 - _LAST) * 0.5 * (1.0 + math.cos(math.pi * min(done, 1.0))))

    return LambdaLR(optimizer, share)
