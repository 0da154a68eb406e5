"""Sheets of many images with labelled margins, as PNG."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

SIDE = (64, 192)
"""Images are shown at least and at most about this many pixels wide."""

_GAP = 4
_TEXT = 14
_INK, _PAPER = (20, 20, 20), (255, 255, 255)


@dataclass(frozen=True)
class Line:
    """Images that stand side by side."""

    label: str
    """What stands in the margin before them; may have several lines."""
    images: NDArray[np.uint8]
    """uint8 RGB, shape (N, H, W, 3)."""


def shown_side(side: int) -> int:
    """Return the width at which images of a width are shown.

    Small ones are magnified by a whole number, so that every pixel stays a square; large ones are reduced.
    """
    least, most = SIDE
    return side * math.ceil(least / side) if side < least else min(side, most)


def sheet(title: str, lines: Sequence[Line]) -> bytes:
    """Return a PNG of lines of images under a title. Equal input gives equal bytes.

    Args:
        title: What the sheet shows.
        lines: From top to bottom; all images of one size.

    Returns:
        The file's bytes.
    """
    height, width = next(line.images.shape[1:3] for line in lines if len(line.images))
    cell_width = shown_side(width)
    cell_height = round(height * cell_width / width)
    font = ImageFont.load_default(_TEXT)
    margin = _GAP + max(_extent(line.label, font)[0] for line in lines)
    head = _extent(title, font)[1] + 2 * _GAP
    columns = max(len(line.images) for line in lines)
    row = max(cell_height, max(_extent(line.label, font)[1] for line in lines)) + _GAP
    size = (max(margin + columns * (cell_width + _GAP), _extent(title, font)[0]) + 2 * _GAP, head + len(lines) * row)
    canvas = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(canvas)
    pen.multiline_text((_GAP, _GAP), title, fill=_INK, font=font)
    for number, line in enumerate(lines):
        top = head + number * row
        pen.multiline_text((_GAP, top), line.label, fill=_INK, font=font)
        for column, image in enumerate(line.images):
            place = (_GAP + margin + column * (cell_width + _GAP), top)
            canvas.paste(_scaled(image, (cell_width, cell_height)), place)
    return _png(canvas)


def lines_of(images: NDArray[np.uint8], columns: int) -> list[Line]:
    """Return images broken into lines, each labelled by the position of its first image."""
    return [Line(str(start), images[start : start + columns]) for start in range(0, len(images), columns)]


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture, uint8 RGB of shape (H, W, 3), as the bytes of a PNG."""
    return _png(Image.fromarray(pixels))


def file_name(text: str) -> str:
    """Return a text as the name of a file: letters, digits, '-' and '_' stay."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)


def _scaled(image: NDArray[np.uint8], size: tuple[int, int]) -> Image.Image:
    picture = Image.fromarray(image)
    if picture.size == size:
        return picture
    grows = size[0] > picture.width
    return picture.resize(size, Image.Resampling.NEAREST if grows else Image.Resampling.LANCZOS)


def _extent(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> tuple[int, int]:
    """Return width and height of a text in pixels."""
    box = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font=font)
    return math.ceil(box[2]), math.ceil(box[3])


def _png(canvas: Image.Image) -> bytes:
    stream = io.BytesIO()
    canvas.save(stream, format="PNG", optimize=False, compress_level=6)
    return stream.getvalue()
