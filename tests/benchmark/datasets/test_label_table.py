"""Tables of labels that lie anywhere: rows by the file they name, or in the order of the images."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmark.datasets import label_table
from benchmark.datasets.label_table import Columns, Row
from benchmark.errors import UserError


def test_rows_name_files_or_stand_in_order(tmp_path: Path) -> None:
    """Blanks and a byte order mark aside; what is not there is nothing."""
    table = tmp_path / "t.csv"
    table.write_text("slide,label,file_name\ns1, a ,x/0.png\ns2,b,1.png\n", encoding="utf-8-sig")
    assert label_table.read(table, Columns()) == [Row("x/0.png", "a", "s1", ""), Row("1.png", "b", "s2", "")]
    found = label_table.in_order(table, Columns(), count=2)
    assert (list(found.names), found.labels, found.slides, found.splits) == (
        ["row 0", "row 1"], ["a", "b"], ["s1", "s2"], None
    )  # fmt: skip


def test_json_lines_by_their_suffix(tmp_path: Path) -> None:
    """Of arrays, without files; a column goes by another name."""
    table = tmp_path / "t.jsonl"
    table.write_text("\n".join(json.dumps({"class": row % 2, "split": "val"}) for row in range(3)))
    found = label_table.in_order(table, Columns(label="class"), count=3)
    assert (found.labels, found.splits) == (["0", "1", "0"], ["valid"] * 3)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label\na\n", r"t\.csv has 1 rows for 2 images\. Expected a row an image, in order"),
        ("klass\na\nb\n", r"t\.csv has no column 'label'\. Did you mean|t\.csv has no column 'label'\. Known: klass"),
        ('label\na\n""\n', r"column 'label' is empty in the row"),
        ('label\n"a', "cannot be read: unexpected end of data"),
        ("label,split\na,train\nb,tset\n", r"column 'split' says 'tset'\. Did you mean 'test'"),
        ("label,slide\na,s1\nb,\n", r"column 'slide' is empty for row 1, and is not for others"),
    ],
)
def test_a_table_that_does_not_fit_is_one_message(tmp_path: Path, text: str, said: str) -> None:
    """With where it is and what was expected."""
    table = tmp_path / "t.csv"
    table.write_text(text)
    with pytest.raises(UserError, match=said):
        label_table.in_order(table, Columns(), count=2)


def test_a_table_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """Not there, or no text."""
    with pytest.raises(UserError, match=r"none\.csv cannot be read: No such file"):
        label_table.read(tmp_path / "none.csv", Columns())
    (tmp_path / "t.csv").write_bytes(b"label\n\xff\n")
    with pytest.raises(UserError, match=r"t\.csv cannot be read: .*utf-8"):
        label_table.in_order(tmp_path / "t.csv", Columns(), count=1)
