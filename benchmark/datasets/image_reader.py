"""The one reader of image files: PNG, JPEG or TIFF, 8-bit RGB, one image a file; or why a file is none."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, UnidentifiedImageError

from benchmark.errors import UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff")
"""Names of image files end so; what a file is, its content says."""
MOST_PIXELS = 1 << 26
"""Pixels an image may announce, 8,192 x 8,192: more is no patch, and may be made to fill the memory."""

Format = Literal["PNG", "JPEG", "TIFF"]
"""Kinds of image files, as Pillow names them."""
Kind = Literal["empty", "no image", "damaged", "color", "depth", "frames", "huge", "size", "duplicate"]
"""Ways in which an image cannot be used; the last two show beside others only (`bad_images`)."""

_FORMATS: tuple[Format, ...] = ("PNG", "JPEG", "TIFF")
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_LONGEST_BEGINNING = 8

# Such images are refused here by what they announce. Filters are the process's: to change them for each image would not
# be safe where several threads read.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class Unusable(Exception):
    """A file that is no image one can use."""

    def __init__(self, kind: Kind, reason: str) -> None:
        """Say of which kind it is, and the reason, which stands for itself behind the file's name."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Header(NamedTuple):
    """What an image announces."""

    format: Format
    height: int
    """In pixels."""
    width: int
    """In pixels."""


def header(stream: BinaryIO) -> Header:
    """Return what an image file announces; its pixels are not decoded.

    Raises:
        Unusable: If it is empty, no PNG, JPEG or TIFF, not 8-bit RGB, of several images or of too many pixels.
    """
    with _opened(stream) as image:
        return _checked(image)


def pixels(stream: BinaryIO) -> tuple[Header, NDArray[np.uint8]]:
    """Return an image, uint8 RGB, shape (H, W, 3), and what its file announces.

    Raises:
        Unusable: As for `header`, or if it is damaged or cut short.
        UserError: If this process is set to fill up what is cut off.
    """
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise UserError("PIL.ImageFile.LOAD_TRUNCATED_IMAGES is set, which fills what is cut off with gray. Unset it.")
    with _opened(stream) as image:
        found = _checked(image)
        return found, np.asarray(image)


@contextmanager
def _opened(stream: BinaryIO) -> Iterator[ImageFile.ImageFile]:
    """Open an image and turn whatever its damage raises, which differs by format, into `Unusable`."""
    try:
        with Image.open(stream, formats=_FORMATS) as image:
            yield image
    except (Unusable, UserError, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Unusable("huge", f"announces more than {MOST_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise _unidentified(stream) from None
    except Exception as error:
        raise Unusable("damaged", str(error) or type(error).__name__) from None


def _checked(image: ImageFile.ImageFile) -> Header:
    frames = int(getattr(image, "n_frames", 1))
    if image.width * image.height > MOST_PIXELS:
        raise Unusable("huge", f"announces {image.width:,} x {image.height:,} px, more than {MOST_PIXELS:,} pixels")
    if image.mode == "RGB" and any(";16" in str(tile) for tile in image.tile):
        raise Unusable("depth", "16 bits a channel, expected 8-bit RGB")  # Pillow would cut them to eight.
    if image.mode != "RGB":
        kind: Kind = "depth" if image.mode.startswith(("I", "F")) else "color"
        raise Unusable(kind, f"mode {image.mode}, expected 8-bit RGB")
    if frames != 1:
        raise Unusable("frames", f"{frames} images in one file, expected one")
    # Of several pictures in one JPEG Pillow makes a format of its own, which was refused as several.
    return Header("JPEG" if image.format == "MPO" else image.format, image.height, image.width)  # type: ignore[arg-type]


def _unidentified(stream: BinaryIO) -> Unusable:
    stream.seek(0)
    beginning = stream.read(_LONGEST_BEGINNING)
    if not beginning:
        return Unusable("empty", "is empty")
    if beginning.startswith(_BEGINNINGS):
        return Unusable("damaged", "is cut short or damaged: no whole header")
    return Unusable("no image", "is no PNG, JPEG or TIFF, whatever its name says")
