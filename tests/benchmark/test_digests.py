"""Digests: fixed for ever, blind to the order of keys, sharp for everything else."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import pytest

from benchmark import digests


def test_golden_digests_of_values():
    """Keys of every store that exists hang on these; the bytes behind them are spelt out."""
    golden = {
        '{"a":1,"b":[true,null,"é"]}': {"b": [True, None, "é"], "a": 1},
        '[0.1,1e-07,"\\n"]': [0.1, 1e-7, "\n"],
        '"x"': "x",
    }
    for text, value in golden.items():
        assert digests.of_value(value) == hashlib.sha256(text.encode()).hexdigest()
    assert digests.of_value({"b": [True, None, "é"], "a": 1}) == (
        "9488dd13ca33d3291f5a91a1833dfa164811755ffba538c2b340780f8c31a0cb"
    )


@pytest.mark.parametrize("other", [{"a": 2, "b": 1}, {"a": "1", "b": 2}, {"a": 1.0, "b": 2}, {"a": 1}, [1, 2]])
def test_unlike_values_have_unlike_digests(other):
    """A swapped, retyped or missing part changes the digest."""
    assert digests.of_value(other) != digests.of_value({"a": 1, "b": 2})


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_numbers_that_json_does_not_know_are_refused(number):
    """NaN has no JSON and equals nothing."""
    with pytest.raises(ValueError):
        digests.of_value([number])


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (b"a" * 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        (b"x" * ((1 << 20) + 1), hashlib.sha256(b"x" * ((1 << 20) + 1)).hexdigest()),
    ],
)
def test_files_have_the_digests_of_the_standard(tmp_path: Path, content, expected):
    """FIPS 180-4's own examples, and a file longer than one block."""
    path = tmp_path / "file"
    path.write_bytes(content)
    assert digests.of_file(path) == expected


def test_a_set_of_files_is_its_names_and_contents():
    """Order does not matter; two contents that change places do."""
    assert digests.of_files({"a": "1", "b": "2"}) == digests.of_files({"b": "2", "a": "1"})
    assert digests.of_files({"a": "1", "b": "2"}) != digests.of_files({"a": "2", "b": "1"})
    assert digests.of_files({"a": "1", "b": "2"}) != digests.of_files({"c": "1", "b": "2"})
