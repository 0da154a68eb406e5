"""The slide table."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from benchmark import errors
from benchmark.datasets import pcam_meta


def test_writes_what_the_official_table_looks_like() -> None:
    """Rows are numbered on over several calls."""
    stream = io.StringIO()
    writer = pcam_meta.RowWriter(stream)
    writer.write([pcam_meta.MetaRow(96, 192, True, False, "slide_a")])
    writer.write([pcam_meta.MetaRow(0, 5, True, True, "slide_b")])
    assert stream.getvalue() == (
        ",coord_y,coord_x,tumor_patch,center_tumor_patch,wsi\n0,96,192,True,False,slide_a\n1,0,5,True,True,slide_b\n"
    )


def test_reads_slides_in_the_order_of_rows(tmp_path: Path) -> None:
    """Other columns may come in any order."""
    path = tmp_path / "meta.csv"
    path.write_text("wsi,coord_x\nb,1\na,2\nb,3\n")
    assert pcam_meta.read_slides(path, 3).tolist() == ["b", "a", "b"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"no column 'wsi'; its columns: \(none\)"),
        (b",slide\n0,a\n", "no column 'wsi'; its columns: , slide"),
        (b",wsi\n0,a\n", "has 1 rows but the split has 2 patches"),
        (b",wsi\n0,a\n1,b\n2,c\n", "has 3 rows but the split has 2 patches"),
        (b",wsi\n0,a\n1,\n", "empty at row 1"),
        (b",wsi\n0,a\n1\n", "empty at row 1"),
        (b",wsi\n0,\xff\xfe\n1,b\n", "cannot be read as a UTF-8 CSV table"),
    ],
)
def test_bad_tables(tmp_path: Path, content: bytes, message: str) -> None:
    """Each fault names the file and what is wrong."""
    path = tmp_path / "meta.csv"
    path.write_bytes(content)
    with pytest.raises(errors.UserError, match=rf"meta\.csv.*{message}"):
        pcam_meta.read_slides(path, 2)
