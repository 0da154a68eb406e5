"""Letters for notes."""

from __future__ import annotations

from leaderboard.rendering.marks import Marks, letters


def test_letters_go_on_after_z() -> None:
    """A to z, then aa, ab, ..."""
    assert [letters(number) for number in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        "a", "z", "aa", "ab", "az", "ba", "zz", "aaa",
    ]  # fmt: skip


def test_one_text_has_one_mark() -> None:
    """Equal texts share a letter."""
    marks = Marks()
    assert [marks.of(text) for text in ("x", "y", "x")] == ["a", "b", "a"]
    assert marks.all() == (("a", "x"), ("b", "y"))
