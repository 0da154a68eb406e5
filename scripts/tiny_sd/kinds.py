"""The kinds of texture: each draws a field and says in words what it drew."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scripts.tiny_sd import fields


class Drawing(NamedTuple):
    """A field and the words that describe it."""

    field: fields.Field
    """Values in [0, 1], shape (CANVAS, CANVAS)."""
    noun: str
    """What is seen, such as ``stripes``."""
    measure: str
    """What the number measures, such as ``angle``."""
    number: int
    """A whole number from 0 to 999."""


def stripes(rng: np.random.Generator) -> Drawing:
    """Draw parallel stripes, hard or soft."""
    degrees = int(rng.integers(0, 180))
    position = fields.ramp(angle=np.deg2rad(degrees)) + fields.wobble(rng, amplitude=rng.choice([0, 20]))
    wave = np.sin(2 * np.pi * (position / rng.uniform(5, 24) + rng.random()))
    return Drawing(fields.step(wave, softness=rng.uniform(0.4, 2.0)), "stripes", "angle", degrees)


def checks(rng: np.random.Generator) -> Drawing:
    """Draw a checkerboard, turned by any angle."""
    size, angle = int(rng.integers(4, 20)), rng.uniform(0, np.pi / 2)
    one, other = (np.sin(np.pi * (fields.ramp(angle=a) / size + rng.random())) for a in (angle, angle + np.pi / 2))
    return Drawing(fields.step(one * other, softness=0.4), "checks", "size", size)


def bricks(rng: np.random.Generator) -> Drawing:
    """Draw courses of bricks with mortar between them; each brick has a shade of its own."""
    height = int(rng.integers(6, 18))
    width, shift = height * rng.uniform(1.4, 3.0), rng.random()
    rows = fields.ramp(angle=np.pi / 2) / height + shift
    columns = fields.ramp(angle=0.0) / width + 0.5 * (np.floor(rows) % 2) + rng.random()
    shade = rng.random((32, 32))[np.floor(rows).astype(int) % 32, np.floor(columns).astype(int) % 32]
    edge = np.minimum(height / 2 - np.abs(rows % 1 - 0.5) * height, width / 2 - np.abs(columns % 1 - 0.5) * width)
    return Drawing((0.35 + 0.65 * shade) * fields.step(edge - 1.0, softness=1.5), "bricks", "size", height)


def dots(rng: np.random.Generator) -> Drawing:
    """Draw round or stretched dots of one shade or many."""
    count = int(rng.integers(8, 260))
    points = fields.scatter(rng, count=count, evenness=rng.random())
    near, _, which = fields.nearest(points, stretch=rng.uniform(1, 2.2), angle=rng.uniform(0, np.pi))
    mean = rng.uniform(0.25, 0.5) * 80 / np.sqrt(count)
    radius = mean * np.exp(rng.normal(0, 0.3, count))
    shade = rng.uniform(rng.uniform(0.3, 1.0), 1.0, count)
    disc = fields.step(radius[which] - near, softness=rng.uniform(1, 3))
    return Drawing(disc * shade[which], "dots", "count", count)


def rings(rng: np.random.Generator) -> Drawing:
    """Draw many small rings."""
    count = int(rng.integers(6, 80))
    near, _, which = fields.nearest(fields.scatter(rng, count=count, evenness=rng.random()))
    radius = (rng.uniform(0.3, 0.5) * 80 / np.sqrt(count) * np.exp(rng.normal(0, 0.25, count)))[which]
    width = radius * rng.uniform(0.25, 0.6)
    rim = fields.step(width / 2 - np.abs(near - radius + width / 2), softness=1.5)
    inside = rng.uniform(0, 0.6) * (near < radius - width / 2)
    return Drawing(np.maximum(rim, inside), "rings", "count", count)


def cells(rng: np.random.Generator) -> Drawing:
    """Draw Voronoi cells, each of one shade, with or without walls."""
    count = int(rng.integers(6, 180))
    near, second, which = fields.nearest(fields.scatter(rng, count=count, evenness=rng.random()))
    shade = rng.uniform(rng.uniform(0, 0.9), 1.0, count)[which]
    wall = fields.step(second - near - rng.uniform(0, 4), softness=2.0)
    return Drawing(shade * wall, "cells", "count", count)


def pebbles(rng: np.random.Generator) -> Drawing:
    """Draw packed round stones, light in the middle."""
    count = int(rng.integers(10, 220))
    points = fields.scatter(rng, count=count, evenness=rng.random())
    near, second, _ = fields.nearest(points, stretch=rng.uniform(1, 2), angle=rng.uniform(0, np.pi))
    return Drawing(1 - (near / (second + 1e-6)) ** rng.uniform(0.7, 3), "pebbles", "count", count)


def blobs(rng: np.random.Generator) -> Drawing:
    """Draw islands: smooth noise cut at a level."""
    share = int(rng.integers(15, 86))
    smooth = fields.noise(rng, low=0.01, high=np.exp(rng.uniform(np.log(0.03), np.log(0.25))))
    level = np.quantile(smooth, 1 - share / 100)
    return Drawing(fields.step(smooth - level, softness=rng.uniform(0.04, 0.4)), "blobs", "share", share)


def clouds(rng: np.random.Generator) -> Drawing:
    """Draw fractal noise."""
    percent = int(rng.integers(0, 101))
    return Drawing(fields.clouds(rng, roughness=percent / 100), "clouds", "roughness", percent)


def grain(rng: np.random.Generator) -> Drawing:
    """Draw noise of one size."""
    size = int(rng.integers(3, 13))
    return Drawing(fields.noise(rng, low=0.25 / size, high=1.0 / size), "grain", "size", size)


def fibers(rng: np.random.Generator) -> Drawing:
    """Draw noise stretched along one direction."""
    degrees = int(rng.integers(0, 180))
    field = fields.noise(
        rng,
        low=0.02,
        high=rng.uniform(0.08, 0.35),
        stretch=rng.uniform(2.5, 8),
        angle=np.deg2rad(degrees),
    )
    return Drawing(field, "fibers", "angle", degrees)


def marble(rng: np.random.Generator) -> Drawing:
    """Draw veins: waves bent by fractal noise."""
    degrees = int(rng.integers(0, 180))
    bent = fields.ramp(angle=np.deg2rad(degrees)) / rng.uniform(8, 30) + rng.uniform(0.5, 3) * fields.clouds(
        rng, roughness=rng.uniform(0, 0.6)
    )
    return Drawing(np.abs(np.sin(np.pi * bent)) ** rng.uniform(0.4, 2), "marble", "angle", degrees)


def waves(rng: np.random.Generator) -> Drawing:
    """Draw circular waves around one point."""
    length = int(rng.integers(5, 30))
    far = fields.distance_to(row=rng.uniform(-20, 84), column=rng.uniform(-20, 84))
    wave = np.sin(2 * np.pi * far / length + rng.uniform(0, 2 * np.pi))
    return Drawing(fields.step(wave, softness=rng.uniform(0.4, 2.0)), "waves", "length", length)


def gradient(rng: np.random.Generator) -> Drawing:
    """Draw one even change from side to side."""
    degrees = int(rng.integers(0, 360))
    return Drawing(fields.spread(fields.ramp(angle=np.deg2rad(degrees))), "gradient", "angle", degrees)


KINDS: tuple[Callable[[np.random.Generator], Drawing], ...] = (
    stripes,
    checks,
    bricks,
    dots,
    rings,
    cells,
    pebbles,
    blobs,
    clouds,
    grain,
    fibers,
    marble,
    waves,
    gradient,
)
"""Every kind, in the order their shares are listed."""

SHARES: tuple[float, ...] = (6, 3, 4, 18, 6, 12, 10, 10, 6, 7, 8, 5, 3, 2)
"""How often each kind is drawn, in percent. Small scattered shapes come most: they are hardest to reproduce."""


def draw(rng: np.random.Generator) -> Drawing:
    """Draw a field of a kind chosen by `SHARES`."""
    chosen = int(rng.choice(len(KINDS), p=np.array(SHARES) / sum(SHARES)))
    return KINDS[chosen](rng)
