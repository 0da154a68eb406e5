"""Labels that come with images: from folders, tables and array files, or a message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import UserError
from generators.imagesets import labels

LABELS = ["cancer", "cancer", "healthy", "cancer", "healthy"]
FLAT = [f"{number}.png" for number in range(5)]


def by_level(images) -> dict[int, str]:
    """The label of each image, by its gray level."""
    levels = images.read(0, len(images))[:, 0, 0, 0]
    return {int(level): images.classes[label] for level, label in zip(levels, images.labels, strict=True)}


EXPECTED = {200: "cancer", 201: "cancer", 20: "healthy", 202: "cancer", 21: "healthy"}


def test_a_subfolder_is_a_label(folder):
    """The first on the way, however deep the file lies."""
    names = [f"{label}/deep/er/{number}.png" for number, label in enumerate(LABELS)]
    found = labels.opened(folder(names))
    assert found.classes == ("cancer", "healthy")
    assert by_level(found) == EXPECTED


def test_a_folder_s_own_table_comes_before_its_subfolders(folder):
    """Whatever the order of its rows and columns, and whatever else it holds; blanks and a byte order mark aside."""
    place = folder([f"x/{name}" for name in FLAT])
    rows = [f"7, {label} ,x/{name}" for name, label in reversed(list(zip(FLAT, LABELS, strict=True)))]
    (place / "metadata.csv").write_text("\ufefffold,label,file_name\n" + "\n".join(rows), encoding="utf-8")
    assert by_level(labels.opened(place)) == EXPECTED


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".h5"])
def test_a_table_gives_an_array_its_labels(file, tmp_path, suffix):
    """A row an image, in order; it comes before labels in the file."""
    table = tmp_path / "labels.csv"
    table.write_text("label\n" + "\n".join(LABELS) + "\n")
    assert by_level(labels.opened(file(suffix), table)) == EXPECTED


@pytest.mark.parametrize(
    ("suffix", "given"),
    [
        (".npz", [1, 1, 0, 1, 0]),
        (".npz", np.array([1, 1, 0, 1, 0], np.uint8).reshape(5, 1, 1, 1)),
        (".h5", np.array([1, 1, 0, 1, 0], np.uint8).reshape(5, 1, 1, 1)),
        (".h5", [1, 1, 0, 1, 0]),
    ],
)
def test_numbers_in_a_file_are_labels(file, suffix, given):
    """As text, whatever their type and in PCam's shape too."""
    found = by_level(labels.opened(file(suffix, given)))
    assert found == {level: {"cancer": "1", "healthy": "0"}[name] for level, name in EXPECTED.items()}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_text_in_a_file_is_labels(file, suffix):
    """Of any length."""
    assert by_level(labels.opened(file(suffix, LABELS))) == EXPECTED


def test_a_set_may_have_no_labels(file, folder):
    """Files side by side, and arrays alone."""
    for place in (folder(FLAT), file(".npy"), file(".npz"), file(".h5")):
        found = labels.opened(place)
        assert (len(found), found.classes) == (5, labels.UNLABELLED)


def test_images_beside_subfolders_are_refused(folder):
    """They would have no label."""
    with pytest.raises(UserError, match=r"2 of 5 images lie in no subfolder \(0.png, 3.png\).*write metadata.csv"):
        labels.opened(folder(["0.png", "a/1.png", "a/2.png", "3.png", "b/4.png"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("file,label\n", "has no column 'file_name'. Expected the columns file_name, label; found file, label."),
        ("", "has no column 'file_name'. Expected the columns file_name, label; found none."),
        ("file_name,label\n0.png,a\n", r"has no row for 4 of 5 images \(1.png, 2.png, 3.png and 1 more\)"),
        ("file_name,label\n" + "0.png,a\n" * 2, "names 1 files more than once"),
        ("file_name,label\n" + "".join(f"{one}.png,a\n" for one in range(7)), r"names 2 images that are not there \(5"),
        ("file_name,label\n0.png,a\n1.png,\n", "1 rows lack a name or a label, the first in line 3"),
        ("file_name,label\n0.png\n", "1 rows lack a name or a label, the first in line 2"),
        ('file_name,label\n"0.png', "is no CSV file"),
        ("\x00", "has no column|no CSV"),
    ],
)
def test_a_table_that_does_not_fit_is_told(folder, text, expected):
    """With how many rows or images, and which first."""
    place = folder(FLAT)
    (place / "metadata.csv").write_text(text)
    with pytest.raises(UserError, match=expected):
        labels.opened(place)


def test_a_table_of_an_array_has_a_row_an_image(file, tmp_path):
    """Neither more nor fewer; one that is not there is told."""
    table = tmp_path / "labels.csv"
    table.write_text("label\n" + "a\n" * 4)
    with pytest.raises(UserError, match="labels.csv has 4 rows for 5 images. Expected a row an image, in order"):
        labels.opened(file(".npy"), table)
    table.write_bytes(b"label\n\xff\n")
    with pytest.raises(UserError, match="labels.csv is no CSV file in UTF-8"):
        labels.opened(file(".npy"), table)
    with pytest.raises(UserError, match="none.csv cannot be read: No such file"):
        labels.opened(file(".npy"), Path(tmp_path / "none.csv"))


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("given", [[1, 0], [0.5] * 5, [[0, 1]] * 5])
def test_labels_of_another_shape_or_type_are_refused(file, suffix, given):
    """A label an image, a whole number or text."""
    with pytest.raises(UserError, match=r"its labels are \(.*Expected \(5,\), whole numbers or text"):
        labels.opened(file(suffix, given))


def test_labels_that_would_have_to_be_unpickled_are_refused(tmp_path):
    """They could run code."""
    place = tmp_path / "set.npz"
    np.savez(place, images=np.zeros((2, 4, 4, 3), np.uint8), labels=np.array([{}, []], object))
    with pytest.raises(UserError, match="its labels cannot be read"):
        labels.opened(place)
