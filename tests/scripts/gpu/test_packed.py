"""Packs of patches: what is written is what is read."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from scripts.gpu import packed


def test_images_come_back_as_jpeg_leaves_them(pack, patches):
    """In order, with labels and classes, under the digest of what they were before."""
    found = packed.read(pack).images
    assert (found.digest, found.classes) == ("thirty", ("healthy", "cancer"))
    assert np.array_equal(found.labels, patches.labels)
    original = patches.read(0, 30)
    expected = []
    for image in original:
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "JPEG", quality=75)
        expected.append(np.asarray(Image.open(buffer)))
    assert np.array_equal(found.read(0, 30), np.stack(expected))
    error = packed.read(pack).about["jpeg"]["rms_error_gray_levels"]
    assert error == pytest.approx(float(np.sqrt(((np.stack(expected).astype(float) - original) ** 2).mean())))
    assert 0 < error < 20


def test_each_variant_has_its_prompts_and_its_parameters(pack):
    """A prompt an image."""
    found = packed.read(pack)
    assert found.prompts("small-baseline")[:2] == ["of healthy tissue", "of cancer tissue"]
    assert found.prompts("small-morphology")[2:4] == ["type three", "type one"]
    assert found.params("small-baseline")["steps"] == 3
    assert found.about["commit"] == "c0ffee"


def test_a_pack_holds_jpeg_files_and_what_they_are(pack):
    """And nothing else; no part of one is left beside it."""
    with zipfile.ZipFile(pack) as archive:
        assert set(archive.namelist()) == {"pack.json", *(f"patches/{number:05d}.jpg" for number in range(30))}
    assert [path.name for path in pack.parent.iterdir()] == ["pack.zip"]
