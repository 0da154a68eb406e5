"""One patch."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
from collections.abc import Callable

import numpy as np
import pytest

from benchmark.datasets import splits
from benchmark.datasets.phantom import dataset as phantom
from benchmark.datasets.phantom import fields, morphologies, patch, spec, stain, tissue

GOLDEN = {
    "lymphocyte sheet": "fc09e1af11edbe19",
    "mixed lymphoid": "fd8f809f7e38dc09",
    "germinal center": "6af8c151f1dbe956",
    "sinus": "71d0bbeb167b4019",
    "adipose": "c41ab1c5712c8777",
    "fibrous stroma": "c4e020c5d347c1ae",
    "vessel": "410b8426d0f2e893",
    "capsule": "d4e816d4ff4fa9a5",
    "solid nests": "9eaef2ea6fa6fd48",
    "glands": "5195b70282e4916c",
    "infiltrating cells": "bf39d2ced874f882",
    "necrosis": "5f0e021569d161ed",
}


def test_golden_patches() -> None:
    """The first training patch of each morphology under dataset seed 5, on every machine.

    If this fails on purpose, raise `Phantom.version`.
    """
    made = spec.PhantomSpec(seed=5, train=400, valid=2, test=2, slides_train=9, slides_valid=1, slides_test=1)
    modes = patch.true_modes(made, "train")
    firsts = {mode.name: int(np.flatnonzero(modes == n)[0]) for n, mode in enumerate(morphologies.MODES)}
    found = {
        name: hashlib.sha256(patch.draw(made, "train", index).image.tobytes()).hexdigest()[:16]
        for name, index in firsts.items()
    }
    assert (phantom.Phantom.version, found) == (1, GOLDEN)


def test_patch_depends_on_seed_split_and_index_only(small: spec.PhantomSpec) -> None:
    """Other counts, other splits and the order of drawing change nothing."""
    alone = patch.draw(small, "train", 31)
    grown = dataclasses.replace(small, train=4000, valid=50, test=600, slides_valid=50, slides_test=1)
    for index in (3, 30, 32):
        patch.draw(grown, "train", index)
        patch.draw(grown, "test", index)
    again = patch.draw(grown, "train", 31)
    np.testing.assert_array_equal(again.image, alone.image)
    np.testing.assert_array_equal(again.tumor, alone.tumor)
    assert (again.label, again.slide) == (alone.label, alone.slide)


def test_no_two_patches_are_alike(small: spec.PhantomSpec) -> None:
    """Neither within a split, nor across splits, nor under another seed."""
    seeded = [dataclasses.replace(small, seed=seed) for seed in (7, 8)]
    drawn = {patch.draw(*name).image.tobytes() for name in itertools.product(seeded, splits.SPLITS, range(20))}
    assert len(drawn) == 2 * 3 * 20


def test_label_is_tumor_in_the_central_third(many: list[patch.Patch]) -> None:
    """PCam's rule, checked against the mask; tumor elsewhere occurs under label 0 and does not count."""
    for drawn in many:
        assert drawn.label == drawn.tumor[32:64, 32:64].any()
    assert 10 < sum(drawn.label == 0 and drawn.tumor.any() for drawn in many) < 40


def test_labels_come_in_mixed_pairs(many: list[patch.Patch]) -> None:
    """Every even prefix is balanced, and which of a pair is positive is random."""
    labels = np.array([drawn.label for drawn in many]).reshape(-1, 2)
    assert (labels.sum(axis=1) == 1).all()
    assert 30 < labels[:, 0].sum() < 70


def test_slides_are_all_used_and_keep_one_stain(small: spec.PhantomSpec, painted: Painted) -> None:
    """Patches of a slide share its stain; other slides and other splits have others."""
    stains: dict[tuple[str, int], set[bytes]] = {}
    for split, count in (("train", 60), ("valid", 20), ("test", 20)):
        for index in range(count):
            drawn, colors = painted(small, split, index)
            stains.setdefault((split, drawn.slide), set()).add(b"".join(map(np.ndarray.tobytes, vars(colors).values())))
    assert sorted(stains) == sorted([(s, n) for s in splits.SPLITS for n in range(small.slides(s))])
    assert all(len(found) == 1 for found in stains.values())
    assert len(set.union(*stains.values())) == 10


def test_true_modes_are_those_drawn(small: spec.PhantomSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded by the morphologies themselves."""
    drawn: list[int] = []
    monkeypatch.setattr(morphologies, "MODES", tuple(recording(n, drawn) for n in range(12)))
    for index in range(small.train):
        patch.draw(small, "train", index)
    assert drawn == patch.true_modes(small, "train").tolist()
    assert len(set(drawn)) > 5


def test_morphologies_are_as_frequent_as_the_table_says() -> None:
    """Within four standard errors, per label."""
    made = spec.PhantomSpec(seed=1, train=6000, valid=2, test=2, slides_train=9, slides_valid=1, slides_test=1)
    counts = np.bincount(patch.true_modes(made, "train"), minlength=12) / 6000
    weights = np.array([[mode.normal, mode.tumor] for mode in morphologies.MODES], float)
    expected = (weights / weights.sum(axis=0)).mean(axis=1)
    assert (np.abs(counts - expected) < 4 * np.sqrt(expected / 6000)).all()


def test_a_drawing_that_breaks_the_rule_is_drawn_again(
    small: spec.PhantomSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two drawings put tumor where it must not be."""
    tried: list[int] = []

    def stubborn(rng: np.random.Generator, label: int) -> tissue.Tissue:
        tried.append(label)
        drawn = tissue.Tissue()
        drawn.tumor[fields.CENTER, fields.CENTER] = bool(label) != (len(tried) < 3)
        drawn.tumor[0, 0] = True
        return drawn

    modes = tuple(mode._replace(draw=stubborn, malignant=True) for mode in morphologies.MODES)
    monkeypatch.setattr(morphologies, "MODES", modes)
    drawn = patch.draw(small, "train", 0)
    assert len(tried) == 3
    assert drawn.tumor[40, 40] == bool(drawn.label)


def test_a_morphology_that_never_fits_is_a_bug_not_a_hang(
    small: spec.PhantomSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with the morphology's name."""
    never = tuple(mode._replace(draw=lambda *_: tissue.Tissue(), malignant=True) for mode in morphologies.MODES)
    monkeypatch.setattr(morphologies, "MODES", never)
    with pytest.raises(RuntimeError, match="was never drawn with label"):
        patch.draw(small, "train", 0)


def test_images_look_stained(many: list[patch.Patch]) -> None:
    """On average blue and red outshine green, and the range of brightness is used."""
    images = np.stack([drawn.image for drawn in many]).astype(float)
    red, green, blue = images.mean(axis=(0, 1, 2))
    assert red > green + 20
    assert blue > green + 20
    assert np.percentile(images, 2) < 70
    assert np.percentile(images, 98) > 225


@pytest.mark.slow
def test_morphologies_show_in_plain_statistics_and_labels_explain_little() -> None:
    """K-means with K = 12 finds the morphologies: normalized mutual information above 0.4."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import normalized_mutual_info_score
    from sklearn.preprocessing import StandardScaler

    made = spec.PhantomSpec(seed=104, train=1000, valid=2, test=2, slides_train=24, slides_valid=1, slides_test=1)
    drawn = [patch.draw(made, "train", index) for index in range(made.train)]
    labels, modes = [one.label for one in drawn], patch.true_modes(made, "train")
    features = StandardScaler().fit_transform(np.stack([statistics(one.image) for one in drawn]))
    clusters = KMeans(12, n_init=5, random_state=0).fit_predict(features)
    assert normalized_mutual_info_score(modes, clusters) > 0.4
    assert explained(features, np.array(labels)) < 0.05
    assert explained(features, modes) > 0.4


Painted = Callable[[spec.PhantomSpec, splits.Split, int], tuple[patch.Patch, stain.Stain]]


@pytest.fixture(scope="module")
def many() -> list[patch.Patch]:
    """Two hundred training patches."""
    made = spec.PhantomSpec(seed=21, train=200, valid=2, test=2, slides_train=9, slides_valid=1, slides_test=1)
    return [patch.draw(made, "train", index) for index in range(made.train)]


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Painted:
    """Draw a patch and return the stain it was colored with."""
    used: list[stain.Stain] = []
    plain = stain.to_rgb

    def recording_colors(
        blue: fields.Field, pink: fields.Field, colors: stain.Stain, rng: np.random.Generator
    ) -> np.ndarray:
        assert blue.dtype == pink.dtype == np.float32
        used.append(colors)
        return plain(blue, pink, colors, rng)

    monkeypatch.setattr(stain, "to_rgb", recording_colors)
    return lambda made, split, index: (patch.draw(made, split, index), used[-1])


def recording(number: int, drawn: list[int]) -> morphologies.Morphology:
    """Return a morphology that notes its number and draws what its label asks for."""

    def draw(rng: np.random.Generator, label: int) -> tissue.Tissue:
        drawn.append(number)
        made = tissue.Tissue()
        made.tumor[40 if label else 0, 40] = label or mode.malignant
        return made

    mode = morphologies.MODES[number]
    return mode._replace(draw=draw)


def statistics(image: np.ndarray) -> np.ndarray:
    """Return plain color and texture statistics of an image."""
    gray = -np.log((image.astype(float) + 1) / 256).mean(axis=2)
    normal = (gray - gray.mean()) / gray.std()
    lags = [(normal[d:] * normal[:-d]).mean() for d in (2, 4, 6, 9, 13, 18, 26)]
    dy, dx = np.gradient(normal)
    xx, yy, xy = (dx * dx).mean(), (dy * dy).mean(), (dx * dy).mean()
    return np.array(
        [
            *image.mean(axis=(0, 1)),
            *image.std(axis=(0, 1)),
            *np.quantile(gray, [0.1, 0.25, 0.5, 0.75, 0.9]),
            *lags,
            np.hypot(xx - yy, 2 * xy) / (xx + yy),
            xx + yy,
            (normal**3).mean(),
            (image.min(axis=2) > 209).mean(),
        ]
    )


def explained(features: np.ndarray, groups: np.ndarray) -> float:
    """Return the share of the features' variance that lies between groups."""
    within = sum(((features[groups == g] - features[groups == g].mean(0)) ** 2).sum() for g in np.unique(groups))
    return float(1 - within / ((features - features.mean(0)) ** 2).sum())
