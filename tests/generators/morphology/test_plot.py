"""The picture of the indices."""

from __future__ import annotations

import dataclasses
import io

import numpy as np
from PIL import Image

from generators.morphology import plot
from generators.morphology.choosing import Line, Stability


def line(k, **changed):
    stable = Stability(0.8, 0.5, 0.9, (1, 2, 3), 3)
    made = Line(k, 1 / k, 0.0, k / 10, 1 / k, 100, 2 - 1 / k, 1.0, 5, stable)
    return dataclasses.replace(made, **changed)


def drawn(lines):
    return np.asarray(Image.open(io.BytesIO(plot.png(lines, title="t"))).convert("RGB")).astype(int)


def marks(picture):
    """Pixels in the color of the best K."""
    return int((np.abs(picture - [0xB0, 0x31, 0x6B]).sum(axis=2) < 20).sum())


def test_every_index_and_its_best_k_are_drawn():
    """Four marks; one less where an index is defined nowhere."""
    lines = [line(2), line(3), line(5)]
    four, three = marks(drawn(lines)), marks(drawn([dataclasses.replace(one, silhouette=None) for one in lines]))
    assert four > 100
    assert 0.6 < three / four < 0.9


def test_equal_input_gives_equal_bytes():
    """No date and no version of the library's in it."""
    assert plot.png([line(2), line(3)], title="t") == plot.png([line(2), line(3)], title="t")


def test_one_k_and_one_seed_can_be_drawn():
    """Without a line and without stability."""
    assert drawn([line(4, stability=None)]).shape[2] == 3
