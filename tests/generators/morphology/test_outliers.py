"""The study's outlier rules, each against a patch that breaks it alone, and contours against another way to count."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
from scipy import ndimage

from benchmark.contracts.images import ArraySource, Images
from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from generators.morphology import outliers


@pytest.fixture
def tissue():
    """A patch of 96 px that keeps every rule: blots of unlike color on a bright ground."""
    rng = np.random.default_rng(0)
    smooth = ndimage.gaussian_filter(rng.normal(size=(96, 96)), 3)
    inside = (smooth > 0)[..., None]
    colors = np.where(inside, [120, 60, 150], [235, 170, 200])
    return np.clip(colors + rng.normal(0, 12, (96, 96, 3)), 0, 255).astype(np.uint8)


def as_images(*patches):
    pixels = np.stack(patches)
    count = len(pixels)
    return Images(ArraySource(pixels), np.arange(count), np.zeros(count, np.int64), ("",), None, digest="")


def contours(gray):
    """Outer borders (8-connected) and holes (4-connected parts of the ground that nothing leads out of)."""
    above = np.pad(gray > 150, 1)
    parts = ndimage.label(above, structure=np.ones((3, 3)))[1]
    ground = ndimage.label(~above)[1]
    return parts + ground - 1


def test_thresholds_are_the_study_s():
    """Value by value as the release has them."""
    assert [rule.least for rule in outliers.RULES] == [70, 3, 4, 4, 1.5, 100, 10]
    assert outliers.CONTOUR_LEVEL == 150


def test_statistics_are_what_the_release_computes(tissue):
    """Written out with the standard library and SciPy."""
    found = dict(zip((rule.name for rule in outliers.RULES), outliers.statistics(tissue), strict=True))
    hsv = np.array([colorsys.rgb_to_hsv(*(pixel / 255)) for pixel in tissue.reshape(-1, 3)]) * 255
    assert found["dark"] == pytest.approx(tissue.max(axis=2).mean(), abs=1e-9)
    assert found["flat-value"] == pytest.approx(tissue.max(axis=2).std(), abs=1e-9)
    # Pillow rounds saturation and hue to whole numbers.
    assert found["gray"] == pytest.approx(hsv[:, 1].mean(), abs=1)
    assert found["flat-saturation"] == pytest.approx(hsv[:, 1].std(), abs=0.5)
    assert found["flat-hue"] == pytest.approx(hsv[:, 0].std(), abs=0.5)
    gray = (tissue @ [0.299, 0.587, 0.114] + 0.5).astype(np.uint8).astype(float)
    cross = np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])
    wanted = ndimage.convolve(gray, cross, mode="mirror").var()
    assert found["blurred"] == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize("seed", range(12))
def test_contours_are_borders_and_holes(seed):
    """Of parts at every depth, touching the edge or not."""
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.normal(size=(96, 96)), rng.uniform(0.5, 4))
    gray = np.where(smooth > np.quantile(smooth, rng.uniform(0.2, 0.8)), 151, 150).astype(np.uint8)
    assert outliers.statistics(np.repeat(gray[..., None], 3, axis=2))[6] == contours(gray)


def broken_patches(tissue):
    """For each rule a patch that breaks it; beside it, every other rule it breaks by its nature."""
    gray = np.repeat(tissue.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    smooth = np.stack([ndimage.gaussian_filter(tissue[..., channel], 2.0) for channel in range(3)], axis=2)
    one_hue = np.stack([tissue[..., 0], tissue[..., 0] // 2, tissue[..., 0] // 2], axis=2)
    bright = np.maximum(tissue, [255, 0, 0]).astype(np.uint8)
    return {
        "dark": ((tissue * 0.2).astype(np.uint8), {"dark", "few-contours"}),
        "gray": (gray, {"gray", "flat-saturation", "flat-hue"}),
        "flat-value": (bright, {"flat-value"}),
        "flat-saturation": (one_hue, {"flat-saturation", "flat-hue"}),
        "blurred": (smooth, {"blurred"}),
        "few-contours": (tissue // 2, {"few-contours"}),
    }


def test_a_patch_breaks_the_rules_it_should_and_no_other(tissue):
    """Named, by image; a patch of tissue breaks none."""
    made = broken_patches(tissue)
    verdict = outliers.judge(as_images(tissue, *(patch for patch, _ in made.values())), silent)
    assert verdict.rules_of(0) == ()
    for row, (name, (_, wanted)) in enumerate(made.items(), start=1):
        found = set(verdict.rules_of(row))
        assert name in found
        if name != "flat-saturation":
            assert found - {"few-contours"} == wanted - {"few-contours"}, name
    assert verdict.kept.tolist() == [0]
    assert verdict.counts()["flat-value"] == 1


def test_a_value_at_the_threshold_keeps_the_rule():
    """Only less breaks it."""
    least = np.array([rule.least for rule in outliers.RULES])
    verdict = outliers.Verdict(np.stack([least, np.nextafter(least, 0)]))
    assert verdict.kept.tolist() == [0]
    assert verdict.broken[1].all()


def test_only_pixels_are_judged(tissue):
    """Floats in [0, 1] would all be dark."""
    with pytest.raises(UserError, match="uint8 RGB"):
        outliers.statistics(tissue / 255)


@pytest.mark.needs_shared
def test_real_patches_mostly_keep_the_rules(shared):
    """Few of the first 200 real patches break any; contours agree with the other way to count on all."""
    import io
    import zipfile

    from PIL import Image

    with zipfile.ZipFile(shared / "pcam26k" / "pcam26k-test.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpg")][:200]
        patches = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGB")) for name in names]
    verdict = outliers.judge(as_images(*patches), silent)
    assert len(verdict.kept) > 0.8 * len(patches)
    grays = [np.asarray(Image.fromarray(patch).convert("L")) for patch in patches]
    assert verdict.values[:, 6].tolist() == [contours(gray) for gray in grays]
