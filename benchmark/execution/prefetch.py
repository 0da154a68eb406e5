"""Reading the next batch of images while the last one is worked on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.images import Images


@dataclass
class Waiting:
    """How long work stood still for want of data."""

    seconds: float = 0.0


def batches(images: Images, size: int, waiting: Waiting) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield images in order, each batch read in a thread of its own while the batch before is worked on.

    Decoding and resizing release Python's lock, so that one thread is enough; two batches are held at most.

    Args:
        images: What to read.
        size: Images a batch, at most.
        waiting: Adds up the seconds for which a batch was not there yet; the first one, for which nothing could be
            done meanwhile, included.

    Yields:
        The position of the batch's first image, and the batch, shape (B, S, S, 3).
    """
    starts = range(0, len(images), size)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read") as reader:
        following = reader.submit(images.read, 0, min(size, len(images)))
        for start in starts:
            began = time.perf_counter()
            batch = following.result()
            waiting.seconds += time.perf_counter() - began
            after = start + size
            if after < len(images):
                following = reader.submit(images.read, after, min(after + size, len(images)))
            yield start, batch
