"""Bad images by name, before work is done on the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toybench import pictures

from benchmark.contracts.images import ArraySource
from benchmark.datasets import bad_images, file_sets, image_files, looks
from benchmark.datasets.image_files import FilePixels
from benchmark.errors import UserError


def test_every_bad_file_among_hundreds_is_named_and_no_other(tmp_path: Path) -> None:
    """One of each kind, with its kind and a reason that stands behind its name."""
    pictures.write_classes(tmp_path, {"a": 150, "b": 150})
    expected = pictures.plant_bad(tmp_path, tmp_path / "a" / "0007.png")
    files = file_sets.opened(tmp_path)
    names = file_sets.images_of(files)
    seen = looks.at(image_files.unlabelled(FilePixels(files, names), len(names), ""))
    found = bad_images.find(seen, names)
    # Of two files with the same pixels the first by name stays: here that is the one in folder `a`.
    assert {one.name: one.kind for one in found} == expected
    assert [one.position for one in found] == sorted(one.position for one in found)
    reasons = {one.name: one.reason for one in found}
    assert reasons["b-duplicate.png"] == "has the pixels of a/0007.png"
    assert reasons["b-one.png"] == "1 x 1 px, where 301 are 16 x 16 px"
    assert reasons["b-huge.png"] == "announces 10,000 x 10,000 px, more than 67,108,864 pixels"
    without = bad_images.find(seen, names, duplicates=False)
    assert {one.name for one in found} - {one.name for one in without} == {"b-duplicate.png"}


def looked(*pixels: np.ndarray) -> looks.Looks:
    return looks.joined([looks.at(image_files.unlabelled(ArraySource(one[None]), 1, "")) for one in pixels])


def test_no_size_is_chosen_where_none_is_that_of_most() -> None:
    """Half of the images are not most of them."""
    seen = looked(*(pictures.noise(seed, side) for seed, side in enumerate((8, 8, 9, 10))))
    with pytest.raises(UserError, match=r"mix sizes: 8 x 8 px \(2 files, a\), 9 x 9 px \(1 files, c\), 10 x 10"):
        bad_images.find(seen, "abcd")
    one_more = looks.joined([seen, looked(pictures.noise(9, 8))])
    assert [one.name for one in bad_images.find(one_more, "abcde")] == ["c", "d"]


def test_an_image_has_one_fault() -> None:
    """Of two odd ones with the same pixels, both are odd."""
    seen = looked(*(pictures.noise(seed, 8) for seed in range(5)), *[pictures.noise(9, 4)] * 2)
    assert [one.kind for one in bad_images.find(seen, "abcdefg")] == ["size", "size"]


def test_groups_hold_all_that_have_the_same_pixels() -> None:
    """In the order of the first; those that cannot be used are in none, though nothing is known of two of them."""
    seen = looked(*(pictures.noise(seed) for seed in (3, 1, 2, 1, 3, 3)))
    assert [group.tolist() for group in bad_images.groups(seen)] == [[0, 4, 5], [1, 3]]
    for at in (0, 4):
        seen.sizes[at] = 0
        seen.digests[at] = np.zeros((), seen.digests.dtype)
    assert [group.tolist() for group in bad_images.groups(seen)] == [[1, 3]]


def test_nothing_usable_is_all_bad() -> None:
    """And no error."""
    seen = looked(pictures.noise(0))
    seen.sizes[0], seen.faults[0] = 0, looks.Fault("damaged", "x")
    assert [one.kind for one in bad_images.find(seen, "a")] == ["damaged"]
