"""The twelve morphologies: their table, and what each must show."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.datasets.phantom import fields, morphologies, tissue

DRAWN = 12
CASES = [(mode, label) for mode in morphologies.MODES for label in (0, 1) if (mode.normal, mode.tumor)[label] > 0]


def test_table() -> None:
    """Twelve names, clearly unequal frequencies, several morphologies under both labels."""
    modes = morphologies.MODES
    assert len(modes) == len({mode.name for mode in modes}) == 12
    frequency = np.array([mode.normal for mode in modes]) / sum(mode.normal for mode in modes)
    frequency = (frequency + np.array([mode.tumor for mode in modes]) / sum(mode.tumor for mode in modes)) / 2
    assert frequency.max() / frequency.min() > 8
    assert sum(mode.normal > 0 and mode.tumor > 0 for mode in modes) >= 6
    assert sum(mode.malignant for mode in modes) == 4


@pytest.mark.parametrize(("mode", "label"), CASES, ids=lambda value: getattr(value, "name", value))
def test_drawings_are_sound(mode: morphologies.Morphology, label: int) -> None:
    """Single precision, finite, and the tumor mask bears out the label in nearly every drawing."""
    right = 0
    for drawn in drawings(mode, label):
        for dye in (drawn.hematoxylin, drawn.eosin):
            assert dye.dtype == np.float32
            assert dye.shape == (96, 96)
            assert np.isfinite(dye).all()
            assert dye.min() > -0.5
            assert dye.max() < 2.5
        right += bool(drawn.tumor[fields.CENTER, fields.CENTER].any()) == bool(label)
        if not mode.malignant:
            assert drawn.tumor.any() == bool(label)
    assert right >= DRAWN - 1


@pytest.mark.parametrize("mode", [mode for mode in morphologies.MODES if mode.malignant], ids=lambda mode: mode.name)
def test_tumor_morphologies_show_tumor_off_the_center_under_label_0(mode: morphologies.Morphology) -> None:
    """Tumor outside the center does not count for the label, but is there."""
    assert sum(drawn.tumor.any() for drawn in drawings(mode, 0)) >= DRAWN - 2


@pytest.mark.parametrize(("mode", "label"), CASES, ids=lambda value: getattr(value, "name", value))
def test_drawings_vary(mode: morphologies.Morphology, label: int) -> None:
    """No two alike."""
    assert len({drawn.hematoxylin.tobytes() for drawn in drawings(mode, label)}) == DRAWN


def test_what_each_morphology_is_known_by() -> None:
    """Plain statistics order the morphologies as a textbook would."""
    glass = {mode.name: share_of_glass(mode) for mode in morphologies.MODES}
    blue = {mode.name: mean(mode, "hematoxylin") for mode in morphologies.MODES}
    pink = {mode.name: mean(mode, "eosin") for mode in morphologies.MODES}
    assert max(glass, key=glass.__getitem__) == "adipose"
    assert glass["adipose"] > 0.6 > glass["capsule"] > 0.2
    assert glass["vessel"] > glass["lymphocyte sheet"]
    assert min(blue, key=blue.__getitem__) == "adipose"
    assert blue["lymphocyte sheet"] > blue["mixed lymphoid"] > 2 * blue["fibrous stroma"]
    assert blue["solid nests"] > blue["infiltrating cells"]
    assert pink["fibrous stroma"] > pink["lymphocyte sheet"]
    assert pink["necrosis"] > pink["solid nests"]


def drawings(mode: morphologies.Morphology, label: int) -> list[tissue.Tissue]:
    """Return some drawings of a morphology."""
    return [mode.draw(np.random.default_rng([seed, label]), label) for seed in range(DRAWN)]


def of(mode: morphologies.Morphology) -> list[tissue.Tissue]:
    """Return drawings under the label the morphology is more often seen with."""
    return drawings(mode, int(mode.malignant))


def mean(mode: morphologies.Morphology, dye: str) -> float:
    """Return the mean concentration of a dye."""
    return float(np.mean([getattr(drawn, dye).mean() for drawn in of(mode)]))


def share_of_glass(mode: morphologies.Morphology) -> float:
    """Return the share of pixels with hardly any stain."""
    return float(np.mean([(drawn.hematoxylin + drawn.eosin < 0.1).mean() for drawn in of(mode)]))
