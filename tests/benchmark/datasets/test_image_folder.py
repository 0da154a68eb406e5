"""What folders and tables tell of images."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from toybench import pictures

from benchmark.datasets import file_sets, image_folder
from benchmark.datasets.image_folder import Columns
from benchmark.errors import UserError


def read(place: Path, columns: Columns = Columns()) -> image_folder.Read:  # noqa: B008
    return image_folder.read(file_sets.opened(place), columns)


@pytest.fixture
def flat(tmp_path: Path) -> Path:
    """Four images in no folder, and whatever table a test puts beside them."""
    pictures.write_classes(tmp_path, {"images": 4})
    return tmp_path / "images"


def test_a_folder_a_class(tmp_path: Path) -> None:
    """Whatever lies deeper in it is of it too."""
    pictures.write_classes(tmp_path, {"b": 1, "a/deep/er": 1, "a": 1})
    found, tables = read(tmp_path)
    assert list(found.names) == ["a/0000.png", "a/deep/er/0000.png", "b/0000.png"]
    assert (found.labels, found.slides, found.splits, tables) == (["a", "a", "b"], None, None, ())


def test_a_folder_a_split(tmp_path: Path) -> None:
    """By any of their usual names."""
    pictures.write_classes(tmp_path, {"Training/b": 1, "val/a": 1, "test/a": 2})
    found, _ = read(tmp_path)
    assert list(found.names) == ["Training/b/0000.png", "test/a/0000.png", "test/a/0001.png", "val/a/0000.png"]
    assert found.labels == ["b", "a", "a", "a"]
    assert found.splits == ["train", "test", "test", "valid"]


def test_a_table_of_commas(flat: Path) -> None:
    """In any order of its rows and columns; a byte order mark is none of its text."""
    (flat / "metadata.csv").write_text(
        "label,slide,file_name,split\nb,s1,0003.png,test\na,s1,./0000.png,train\na,s2,0001.png,validation\n"
        "b,s2,0002.png,train\n",
        encoding="utf-8-sig",
    )
    found, tables = read(flat)
    assert (found.labels, found.slides) == (["a", "a", "b", "b"], ["s1", "s2", "s2", "s1"])
    assert (found.splits, tables) == (["train", "valid", "train", "test"], ("metadata.csv",))


def test_a_table_of_json_lines_under_other_names(flat: Path) -> None:
    """Labels may be numbers; slides and splits need not be there."""
    lines = [{"file_name": f"000{row}.png", "class": row % 2, "wsi": f"w{row}"} for row in range(4)]
    (flat / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    found, _ = read(flat, Columns(label="class", slide="wsi"))
    assert (found.labels, found.slides, found.splits) == (["0", "1", "0", "1"], ["w0", "w1", "w2", "w3"], None)
    assert read(flat, Columns(label="class")).table.slides is None


def test_a_table_in_the_folder_of_each_split(tmp_path: Path, flat: Path) -> None:
    """Files are named from where it lies."""
    for split in ("train", "test"):
        shutil.copytree(flat, tmp_path / "all" / split)
        rows = "".join(f"000{row}.png,{split}-label\n" for row in range(4))
        (tmp_path / "all" / split / "metadata.csv").write_text(f"file_name,label\n{rows}")
    found, tables = read(tmp_path / "all")
    assert found.labels == ["test-label"] * 4 + ["train-label"] * 4
    assert found.splits == ["test"] * 4 + ["train"] * 4
    assert tables == ("test/metadata.csv", "train/metadata.csv")


ROWS = "0000.png,a\n0001.png,b\n0002.png,a\n0003.png,b\n"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (f"file_name,class\n{ROWS}", r"metadata\.csv has no column 'label'\. .*Known: class, file_name"),
        (f"name,label\n{ROWS}", r"has no column 'file_name'"),
        (f"file_name,label\n{ROWS}lost.png,a\n", r"names 1 files that are not there, such as lost\.png"),
        (f"file_name,label\n{ROWS}0002.png,b\n", r"names 0002\.png twice"),
        (f"file_name,label\n{ROWS[:-11]}", r"metadata\.csv has no row for 1 files, such as 0003\.png"),
        (f"file_name,label\n{ROWS[:-2]}\n", r"column 'label' is empty in the row"),
        (f"file_name,label,slide\n{ROWS}".replace(",b", ",b,s"), r"'slide' is empty for 0000\.png, and is not for"),
        (f"file_name,label,split\n{ROWS}".replace("\n0", ",tset\n0")[:-1] + ",tset", r"says 'tset'\. Did you mean 'test'"),
        ("\xff", "cannot be read"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_one_message(flat: Path, table: str, said: str) -> None:
    """What it says, and what was expected."""
    (flat / "metadata.csv").write_bytes(table.replace("split,tset", "split").encode("latin-1"))
    with pytest.raises(UserError, match=said):
        read(flat)


def test_json_lines_that_are_none(flat: Path) -> None:
    """Damaged, or no objects, or with lists for labels."""
    for line, said in (
        ("{", "cannot be read"),
        ("[1]", r"holds the line \[1\]"),
        ('{"file_name": "0000.png", "label": []}', r"holds \[\]"),
    ):
        (flat / "metadata.jsonl").write_text(line)
        with pytest.raises(UserError, match=said):
            read(flat)


def test_nothing_that_tells_labels(flat: Path, tmp_path: Path) -> None:
    """Images in no folder, alone or in the folder of a split; the message says what would."""
    with pytest.raises(image_folder.Unlabelled, match=r"nothing tells the class of 0000\.png\. Expected a folder for"):
        read(flat)
    flat.rename(tmp_path / "train")
    with pytest.raises(image_folder.Unlabelled, match=r"the class of train/0000\.png"):
        read(tmp_path)


def test_splits_and_other_folders_do_not_mix(tmp_path: Path, flat: Path) -> None:
    """A class named beside splits may be meant as either."""
    pictures.write_classes(tmp_path / "x", {"train/a": 1, "valid/a": 1, "stroma": 1})
    with pytest.raises(UserError, match=r"folders of splits \(train, valid\) and the folder 'stroma'"):
        read(tmp_path / "x")
    shutil.rmtree(tmp_path / "x" / "stroma")
    shutil.copy(flat / "0000.png", tmp_path / "x")
    with pytest.raises(UserError, match=r"and images in no folder, such as 0000\.png"):
        read(tmp_path / "x")


def test_several_tables_are_refused(flat: Path) -> None:
    """Which of them counts is not for us to guess."""
    for name in ("metadata.csv", "metadata.jsonl"):
        (flat / name).write_text("x")
    with pytest.raises(UserError, match=r"several tables: metadata\.csv, metadata\.jsonl"):
        read(flat)


def test_no_image_at_all(tmp_path: Path) -> None:
    """Whatever else is there."""
    (tmp_path / "x.gif").touch()
    with pytest.raises(UserError, match="holds 1 other files and no image"):
        read(tmp_path)
