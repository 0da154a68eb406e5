"""Images at a path with what is known of them: labels from folders, tables and array files, or a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from toybench import image_sets, pictures

from benchmark.datasets import places
from benchmark.errors import UserError

LABELS = image_sets.LABELS
FLAT = [f"{number}.png" for number in range(5)]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes the images as files, by default in a folder for each class."""
    return lambda names=None: image_sets.write_folder(tmp_path / "set", names)


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes the images as one file, with or without labels."""
    return lambda suffix, labels=None: image_sets.write_file(tmp_path / f"set{suffix}", labels)


def by_level(found: places.Found) -> dict[int, str]:
    """The label of each image, by its gray level."""
    images = found.images()
    levels = images.read(0, len(images))[:, 0, 0, 0]
    return {int(level): images.classes[label] for level, label in zip(levels, images.labels, strict=True)}


EXPECTED = {200: "cancer", 201: "cancer", 20: "healthy", 202: "cancer", 21: "healthy"}


def test_a_subfolder_is_a_label(folder):
    """The first on the way, however deep the file lies."""
    names = [f"{label}/deep/er/{number}.png" for number, label in enumerate(LABELS)]
    found = places.find(folder(names))
    assert found.images().classes == ("cancer", "healthy")
    assert by_level(found) == EXPECTED


def test_a_folder_s_own_table_comes_before_its_subfolders(folder):
    """Whatever the order of its rows and columns, and whatever else it holds; blanks and a byte order mark aside."""
    place = folder([f"x/{name}" for name in FLAT])
    rows = [f"7, {label} ,x/{name}" for name, label in reversed(list(zip(FLAT, LABELS, strict=True)))]
    (place / "metadata.csv").write_text("\ufefffold,label,file_name\n" + "\n".join(rows), encoding="utf-8")
    assert by_level(places.find(place)) == EXPECTED


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".h5"])
def test_a_table_gives_an_array_its_labels(file, tmp_path, suffix):
    """A row an image, in order; it comes before labels in the file."""
    table = tmp_path / "labels.csv"
    table.write_text("label\n" + "\n".join(LABELS) + "\n")
    assert by_level(places.find(file(suffix), labels=table)) == EXPECTED


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
    found = by_level(places.find(file(suffix, given)))
    assert found == {level: {"cancer": "1", "healthy": "0"}[name] for level, name in EXPECTED.items()}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_text_in_a_file_is_labels(file, suffix):
    """Of any length."""
    assert by_level(places.find(file(suffix, LABELS))) == EXPECTED


def test_a_set_may_have_no_labels(file, folder):
    """Files side by side, and arrays alone."""
    for place in (folder(FLAT), file(".npy"), file(".npz"), file(".h5")):
        found = places.find(place)
        assert (len(found.images()), found.images().classes) == (5, (places.UNLABELLED,))
        assert not found.is_labelled


def test_images_beside_subfolders_count_as_unlabelled(folder):
    """Some would have no label; the set may be used without, and which they are is told."""
    found = places.find(folder(["0.png", "a/1.png", "a/2.png", "3.png", "b/4.png"]))
    assert not found.is_labelled
    assert found.note == "pooled from 3 folders; folders are no classes, since 0.png and 1 more lie in none"


def test_a_table_elsewhere_comes_first(folder, tmp_path):
    """Its paths start from the folder of the images; it decides what the images are, too."""
    place, table = folder(), tmp_path / "other.csv"
    names = [f"{label}/{number}.png" for number, label in enumerate(LABELS)]
    table.write_text("file_name,label\n" + "".join(f"{name},{'xy'[at % 2]}\n" for at, name in enumerate(names)))
    found = places.find(place, labels=table)
    assert by_level(found) == {200: "x", 201: "y", 20: "x", 202: "y", 21: "x"}
    assert table in found.gathering.files
    before = found.images().digest
    table.write_text(table.read_text() + "\n")
    assert found.images().digest != before


def test_a_zip_with_a_table_in_it(folder, tmp_path):
    """As in the image folders of the hub, packed."""
    place = folder(FLAT)
    (place / "metadata.csv").write_text("file_name,label\n" + "".join(map("{},{}\n".format, FLAT, LABELS)))
    found = places.find(pictures.pack(place, tmp_path / "set.zip"))
    assert (by_level(found), found.note) == (EXPECTED, None)


def test_splits_and_slides_come_along(folder):
    """Of folders as of arrays."""
    names = [f"{split}/{label}/{number}.png" for number, (split, label) in
             enumerate(zip(["train", "test", "train", "val", "test"], LABELS, strict=True))]  # fmt: skip
    found = places.find(folder(names))
    assert by_level(found) == EXPECTED
    assert found.gathering.table.splits == ["test", "test", "train", "train", "valid"]


@pytest.mark.parametrize(("suffix", "names"), [(None, ["cancer/1.png", "healthy/4.png"]), (".npz", ["row 1", "row 4"]),
                                               (".h5", ["row 1", "row 4"])])  # fmt: skip
def test_images_may_be_left_out(folder, file, suffix, names):
    """By the names that their table has; one that is not there is told, and so is that none remains."""
    place = folder() if suffix is None else file(suffix, LABELS)
    found = places.find(place, without=names)
    assert by_level(found) == {level: EXPECTED[level] for level in (200, 20, 202)}
    assert not set(names) & set(found.gathering.table.names)
    with pytest.raises(UserError, match="lost should be left out, but are not there. The images changed"):
        places.find(place, without=[*names, "lost"])
    with pytest.raises(UserError, match="all 5 images are to be left out"):
        places.find(place, without=list(places.find(place).gathering.table.names))


def test_labels_need_not_be_used(folder):
    """Everything else stays."""
    found = places.find(folder())
    bare = found.without_labels()
    assert (bare.is_labelled, bare.images().classes) == (False, (places.UNLABELLED,))
    assert bare.gathering.table.names == found.gathering.table.names


def test_what_is_no_set_of_images_is_told(tmp_path):
    """Nothing there, or a file of another kind."""
    (tmp_path / "x.txt").touch()
    with pytest.raises(UserError, match=r"x\.txt is a \.txt file\. Expected a folder"):
        places.find(tmp_path / "x.txt")
    with pytest.raises(UserError, match="nowhere is not there. Expected a folder"):
        places.find(tmp_path / "nowhere")


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("given", [[1, 0], [0.5] * 5, [[0, 1]] * 5])
def test_labels_of_another_shape_or_type_are_refused(file, suffix, given):
    """A label an image, a whole number or text."""
    with pytest.raises(
        UserError,
        match="Expected one value for each of 5|Expected whole numbers or text|expected a number or text an image|has 2 labels",
    ):
        places.find(file(suffix, given))


def test_labels_that_would_have_to_be_unpickled_are_refused(tmp_path):
    """They could run code."""
    place = tmp_path / "set.npz"
    np.savez(place, images=np.zeros((2, 4, 4, 3), np.uint8), labels=np.array([{}, []], object))
    with pytest.raises(UserError, match="holds objects, not pixels"):
        places.find(place)


def test_a_link_to_nothing_is_an_image_that_cannot_be_read(folder, tmp_path):
    """It is listed, so that a look at the images names it; the others are as they were."""
    place = folder()
    (place / "cancer" / "9.png").symlink_to(tmp_path / "nowhere.png")
    found = places.find(place)
    assert "cancer/9.png" in found.gathering.table.names
    assert len(found.images()) == 6
    assert by_level(places.find(place, without=["cancer/9.png"])) == EXPECTED
