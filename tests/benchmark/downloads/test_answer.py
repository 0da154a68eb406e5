"""What an answer means: its first byte, its length, whether to ask again."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from benchmark.downloads import answer
from benchmark.downloads.answer import Passing
from benchmark.downloads.remote import NotFetched, Remote

REMOTE = Remote("http://x.org/a.gz", size=100)


def answered(status: int, **headers: str) -> requests.Response:
    """An answer as it comes from a server."""
    response = requests.Response()
    response.status_code = status
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def test_where_an_answer_begins() -> None:
    """At the byte asked for, or at the first from a server that gives only the whole."""
    assert answer.begins_at(answered(206, Content_Range="bytes 40-99/100"), REMOTE, 40) == 40
    assert answer.begins_at(answered(206, Content_Range="bytes 40-99/*"), REMOTE, 40) == 40
    assert answer.begins_at(answered(200, Content_Length="100"), REMOTE, 40) == 0
    assert answer.begins_at(answered(200), REMOTE, 0) == 0


@pytest.mark.parametrize("span", ["bytes 39-99/100", "bytes 0-99/100", "items 40-99/100", ""])
def test_another_part_than_asked_for_is_not_joined(span: str) -> None:
    """It may be the right one the next time."""
    with pytest.raises(Passing, match=r"x\.org gave another part than was asked for"):
        answer.begins_at(answered(206, Content_Range=span), REMOTE, 40)


def test_another_size_is_refused_from_parts_too() -> None:
    """Of the whole file that the part is of."""
    for wrong in (answered(206, Content_Range="bytes 40-89/90"), answered(200, Content_Length="90")):
        with pytest.raises(NotFetched, match="has 90 bytes under this address, expected 100"):
            answer.begins_at(wrong, REMOTE, 40)


def test_how_long_a_busy_server_asks_to_wait() -> None:
    """In seconds; a date is left alone."""
    for asked, expected in (("12", 12.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 0.0), ("-1", 0.0), ("²", 0.0)):
        with pytest.raises(Passing) as busy:
            answer.begins_at(answered(429, Retry_After=asked), REMOTE, 0)
        assert busy.value.wait == expected


def test_lengths_that_are_none_count_as_unknown() -> None:
    """As an answer in chunks has it."""
    assert answer.announced(answered(200, Content_Length="12")) == 12
    assert answer.announced(answered(200, Content_Length="many")) == answer.announced(answered(200)) == 0


def test_a_server_that_cannot_prove_who_it_is(mirror: Any) -> None:
    """One that speaks no TLS, asked for it."""
    remote = Remote(mirror.address.replace("http:", "https:") + "/a")
    with requests.Session() as session, pytest.raises(NotFetched, match="cannot prove who it is"):
        answer.ask(session, remote, 0)
