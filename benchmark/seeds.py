"""Seeds derived by hashing named parts, so that no two uses share a stream by accident."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

FIRST_OF_DEVELOPMENT = 100
"""User's seeds from here on are for development: what is tuned on them reports nothing."""

GREATEST = 2**63 - 1
"""Greatest seed of a user's; what a signed 64-bit integer of a record's reader can hold."""


def is_reported(seed: int) -> bool:
    """Tell whether a user's seed may be reported, rather than only developed with."""
    return seed < FIRST_OF_DEVELOPMENT


def kind_of(seed: int) -> Literal["reported", "development"]:
    """Return in a word what a user's seed may be used for."""
    return "reported" if is_reported(seed) else "development"


def derive(seed: int, stage: str, index: int = 0) -> int:
    """Return the seed of one use of randomness.

    Suite and variant are not parts of it: variants share their noise, so that their comparison is paired,
    and suites share their fits.

    Args:
        seed: The user's seed, the one on the command line.
        stage: What the randomness is for, such as ``sample`` or ``fit``.
        index: Which request, shard or repetition of that stage.

    Returns:
        An integer in [0, 2**63).
    """
    text = f"{seed}/{stage}/{index}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def generator(seed: int, stage: str, index: int = 0) -> np.random.Generator:
    """Return a NumPy generator of its own for one use of randomness; see `derive`."""
    # Options and their completion know seeds too, and must not wait for NumPy.
    import numpy as np

    return np.random.default_rng(derive(seed, stage, index))
