"""Reading ahead: every image once, in order, while the batch before is worked on."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.execution import prefetch

PATIENCE = 20.0
"""Seconds after which what should have happened is taken to never happen; a test that passes does not wait."""


class Gated(ArraySource):
    """Pairs of images, each pair read only once it is let through; notes in which thread."""

    def __init__(self, pixels):
        super().__init__(pixels)
        self.begun, self.let_through, self.done = (
            [threading.Event() for _ in range(len(pixels) // 2)] for _ in range(3)
        )
        self.threads = []

    def read(self, rows):
        self.threads.append(threading.current_thread().name)
        pair = int(rows[0]) // 2
        self.begun[pair].set()
        assert self.let_through[pair].wait(PATIENCE), f"pair {pair} was never let through"
        found = super().read(rows)
        self.done[pair].set()
        return found


class Clock:
    """Stands where the time module would be; it goes on only when it is told to."""

    def __init__(self):
        self.seconds, self.asked = 0.0, threading.Event()

    def perf_counter(self):
        self.asked.set()
        return self.seconds


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
    """In another thread: the next pair is begun, and read to its end, while the one before is still held."""
    given = images(8, Gated)
    source = given.source
    source.let_through[0].set()
    for start, _ in prefetch.batches(given, 2, prefetch.Waiting()):
        following = start // 2 + 1
        if following < 4:
            assert source.begun[following].wait(PATIENCE)
            assert not source.done[following].is_set()
            source.let_through[following].set()
            assert source.done[following].wait(PATIENCE)
    assert len(source.threads) == 4
    assert all(name.startswith("read") for name in source.threads)


def test_only_standing_still_counts_as_waiting(monkeypatch):
    """Seven seconds for the first pair, for which nothing could be done meanwhile; none of those of work."""
    clock, given, waiting = Clock(), images(8, Gated), prefetch.Waiting()
    monkeypatch.setattr(prefetch, "time", clock)
    source = given.source

    def read_the_first():
        assert clock.asked.wait(PATIENCE)
        clock.seconds += 7.0
        source.let_through[0].set()

    helper = threading.Thread(target=read_the_first)
    helper.start()
    for start, _ in prefetch.batches(given, 2, waiting):
        clock.seconds += 100.0
        following = start // 2 + 1
        if following < 4:
            source.let_through[following].set()
            assert source.done[following].wait(PATIENCE)
    helper.join()
    assert waiting.seconds == 7.0


def test_what_fails_in_reading_fails_in_the_work():
    """At the batch it belongs to, not before."""
    found = prefetch.batches(images(4, Broken), 2, prefetch.Waiting())
    assert next(found)[0] == 0
    with pytest.raises(OSError, match="a damaged file"):
        next(found)
