"""Image files that cannot be used, one of each kind, and folders of those that can."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, rows: bytes) -> bytes:
    """Return an RGB PNG file that announces this, with these rows."""
    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def noise(seed: int, side: int = 16) -> np.ndarray:
    """Return an image of noise."""
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def plant_bad(folder: Path, like: Path, side: int = 16) -> dict[str, str]:
    """Write a bad file of each kind and return the kinds by name; the duplicate is of `like`."""
    image = Image.fromarray(noise(1000, side))
    (folder / "b-empty.png").touch()
    image.save(folder / "b-truncated.png")
    whole = (folder / "b-truncated.png").read_bytes()
    (folder / "b-truncated.png").write_bytes(whole[: len(whole) // 2])
    (folder / "b-stub.tif").write_bytes(b"II*\x00")
    image.convert("CMYK").save(folder / "b-cmyk.jpg")
    (folder / "b-deep.png").write_bytes(png(side, side, 16, side * (b"\0" + bytes(6 * side))))
    Image.fromarray(np.zeros((side, side), np.uint16)).save(folder / "b-deep-gray.png")
    Image.new("RGB", (1, 1)).save(folder / "b-one.png")
    pages = [Image.new("RGB", (side, side), color) for color in ("red", "blue")]
    pages[0].save(folder / "b-animated.png", save_all=True, append_images=pages[1:])
    (folder / "b-text.png").write_text("no image at all\n")
    (folder / "b-duplicate.png").write_bytes(like.read_bytes())
    (folder / "b-huge.png").write_bytes(png(10_000, 10_000, 8, b""))
    (folder / "b-monstrous.png").write_bytes(png(100_000, 100_000, 8, b""))
    return {
        "b-empty.png": "empty", "b-truncated.png": "damaged", "b-stub.tif": "damaged", "b-cmyk.jpg": "color",
        "b-deep.png": "depth", "b-deep-gray.png": "depth", "b-one.png": "size", "b-animated.png": "frames",
        "b-text.png": "no image", "b-duplicate.png": "duplicate", "b-huge.png": "huge", "b-monstrous.png": "huge",
    }  # fmt: skip


def write_classes(folder: Path, counts: dict[str, int], side: int = 16) -> None:
    """Write PNG files of noise, so many in the folder of each class; all of them differ."""
    seed = 0
    for name, count in counts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            Image.fromarray(noise(seed, side)).save(folder / name / f"{number:04d}.png", compress_level=1)
            seed += 1


def pack(folder: Path, archive: Path, *, around: str = "") -> Path:
    """Write a zip archive of a folder's files and return it."""
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(folder.rglob("*")):
            opened.write(path, around + path.relative_to(folder).as_posix())
    return archive
