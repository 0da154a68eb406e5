"""Protocols by name."""

from __future__ import annotations

import pytest

from benchmark import strict
from benchmark.protocol import named
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize, Store


def test_clean_treats_both_sides_alike() -> None:
    """One size, an antialiased filter, the dataset's codec, exact root, held-out reference: the short form."""
    clean = named.everything()["clean"].protocol
    assert clean == Protocol(size=96)
    assert (clean.reference, clean.root, clean.n_rule) == ("held-out", "exact", "equal")


def test_paper_is_the_released_protocol() -> None:
    """Each side from its own size to 299 px without antialiasing, stored as JPEG before, against training images."""
    paper = named.everything()["paper"].protocol
    path = (Store(codec="jpeg-75"), Resize(resize=299, filter="torch-bilinear"))
    assert (paper.real, paper.synthetic) == (path, path)
    assert (paper.extractor, paper.reference, paper.root) == ("inception-v3-compat", "training", "newton-schulz")


def test_every_value_says_where_it_comes_from() -> None:
    """A source of the three and a reason; what the code does not tell is ours; paper says what it lacks."""
    for name, found in named.everything().items():
        lines = list(found.lines())
        assert {line.key for line in lines} == set(found.values)
        assert all(line.because and line.source in ("code", "text", "ours") for line in lines), name
    paper = named.everything()["paper"]
    sources = [(line.key, line.value, line.source) for line in paper.lines()]
    assert sources[0] == ("real", "codec: jpeg-75", "ours")
    assert sources[1] == ("real", "resize: 299, filter: torch-bilinear", "code")
    assert ("n_rule", "equal", "ours") in sources
    assert paper.lacking
    assert {line.source for line in named.everything()["clean"].lines()} == {"ours"}


def test_every_choice_of_a_named_protocol_is_spelled_out() -> None:
    """No value hides behind a default: all fields of the form it is in are given."""
    late = {"reference", "root", "n_rule"}
    assert set(named.everything()["clean"].values) == {"size", "filter", "codec"} | late
    assert set(named.everything()["paper"].values) == {"real", "synthetic", "extractor"} | late


def test_a_name_or_a_base_is_filled_in() -> None:
    """What is given beside the base wins; anything else stays as it is."""
    assert strict.validate(Protocol, named.resolve("clean"), where="x") == Protocol(size=96)
    changed = named.resolve({"base": "clean", "size": 32})
    assert strict.validate(Protocol, changed, where="x").digest == Protocol(size=32).digest
    assert named.resolve({"size": 8}) == {"size": 8}
    assert named.resolve(7) == 7


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"base": "paper", "size": 48}, "'size' is for both sides, and protocol 'paper' gives each its own operations"),
        ({"base": "paper", "codec": "none"}, "'codec' is for both sides"),
        ({"base": "clean", "real": []}, "'real' is for one side, and protocol 'clean' does the same to both"),
    ],
)
def test_keys_of_the_other_form_are_refused(given: dict[str, object], expected: str) -> None:
    """A base is changed in the form that it has."""
    with pytest.raises(ValueError, match=expected):
        named.resolve(given)


@pytest.mark.parametrize("given", ["papr", {"base": "papr"}])
def test_an_unknown_name_is_answered_with_the_nearest(given: object) -> None:
    """As pydantic passes it on."""
    with pytest.raises(ValueError, match="there is no such protocol. Did you mean 'paper'"):
        named.resolve(given)
    with pytest.raises(ValueError, match="no such protocol"):
        named.resolve({"base": 3})
