"""What a suite says is done to pixels."""

from __future__ import annotations

import hashlib
import json

import pytest

from benchmark import strict
from benchmark.errors import UserError
from benchmark.protocol.definition import Protocol


def test_a_protocol_s_digest_is_of_all_it_says():
    """Twelve hex digits of SHA-256 over its JSON, written out here; boards hang on it."""
    text = json.dumps({"codec": "dataset", "filter": "lanczos", "size": 64}, separators=(",", ":"))
    assert Protocol(size=64).digest == hashlib.sha256(text.encode()).hexdigest()[:12] == "0629040c5bce"


def test_every_part_changes_the_digest():
    """Size, filter and codec."""
    changes = [{}, {"size": 65}, {"filter": "box"}, {"filter": "bicubic"}, {"filter": "bilinear"}, {"codec": "none"}]
    assert len({Protocol(**{"size": 64, **change}).digest for change in changes}) == len(changes)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        (Protocol(size=96), "96 px, lanczos with antialiasing, the dataset's own codec"),
        (Protocol(size=8, filter="box", codec="none"), "8 px, box with antialiasing, no codec"),
    ],
)
def test_a_protocol_describes_itself(protocol, expected):
    """In one line, as boards show it."""
    assert protocol.describe() == expected


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"size": 0}, r"x: key 'size': expected 1 or more \(found 0\)"),
        ({"size": 8.0}, r"x: key 'size': expected a whole number \(found 8\.0\)"),
        ({"size": "8"}, r"x: key 'size': expected a whole number \(found '8'\)"),
        ({}, "x: key 'size' is missing"),
        (
            {"size": 8, "filter": "nearest"},
            "x: key 'filter': there is no such choice. Known: bicubic, bilinear, box, lanczos",
        ),
        ({"size": 8, "codec": "jpeg-75"}, "x: key 'codec': there is no such choice. Known: dataset, none"),
        ({"size": 8, "fitler": "box"}, "x: unknown key 'fitler'. Did you mean 'filter'"),
    ],
)
def test_a_wrong_protocol_is_refused(value, said):
    """With the key, what was found and what was expected."""
    with pytest.raises(UserError, match=said):
        strict.validate(Protocol, value, where="x")
