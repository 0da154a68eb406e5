"""Reading ahead: every image once, in order, while the batch before is worked on."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.execution import prefetch


class Slow(ArraySource):
    """Takes a while to read, and notes in which thread."""

    threads: list[str] = []

    def read(self, rows):
        type(self).threads.append(threading.current_thread().name)
        time.sleep(0.05)
        return super().read(rows)


class Broken(ArraySource):
    """Fails at the third image."""

    def read(self, rows):
        if 2 in rows:
            raise OSError("a damaged file")
        return super().read(rows)


def images(count, source=ArraySource):
    """Images whose pixels are their position."""
    pixels = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 3), np.uint8)
    return Images(source(pixels), np.arange(count), np.zeros(count, np.int64), ("a",), None, "")


@pytest.mark.parametrize(("count", "sizes"), [(7, [3, 3, 1]), (6, [3, 3]), (2, [2]), (0, [])])
def test_every_image_comes_once_and_in_order(count, sizes):
    """With the position of each batch's first."""
    found = list(prefetch.batches(images(count), 3, prefetch.Waiting()))
    assert [len(batch) for _, batch in found] == sizes
    assert [start for start, _ in found] == [3 * position for position in range(len(sizes))]
    assert [int(image[0, 0, 0]) for _, batch in found for image in batch] == list(range(count))


def test_reading_goes_on_while_a_batch_is_worked_on():
    """In another thread: work as long as reading leaves only the first batch to wait for."""
    waiting, Slow.threads = prefetch.Waiting(), []
    for _ in prefetch.batches(images(8, Slow), 2, waiting):
        time.sleep(0.1)
    assert 0.04 < waiting.seconds < 0.15
    assert all(name.startswith("read") for name in Slow.threads)


def test_what_fails_in_reading_fails_in_the_work():
    """At the batch it belongs to, not before."""
    found = prefetch.batches(images(4, Broken), 2, prefetch.Waiting())
    assert next(found)[0] == 0
    with pytest.raises(OSError, match="a damaged file"):
        next(found)
