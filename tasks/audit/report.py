"""Two sets of images under the grid of choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmark import digests
from benchmark.contracts.extractor import Extractor
from benchmark.contracts.images import Images
from benchmark.contracts.task import Features
from benchmark.errors import UserError
from tasks.audit import choices, measuring
from tasks.audit.choices import Choice
from tasks.audit.embedding import Embedder, Unsuited
from tasks.audit.measuring import Number

FEWEST = 24
"""Fewest images a set: two halves of it, in each of which any half has more than 5 images."""
FEWEST_SLIDES = 4
"""Fewest slides of the real set, where slides are known: two in each half, so that one can be left out."""

Advance = Callable[[str], None]
"""Called with what is computed now."""


@dataclass(frozen=True)
class Line:
    """One choice, measured."""

    choice: Choice
    n: tuple[int, int]
    """Images of the real and of the synthetic side."""
    numbers: tuple[Number, ...]
    """By metric, in the order of `measuring.METRICS`; none where it was not measured."""
    reason: str | None
    """Why it was not."""


@dataclass(frozen=True)
class Table:
    """One comparison under all choices."""

    kind: Literal["real against real", "real against synthetic"]
    lines: tuple[Line, ...]
    idle: tuple[str, ...]
    """Choices that at these sizes do the same to every pixel as another does: nothing to measure."""


@dataclass(frozen=True)
class Report:
    """Both comparisons under one extractor."""

    extractor: str
    version: int
    width: int
    """Columns of its features."""
    side: int
    """The common size in pixels."""
    seed: int
    tables: tuple[Table, Table]
    """Real against real first."""


@dataclass(frozen=True)
class Sets:
    """The images, and how they are looked at."""

    real: Images
    synthetic: Images
    real_side: int
    synthetic_side: int
    side: int
    """The common size in pixels."""
    seed: int
    """Of the halves."""

    @classmethod
    def of(cls, *, real: Images, synthetic: Images, side: int | None, seed: int) -> Sets:
        """Return two sets after looking that they can be audited.

        Args:
            real: Real images.
            synthetic: Synthetic images.
            side: The common size in pixels; the smaller of the two sides where None.
            seed: Of the halves.

        Raises:
            UserError: If a set holds too few images, or they are not square.
        """
        sides = {}
        for role, images in (("real", real), ("synthetic", synthetic)):
            if len(images) < FEWEST:
                raise UserError(
                    f"The {role} set holds {len(images)} images: expected {FEWEST} or more, so that half of a half "
                    "still has neighbors for an interval."
                )
            _, height, width, _ = images.read(0, 1).shape
            if images.slides is not None and (slides := len(np.unique(images.slides))) < FEWEST_SLIDES:
                raise UserError(
                    f"The {role} set holds {slides} slides: expected {FEWEST_SLIDES} or more, two for each half. Leave "
                    "the slides out to halve by image."
                )
            if height != width:
                raise UserError(
                    f"The {role} images are {height} px high and {width} px wide: expected squares. Cut them first; "
                    "a resize to a square would stretch them."
                )
            sides[role] = height
        common = min(sides.values()) if side is None else side
        return cls(real, synthetic, sides["real"], sides["synthetic"], common, seed)

    def halves(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of two random halves of the real images, whole slides where slides are known."""
        return halves(len(self.real), self.real.slides, seed=self.seed)


def run(sets: Sets, *, name: str, extractor: Extractor, advance: Advance) -> Report:
    """Return what every choice does to every metric under one extractor.

    Args:
        sets: The images.
        name: Name of the extractor.
        extractor: The extractor, on its device.
        advance: Called with what is computed now.

    Raises:
        UserError: If an image cannot be read.
    """
    first, second = (_take(sets.real, rows) for rows in sets.halves())
    embedder = Embedder(
        extractor=extractor,
        side={"first half": sets.real_side, "second half": sets.real_side, "real": sets.real_side,
              "synthetic": sets.synthetic_side},
        parts={"first half": first, "second half": second, "real": sets.real, "synthetic": sets.synthetic},
        advance=advance,
    )  # fmt: skip
    alone = choices.of_halves(sets.side, real_side=sets.real_side, made_side=sets.synthetic_side)
    tables = (
        _table(embedder, "real against real", ("first half", "second half"), alone, sets.seed),
        _table(embedder, "real against synthetic", ("real", "synthetic"), choices.of_two_sets(sets.side), sets.seed),
    )
    return Report(name, int(extractor.version), extractor.width, sets.side, sets.seed, tables)


def halves(count: int, slides: NDArray[np.str_] | None, *, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return two random halves of rows.

    Args:
        count: Number of rows.
        slides: Slide of each, shape (count,); None where unknown.
        seed: Of the shuffle.

    Returns:
        Row numbers, rising, in no half twice. With slides known, none is in both: the first half takes shuffled slides
        as long as that brings it nearer to half of the rows.
    """
    rng = np.random.default_rng(seed)
    if slides is None:
        order = rng.permutation(count)
        return np.sort(order[: count // 2]), np.sort(order[count // 2 :])
    names, labels, sizes = np.unique(slides, return_inverse=True, return_counts=True)
    taken: list[int] = []
    held = 0
    for slide in rng.permutation(len(names)):
        if abs(count - 2 * (held + int(sizes[slide]))) < abs(count - 2 * held):
            taken.append(int(slide))
            held += int(sizes[slide])
    inside = np.isin(labels, taken)
    return np.flatnonzero(inside), np.flatnonzero(~inside)


def _take(images: Images, rows: NDArray[np.int64]) -> Images:
    return images.take(rows, digest=digests.of_value([images.digest, rows.tolist()]))


def _table(
    embedder: Embedder,
    kind: Literal["real against real", "real against synthetic"],
    parts: tuple[str, str],
    tried: Iterable[Choice],
    seed: int,
) -> Table:
    same: dict[object, Choice] = {}
    first: dict[str, str] = {}
    for choice in tried:
        paths = zip((choice.real, choice.synthetic), parts, strict=True)
        does = (*(choices.reduced(path, embedder.side[part]) for path, part in paths), choice.root, choice.halved)
        first[choice.name] = same.setdefault(does, choice).name
    for choice in same.values():
        embedder.expect(parts[0], choice.real)
        embedder.expect(parts[1], choice.synthetic)
    lines: dict[str, Line] = {}
    for choice in same.values():
        line = _line(embedder, parts, choice, seed)
        lines[choice.name] = line if choice.against is None else _against(line, lines[first[choice.against]])
    idle = tuple(f"{name} (as {other})" for name, other in first.items() if name != other)
    return Table(kind, tuple(lines.values()), idle)


def _line(embedder: Embedder, parts: tuple[str, str], choice: Choice, seed: int) -> Line:
    n = (len(embedder.parts[parts[0]]), len(embedder.parts[parts[1]]))
    try:
        real, synthetic = embedder.of(parts[0], choice.real), embedder.of(parts[1], choice.synthetic)
        if choice.halved:
            real = _rows(real, halves(len(real), real.slides, seed=seed)[0])
            n = (len(real), n[1])
        return Line(choice, n, measuring.measure(real=real, synthetic=synthetic, root=choice.root), None)
    except Unsuited as error:
        return Line(choice, n, (), str(error))


def _rows(features: Features, rows: NDArray[np.int64]) -> Features:
    slides = None if features.slides is None else features.slides[rows]
    return Features(values=features.values[rows], labels=features.labels[rows], slides=slides)


def _against(line: Line, other: Line) -> Line:
    """Return a line with the differences to another, where both were measured."""
    if not line.numbers or not other.numbers:
        return line
    return replace(line, numbers=tuple(one.against(two) for one, two in zip(line.numbers, other.numbers, strict=True)))
