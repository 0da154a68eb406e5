"""The pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from leaderboard.pictures.gallery import Pictures
from leaderboard.rendering import html
from leaderboard.table import boards

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
NO_PICTURES = Pictures({}, {})


class _Tags(HTMLParser):
    """Collects tags, and finds those that are not closed in order."""

    void = {"meta", "img", "br", "link", "input", "line", "circle", "path"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def _pages(found):
    yield html.index(found)
    for board in found:
        yield html.board_page(board, NO_PICTURES)
        for group in board.groups:
            yield from (html.entrant_page(board, group, row, NO_PICTURES) for row in group.rows if row.records)


def _tags(page):
    parser = _Tags()
    parser.feed(page)
    assert parser.open == []
    return parser.found


def _evil(made):
    metric = made.metric(
        title=EVIL, definition=EVIL, estimand=EVIL, source=EVIL, blind_to=EVIL, unit=EVIL, bounded_by=(EVIL,)
    )  # fmt: skip
    entry = made.variant(
        EVIL, summary=EVIL, origin=EVIL, generator=EVIL, source=EVIL, guided_by=(EVIL,), weights={EVIL: EVIL},
        given={EVIL: EVIL}, resolved={EVIL: EVIL},
    )  # fmt: skip
    changes = {
        "task": EVIL, "metrics": [metric], "variant": entry, "suite": {"name": EVIL, "summary": EVIL, "identifier": EVIL},
        "identity": {"name": EVIL, "official": False}, "run": {"command": EVIL},
        "provenance": {"commit": EVIL, "processor": EVIL, "packages": {EVIL: EVIL}},
    }  # fmt: skip
    value = made.value(1.0, extractor=EVIL, note=EVIL, samples={EVIL: 1.0}, n={EVIL: 3})
    return [
        made.record(EVIL, value, **changes),
        made.record(EVIL, made.value(None, refused=EVIL, extractor=EVIL), seed=1, **changes),
        made.record(EVIL, seed=2, status="failed", error=EVIL, **changes),
    ]


def test_everything_from_a_record_is_escaped(made) -> None:
    """No tag of a record's words becomes one of the page's."""
    for page in _pages(boards.of(_evil(made))):
        tags = _tags(page)
        assert not [attrs for tag, attrs in tags if tag == "img"]
        assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
        assert sum(tag == "script" for tag, _ in tags) <= 1
        assert "alert(&#39;x&#39;)" in page


def test_the_statement_on_use_stands_on_each_page(made) -> None:
    """On the index, on boards, on entrants."""
    for page in _pages(boards.of(made.study((0,)))):
        assert "Research use only: nothing here proves privacy or clinical fitness" in page


def test_pages_are_whole_and_accessible(made) -> None:
    """Closed tags, one heading of the first level, language, scopes on every head cell, unique ids, live anchors."""
    for page in _pages(boards.of(made.study((0, 1, 100)))):
        tags = _tags(page)
        assert [attrs["lang"] for tag, attrs in tags if tag == "html"] == ["en"]
        assert sum(tag == "h1" for tag, _ in tags) == 1
        assert all("scope" in attrs for tag, attrs in tags if tag == "th")
        assert all(attrs.get("aria-hidden") == "true" for tag, attrs in tags if tag == "svg" and "class" in attrs)
        ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        anchors = {attrs["href"][1:] for tag, attrs in tags if tag == "a" and attrs["href"].startswith("#")}
        assert anchors <= set(ids)


def test_pages_need_nothing_from_elsewhere(made) -> None:
    """No address of another host, no file but pages, tables and pictures beside."""
    for page in _pages(boards.of(made.study((0,)))):
        assert "http://" not in page
        assert "https://" not in page
        policy = next(attrs["content"] for tag, attrs in _tags(page) if attrs.get("http-equiv"))
        assert policy.startswith("default-src 'none'")


def test_trial_is_marked_on_every_page(made) -> None:
    """Index, board and entrant."""
    records = [made.record("noise", made.value(1.0), suite={"limit": 8})]
    for page in _pages(boards.of(records)):
        assert "TRIAL: cut down to at most 8 images" in page


def test_development_seeds_are_a_marked_section(made) -> None:
    """After the reported ones, on index, board and page of the row."""
    records = [made.record("noise", made.value(1.0), seed=seed) for seed in (0, 100)]
    index, board, reported, development = _pages(boards.of(records))
    assert board.index('id="results"') < board.index('<section class="development"')
    for page in (index, board, development):
        assert "Development seeds, not for reporting" in page
    assert "Development seeds" not in reported


def test_uncommitted_changes_are_marked(made) -> None:
    """On index, board and entrant."""
    for page in _pages(boards.of([made.record("noise", made.value(1.0), provenance={"dirty": True})])):
        assert "uncommitted changes" in page


@pytest.mark.parametrize("part", ["how fd is computed", "its expectation at this N", "a paper, eq. 1", "copies"])
def test_each_metric_is_explained(made, part) -> None:
    """Definition, estimand, source, what it is blind to."""
    (board,) = boards.of([made.record("noise", made.value(1.0))])
    page = html.board_page(board, NO_PICTURES)
    explanation = page[page.index(f'<details id="{html.metric_id("fidelity", "fd")}"') :]
    assert part in explanation


def test_failed_and_missing_rows_say_so(made) -> None:
    """Status and reason in the row; not run where there is no record."""
    records = [made.record("off-the-shelf", status="diverged", error="loss is nan at step 3")]
    page = html.board_page(boards.of(records)[0], NO_PICTURES)
    rows = re.findall(r"<tr>.*?</tr>", page, re.S)
    failed = next(row for row in rows if "off-the-shelf" in row and "colspan" in row)
    assert "diverged" in failed
    assert "loss is nan at step 3" in failed
    assert "not run" in next(row for row in rows if "label-prompts" in row)
