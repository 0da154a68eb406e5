"""The note of what was sent."""

from __future__ import annotations

from pathlib import Path

from benchmark.tracking import target
from benchmark.tracking.ledger import Ledger


def test_ledger_is_read_by_the_next(tmp_path: Path) -> None:
    """One process notes, another reads, also while it is at work."""
    place = target.resolve(tmp_path, "http://tracker:5000")
    reader, writer = Ledger(place), Ledger(place)
    writer.add(["a", "b"])
    writer.add(["b", "c"])
    assert "a" not in reader
    reader.reload()
    assert all(digest in reader for digest in "abc")
    assert "c" in Ledger(place)
    assert "d" not in Ledger(place)


def test_ledger_of_one_place_says_nothing_of_another(tmp_path: Path) -> None:
    """Each tracking place has its own."""
    Ledger(target.resolve(tmp_path, "http://one:5000")).add(["a"])
    assert "a" not in Ledger(target.resolve(tmp_path, "http://two:5000"))
    assert "a" not in Ledger(target.resolve(tmp_path, None))


def test_ledger_forgets_a_database_that_was_deleted(tmp_path: Path) -> None:
    """A new database of the same name has none of the records."""
    place = target.resolve(tmp_path, None)
    assert place.database is not None
    place.database.write_text("one")
    Ledger(place).add(["a"])
    assert "a" in Ledger(place)
    place.database.rename(tmp_path / "aside")
    place.database.write_text("another")
    assert "a" not in Ledger(place)


def test_ledger_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    """It is a cache."""
    place = target.resolve(tmp_path, "http://tracker:5000")
    ledger = Ledger(place)
    (tmp_path / "tracking" / f"{place.identity}.sent").mkdir()
    ledger.add(["a"])
    assert "a" in ledger


def test_ledger_holds_no_password(tmp_path: Path) -> None:
    """Neither its name nor its text repeats the URI."""
    place = target.Target(tmp_path, "https://me:secret@tracker", target.VARIABLE)
    Ledger(place).add(["a"])
    written = list((tmp_path / "tracking").iterdir())
    assert written
    assert all("secret" not in path.name + path.read_text() for path in written)
