"""Weights as an entry writes them: one source, pinned, files inside their folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from benchmark.registry.weights import Reference, Wanted, Weights

HUB = {"hub": "toy/net", "revision": "0" * 40, "files": ("a.json",)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "expected one of 'path', 'hub' and 'url'"),
        ({**HUB, "url": "x"}, "expected one of 'path', 'hub' and 'url'"),
        ({**HUB, "hub": "net"}, "hub: expected owner/name, found 'net'"),
        ({**HUB, "files": ()}, "files: expected the files of toy/net that are used"),
        ({**HUB, "files": ("../a",)}, "files: expected names inside the folder, found '../a'"),
        ({**HUB, "sha256": {"/a": "0" * 64}}, "files: expected names inside the folder, found '/a'"),
        ({**HUB, "sha256": {"a.json": "0" * 63}}, "sha256: expected 64 hex digits for 'a.json'"),
        ({**HUB, "revision": None}, "revision: expected a commit of toy/net, 40 hex digits, found None"),
        ({**HUB, "revision": "main"}, "revision: expected a commit of toy/net, 40 hex digits, found 'main'"),
        ({"url": "x"}, "files: expected the one file that 'url' brings"),
    ],
)
def test_what_could_be_other_weights_tomorrow_is_refused(given, expected):
    """Or would leave the folder."""
    with pytest.raises(ValidationError, match=expected):
        Weights(**given)


def test_text_alone_is_a_path():
    """The short form of an entry."""
    reference = TypeAdapter(Reference)
    assert reference.validate_python("models/mine") == Weights(path="models/mine")
    assert reference.validate_python(HUB) == Weights(**HUB)


def test_what_is_not_given_is_not_written():
    """An entry is shown as it was written."""
    assert Weights(path="a").model_dump(mode="json") == {"path": "a"}
    assert Weights(**HUB).model_dump(mode="json") == {**HUB, "files": ["a.json"]}


@pytest.mark.parametrize(
    ("given", "source"), [(HUB, "toy/net"), ({"url": "x", "files": ("a",)}, "x"), ({**HUB, "path": "p"}, "toy/net")]
)
def test_equal_sources_are_equal_networks(given, source):
    """Also a local copy of what a hub has."""
    assert Weights(**given).source == source


def test_messages_begin_with_whose_they_are():
    """A generator may have several."""
    weights = Weights(**HUB)
    assert Wanted("extractor", "net", None, weights, "x", Path()).of == "Extractor 'net'"
    assert Wanted("variant", "mine", "lora", weights, "x", Path()).of == "Variant 'mine', weights 'lora'"
