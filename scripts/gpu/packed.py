"""Training images as JPEG files in a zip, with all that a training has to know: made in one place, read in another.

`pack.json` in it has labels, classes, prompts and parameters; `patches/NNNNN.jpg` are the images, in order.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmark import digests
from benchmark.contracts.images import ArraySource, Images

ABOUT = "pack.json"
_BLOCK = 256


class TooLarge(Exception):
    """A pack would have more bytes than it may."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size
        """Bytes."""


@dataclass(frozen=True)
class Pack:
    """What was read."""

    images: Images
    """Decoded images; their digest is that of the images before JPEG, by which a run knows them again."""
    about: dict[str, Any]
    """``pack.json``."""
    digest: str
    """Of the JPEG files: what is learnt from, which the images' own digest is not."""

    def prompts(self, variant: str) -> list[str]:
        """Return the prompt of each image for a variant."""
        told = self.about["variants"][variant]["prompts"]
        return [told["texts"][number] for number in told["of"]]

    def params(self, variant: str) -> dict[str, Any]:
        """Return the parameters of a variant's class."""
        return dict(self.about["variants"][variant]["params"])


def write(
    path: Path, images: Images, about: Mapping[str, Any], *, quality: int, limit: float | None = None
) -> dict[str, Any]:
    """Write a pack aside and rename it into place; what was there before stays until then.

    Args:
        path: The zip file.
        images: The images, read in blocks.
        about: What else is told; labels, classes, digest and JPEG's figures are added.
        quality: Of JPEG, with Pillow's 4:2:0 chroma.
        limit: Bytes it may have at most, if any.

    Returns:
        What ``pack.json`` tells.

    Raises:
        TooLarge: If it has more bytes; it is gone then.
    """
    aside = path.with_name(f"{path.name}.part")
    squares = 0.0
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_STORED) as archive:
        for start in range(0, len(images), _BLOCK):
            block = images.read(start, min(start + _BLOCK, len(images)))
            for number, image in enumerate(block, start):
                buffer = io.BytesIO()
                Image.fromarray(image).save(buffer, "JPEG", quality=quality, optimize=True)
                archive.writestr(f"patches/{number:05d}.jpg", buffer.getvalue())
                squares += float(((_decoded(buffer.getvalue()).astype(float) - image) ** 2).mean())
        told = {
            **about, "images": images.digest, "count": len(images), "classes": list(images.classes),
            "labels": images.labels.tolist(),
            "jpeg": {"quality": quality, "chroma": "4:2:0", "rms_error_gray_levels": (squares / len(images)) ** 0.5},
        }  # fmt: skip
        archive.writestr(ABOUT, json.dumps(told), zipfile.ZIP_DEFLATED)
    if limit is not None and (size := aside.stat().st_size) > limit:
        aside.unlink()
        raise TooLarge(size)
    aside.replace(path)
    return told


def read(path: Path) -> Pack:
    """Return the images of a pack, decoded into memory, and what it tells."""
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read(ABOUT))
        names = [f"patches/{number:05d}.jpg" for number in range(about["count"])]
        pixels = np.stack([_decoded(archive.read(name)) for name in names])
        digest = digests.of_files({name: hashlib.sha256(archive.read(name)).hexdigest() for name in names})
    images = Images(
        ArraySource(pixels), np.arange(len(pixels)), np.array(about["labels"], np.int64), tuple(about["classes"]), None,
        about["images"],
    )  # fmt: skip
    return Pack(images, about, digest)


def _decoded(content: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
