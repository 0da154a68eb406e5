"""From a store to pages."""

from __future__ import annotations

import re

import pytest

from benchmark.errors import UserError
from benchmark.records import files
from benchmark.store.store import Store
from leaderboard import site


@pytest.fixture
def store(tmp_path, made) -> Store:
    """A store with the made-up study: two reported seeds and one of development."""
    found = Store(tmp_path / "store")
    for record in made.study((0, 1, 100)):
        files.write(found.root, record)
    return found


def _content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_same_records_same_bytes(store, tmp_path) -> None:
    """Rendered anew, elsewhere, or over itself."""
    first = site.publish(store, tmp_path / "a")
    again = _content(first.folder)
    assert _content(site.publish(store, tmp_path / "b").folder) == again
    assert _content(site.publish(store, tmp_path / "a").folder) == again


def test_every_board_has_its_pages_and_files_and_no_link_is_dead(store) -> None:
    """Index, board, one page a row that was run, Markdown, CSV, JSON."""
    written = site.publish(store)
    (board,) = written.boards
    names = set(_content(written.folder))
    assert written.index == store.root / "leaderboard" / "index.html"
    assert {"index.html", *(f"{board.slug}/board.{end}" for end in ("md", "csv", "json"))} <= names
    assert len([name for name in names if "/entrants/" in name]) == 12
    for page in written.folder.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#]+)[^"]*"', page.read_text()):
            assert (page.parent / link).exists(), f"{page}: {link}"


def test_an_empty_store_has_an_empty_index(tmp_path) -> None:
    """And says what makes records."""
    written = site.publish(Store(tmp_path / "store"))
    assert written.boards == ()
    assert "holds no records yet" in written.index.read_text()


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[]", b'{"schema_version": 99}'])
def test_a_record_that_cannot_be_read_is_named(store, content) -> None:
    """One message with the file and what to do; the pages stay as they were."""
    path = store.root / "records" / "broken.json"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"broken\.json.*Move the file out"):
        site.publish(store)
    assert not (store.root / "leaderboard").exists()


def test_a_record_with_a_number_that_is_none_is_named(store, made) -> None:
    """A file from elsewhere may hold NaN; it never reaches a board."""
    path = files.write(store.root, made.record("noise", made.value(1.5), seed=7))
    path.write_text(path.read_text().replace("1.5", "NaN"))
    with pytest.raises(UserError, match="not finite"):
        site.publish(store)
