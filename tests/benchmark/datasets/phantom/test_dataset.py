"""Phantom as a dataset."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark import errors
from benchmark.contracts import progress
from benchmark.datasets.phantom import dataset


def test_makes_opens_and_identifies(tmp_path: Path) -> None:
    """The life of a made dataset, with sizes that tell the splits apart."""
    phantom = dataset.Phantom(seed=11, train=6, valid=4, test=2, slides_train=3, slides_valid=2, slides_test=1)
    phantom.make(tmp_path, progress.silent)
    assert [len(phantom.open(tmp_path, split)) for split in ("train", "valid", "test")] == [6, 4, 2]
    assert phantom.open(tmp_path, "test").classes == ("healthy", "cancer")
    identity = phantom.identify(tmp_path)
    assert identity.name == "phantom (drawn from seed 11)"
    assert identity.official
    assert "show no tissue" in identity.caution
    assert phantom.codec(tmp_path, identity) == "none"
    written = sum(path.stat().st_size for path in phantom.files(tmp_path))
    assert 0.85 < phantom.made_bytes() / written < 1.15


def test_identity_follows_the_seed(tmp_path: Path) -> None:
    """Other patches, other digest."""
    sizes = {
        f"{what}{split}": count for what, count in (("", 2), ("slides_", 1)) for split in ("train", "valid", "test")
    }
    found = []
    for seed in (1, 2, 1):
        folder = tmp_path / str(len(found))
        dataset.Phantom(seed=seed, **sizes).make(folder, progress.silent)
        found.append(dataset.Phantom(seed=seed, **sizes).identify(folder).digest)
    assert found[0] == found[2] != found[1]


def test_a_bad_size_is_refused_when_the_suite_is_read() -> None:
    """Before anything is made."""
    with pytest.raises(errors.UserError, match="train is 3"):
        dataset.Phantom(train=3)


def test_the_defaults_stand() -> None:
    """Sizes a suite gets when it names none."""
    made = dataset.Phantom().spec
    assert (made.seed, made.train, made.valid, made.test) == (0, 2000, 1000, 1000)
