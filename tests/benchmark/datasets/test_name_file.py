"""Files with a name a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.datasets import name_file
from benchmark.errors import UserError


@pytest.mark.parametrize(
    "text", ["a\nb\na\n", "a\nb\na", "a\r\nb\r\na\r\n", "a\r\nb\na", "\ufeffa\nb\na\n", "\ufeffa\r\nb\r\na\r\n"]
)
def test_slides_are_a_line_a_row(tmp_path: Path, text):
    """Whatever ends a line."""
    (tmp_path / "s.txt").write_bytes(text.encode())
    assert name_file.read(tmp_path / "s.txt", option="--real-slides", rows=3).tolist() == ["a", "b", "a"]


@pytest.mark.parametrize("inside", ["\u2028", "\x85", "\x0c", "\x1e", " ", "\ufeff"])
def test_only_ends_of_lines_end_a_name(tmp_path: Path, inside):
    """Other separators may stand in a prompt."""
    (tmp_path / "s.txt").write_bytes(f"one{inside}two\nb\n".encode())
    found = name_file.read(tmp_path / "s.txt", option="--real-groups", rows=2)
    assert found.tolist() == [f"one{inside}two", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\na \nb\n", "--real-slides .*s.txt, line 2: the name 'a ' begins or ends .* than 'a'. Remove the blanks"),
        ("a\nb\n\tb\n", r"line 3: the name '\\tb' begins or ends with blanks"),
        ("a\n\nb\n", "line 2: there is no name"),
        ("a\r\nb\r\n\r\n", "line 3: there is no name"),
        ("a\n \nb", "line 2: there is no name"),
        ("a\0\nb\nc\n", "no UTF-8 text: it holds zero bytes"),
        ("", "has 0 lines for 3 rows"),
    ],
)
def test_a_name_that_would_count_as_another_is_refused(tmp_path: Path, text, said):
    """With its line."""
    (tmp_path / "s.txt").write_bytes(text.encode())
    with pytest.raises(UserError, match=said):
        name_file.read(tmp_path / "s.txt", option="--real-slides", rows=3)


def test_slides_of_other_rows_are_refused(tmp_path: Path):
    """Their number, binary content, and a file that is not there."""
    (tmp_path / "s.txt").write_text("a\n\nb\n")
    with pytest.raises(UserError, match="has 3 lines for 2 rows"):
        name_file.read(tmp_path / "s.txt", option="--real-slides", rows=2)
    (tmp_path / "s.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="no UTF-8 text"):
        name_file.read(tmp_path / "s.txt", option="--real-slides", rows=2)
    with pytest.raises(UserError, match="cannot be read: No such file"):
        name_file.read(tmp_path / "none.txt", option="--real-slides", rows=2)
