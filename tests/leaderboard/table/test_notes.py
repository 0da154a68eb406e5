"""Notes of a board."""

from __future__ import annotations

from leaderboard.table import notes


def test_uncommitted_changes_are_counted(made) -> None:
    """One of two."""
    records = [made.record("a", provenance={"dirty": True}), made.record("b")]
    assert "1 of 2 records come from a checkout with uncommitted changes." in notes.of(records, superseded=())


def test_unlike_surroundings_are_named(made) -> None:
    """Commits, machines and versions of torch."""
    records = [
        made.record("a"),
        made.record("b", provenance={"commit": "b" * 40, "processor": "Another", "packages": {"torch": "9.0"}}),
    ]
    found = " ".join(notes.of(records, superseded=()))
    assert "2 commits: bbbbbbbbbbbb, c0ffeec0ffee" in found
    assert "2 machines: A processor, Another" in found
    assert "2 versions of torch: 2.14.1, 9.0" in found


def test_a_clean_board_has_none(made) -> None:
    """Nothing to say, nothing said."""
    assert notes.of([made.record("a", made.value(1.0))], superseded=()) == ()


def test_undescribed_values_are_not_dropped_silently(made) -> None:
    """They are named."""
    assert "'ghost.net'" in notes.of([made.record("a", made.value(1.0, "ghost"))], superseded=())[0]
