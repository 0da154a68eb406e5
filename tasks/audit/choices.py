"""The grid: `clean` with one choice changed at a time, and the paper's protocol as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from benchmark.contracts.task import Root
from benchmark.protocol import named
from benchmark.protocol.operations import Path, Resize, Store
from benchmark.protocol.pixels import Filter

JPEG, PNG = Store(codec="jpeg-75"), Store(codec="png")
"""Codecs that are tried: Pillow's default JPEG, and one that loses nothing."""
MADE_BY: Filter = "bilinear"
"""How real images are brought to a generator's size: as the released code brings its training images to 512 px."""


CLEAN, FLOOR = "clean", "floor"
"""Names of the lines that others are held against."""


@dataclass(frozen=True)
class Choice:
    """One line of a table."""

    name: str
    """What is changed."""
    real: Path
    """What is done to the one side."""
    synthetic: Path
    """What is done to the other."""
    against: str | None
    """Name of an earlier line that it is held against; None where it is the first, or a floor."""
    root: Root = "exact"
    halved: bool = False
    """Whether only half of the reference images are used."""


def of_two_sets(side: int) -> Iterator[Choice]:
    """Yield the choices between real and synthetic images, each held against `clean`, which comes first.

    Args:
        side: The common side in pixels.
    """
    common = Resize(resize=side)
    clean, coded = (common,), (JPEG, common)
    yield Choice(CLEAN, clean, clean, None)
    for name in _filters():
        other = Resize(resize=side, filter=name)
        yield Choice(f"filter {name}, both", (other,), (other,), CLEAN)
    yield Choice("no common size", (), (), CLEAN)
    yield Choice("JPEG 75 before the size, synthetic", clean, coded, CLEAN)
    yield Choice("JPEG 75 before the size, real", coded, clean, CLEAN)
    yield Choice("JPEG 75 before the size, both", coded, coded, CLEAN)
    yield Choice("JPEG 75 after the size, synthetic", clean, (common, JPEG), CLEAN)
    yield Choice("JPEG 75 after the size, both", (common, JPEG), (common, JPEG), CLEAN)
    yield Choice("PNG, synthetic", clean, (PNG, common), CLEAN)
    yield from _without_pixels(clean, clean)
    real, synthetic, root = _paper()
    yield Choice("paper as a whole", real, synthetic, CLEAN, root)


def of_halves(side: int, *, real_side: int, made_side: int) -> Iterator[Choice]:
    """Yield the choices between two halves of the real images, of which the second is treated as a generator's.

    Its images are those of a perfect generator that makes images of `made_side` pixels. Each choice is held against a
    floor: both halves treated as it treats real images. Only what touches no pixel is held against `clean`.

    Args:
        side: The common side in pixels.
        real_side: Side of the real images.
        made_side: Side of the synthetic images.
    """
    common = Resize(resize=side)
    clean, coded = (common,), (JPEG, common)
    made: Path = () if made_side == real_side else (Resize(resize=made_side, filter=MADE_BY),)
    yield _floor(FLOOR, clean)
    yield Choice(CLEAN, clean, (*made, common), FLOOR)
    for name in _filters():
        yield Choice(f"filter {name}, synthetic", clean, (*made, Resize(resize=side, filter=name)), FLOOR)
    yield Choice("JPEG 75 before the size, synthetic", clean, (*made, JPEG, common), FLOOR)
    yield Choice("JPEG 75 after the size, synthetic", clean, (*made, common, JPEG), FLOOR)
    yield Choice("PNG, synthetic", clean, (*made, PNG, common), FLOOR)
    yield from _without_pixels(clean, (*made, common))
    yield (floor := _floor("floor: JPEG 75 before the size", coded))
    yield Choice("JPEG 75 before the size, real", coded, (*made, common), floor.name)
    yield Choice("JPEG 75 before the size, both", coded, (*made, JPEG, common), floor.name)
    yield (floor := _floor("floor: JPEG 75 after the size", (common, JPEG)))
    yield Choice("JPEG 75 after the size, both", (common, JPEG), (*made, common, JPEG), floor.name)
    yield (floor := _floor("floor: no common size", ()))
    yield Choice("no common size", (), made, floor.name)
    real, synthetic, root = _paper()
    yield (floor := _floor("floor: paper", real, root))
    yield Choice("paper as a whole", real, (*made, *synthetic), floor.name, root)


def reduced(path: Path, side: int) -> Path:
    """Return a path without the resizes that change nothing.

    Args:
        path: The operations.
        side: Side of the images it begins with.
    """
    kept: list[Resize | Store] = []
    for operation in path:
        if isinstance(operation, Resize):
            if operation.resize == side:
                continue
            side = operation.resize
        kept.append(operation)
    return tuple(kept)


def _floor(name: str, path: Path, root: Root = "exact") -> Choice:
    return Choice(name, path, path, None, root)


def _without_pixels(real: Path, synthetic: Path) -> Iterator[Choice]:
    yield Choice("root stopped early", real, synthetic, CLEAN, root="newton-schulz")
    yield Choice("half of the reference", real, synthetic, CLEAN, halved=True)


def _paper() -> tuple[Path, Path, Root]:
    paper = named.everything()["paper"].protocol
    assert paper.real is not None
    assert paper.synthetic is not None
    return paper.real, paper.synthetic, paper.root


def _filters() -> list[Filter]:
    return [name for name in get_args(Filter) if name != Resize(resize=1).filter]
