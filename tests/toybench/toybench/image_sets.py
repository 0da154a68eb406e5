"""Image sets of one's own: three bright and two dark squares that tell which they are."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from PIL import Image

PIXELS = np.stack([np.full((8, 8, 3), level, np.uint8) for level in (200, 201, 20, 202, 21)])
LABELS = ["cancer", "cancer", "healthy", "cancer", "healthy"]
NUMBERS = np.array([1, 1, 0, 1, 0])


def write_folder(place: Path, names: list[str] | None = None) -> Path:
    """Write the images as files, by default in a folder for each class."""
    for number, pixels in enumerate(PIXELS):
        path = place / (f"{LABELS[number]}/{number}.png" if names is None else names[number])
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return place


def write_file(place: Path, labels: object = None) -> Path:
    """Write the images as one file, with or without labels."""
    if place.suffix == ".npy":
        np.save(place, PIXELS)
    elif place.suffix == ".npz":
        np.savez(place, images=PIXELS, **({} if labels is None else {"labels": np.asarray(labels)}))
    else:
        with h5py.File(place, "w") as made:
            made["x"] = PIXELS
            if labels is not None:
                made["y"] = labels
    return place
