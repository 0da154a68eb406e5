"""Named extractors: what an entry may say, what it extends, and when two names are one network."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry.extractors import Extractors
from benchmark.registry.variants import Catalogue

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def entries(tmp_path):
    """Extractors of a file of the user's own."""

    def made(**raw):
        known = Extractors()
        known.add_all(raw, origin="mine.yaml", folder=tmp_path)
        return known

    return made


def test_the_projects_own_are_all_sound():
    """Each loads as an entry; those of a hub are pinned, and all but one have a known digest."""
    known = Extractors.discover()
    takers = {one.name: one.entry.weights for one in known if one.entry.weights is not None}
    assert set(takers) >= {
        "inception-v3-compat", "dino-vitb8", "dinov2-vitl14", "dinov2-vitb14", "dinov2-vits14", "clip-vitl14-336",
        "phikon-v2", "uni2-h", "h-optimus-1", "virchow2",
    }  # fmt: skip
    assert {name for name, weights in takers.items() if not weights.sha256} == {"uni2-h"}
    assert all(set(weights.sha256) <= set(weights.files) for weights in takers.values())
    gated = {name for name, weights in takers.items() if weights.access}
    assert gated == {"uni2-h", "h-optimus-1", "virchow2"}


def test_an_entry_extends_another(entries, tmp_path):
    """A local copy keeps the known digest; what it does not give is the other's."""
    weights = {"hub": "a/b", "revision": COMMIT, "files": ["w.pth"], "sha256": {"w.pth": "0" * 64}}
    known = entries(
        net={"extractor": "a:B", "summary": "x", "params": {"layer": 1}, "weights": weights},
        mine={"extends": "net", "params": {"dtype": "bfloat16"}, "weights": {"path": "here"}},
    )
    mine = known.get("mine")
    assert mine.entry.params == {"layer": 1, "dtype": "bfloat16"}
    assert mine.entry.weights.path == "here"
    assert mine.entry.weights.sha256 == {"w.pth": "0" * 64}
    assert mine.folder == tmp_path


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({}, "expected one of 'path', 'hub' and 'url'"),
        ({"hub": "a/b", "revision": COMMIT, "url": "http://x/y", "files": ["y"]}, "expected one of 'path', 'hub'"),
        ({"hub": "a/b", "files": ["w"]}, "revision: expected a commit of a/b, 40 hex digits, found None"),
        (
            {"hub": "a/b", "revision": "main", "files": ["w"]},
            "revision: expected a commit of a/b, 40 hex digits, found 'main'",
        ),
        ({"url": "http://x/y"}, "files: expected the one file that 'url' brings"),
        ({"path": "w", "sha256": {"w": "abc"}}, "sha256: expected 64 hex digits for 'w', found 'abc'"),
        ({"hub": "a/b/c", "revision": COMMIT, "files": ["w"]}, "hub: expected owner/name, found 'a/b/c'"),
        ({"hub": "a/b", "revision": COMMIT}, "files: expected the files of a/b that are used"),
        ({"path": "w", "files": ["/etc/passwd"]}, "expected names inside the folder, found '/etc/passwd'"),
        ({"path": "w", "files": ["../x"]}, "expected names inside the folder, found '../x'"),
        ({"pth": "w"}, "pth"),
    ],
)
def test_weights_that_could_be_anything_are_refused(entries, weights, said):
    """A name or a tag of a hub moves, a commit does not."""
    with pytest.raises(UserError, match=f"extractor 'net' of mine.yaml: .*{said}"):
        entries(net={"extractor": "a:B", "weights": weights}).get("net")


def test_weights_are_no_parameter(entries):
    """There they would be neither verified nor part of the key."""
    with pytest.raises(UserError, match="params: 'weights' stands beside 'params'"):
        entries(net={"extractor": "a:B", "params": {"weights": "w"}}).get("net")


def test_an_entry_may_do_without_the_weights_of_the_one_it_extends(entries):
    """By saying null."""
    known = entries(net={"extractor": "a:B", "weights": {"path": "w"}}, bare={"extends": "net", "weights": None})
    assert known.get("bare").entry.weights is None


def test_two_names_of_one_network_are_one(entries):
    """Whatever their precision or layer; other weights or another architecture make another network."""
    hub = {"hub": "a/b", "revision": COMMIT, "files": ["w.pth"]}
    known = entries(
        one={"extractor": "a:B", "weights": hub},
        low={"extends": "one", "params": {"dtype": "bfloat16"}},
        copy={"extends": "one", "weights": {"path": "here"}},
        other={"extractor": "a:B", "weights": {**hub, "hub": "a/c"}},
        tall={"extractor": "a:B", "params": {"model": "tall"}, "weights": hub},
    )
    identities = {name: known.get(name).identity for name in known.names()}
    assert identities["one"] == identities["low"] == identities["copy"]
    assert len(set(identities.values())) == 3


def test_names_are_told_apart(entries):
    """Twice the same, no name at all, an unknown one, no entry."""
    with pytest.raises(UserError, match="Two extractors are named 'net': in mine.yaml and in b"):
        entries(net={"extractor": "a:B"}).add("net", {}, origin="b", folder=Path())
    with pytest.raises(UserError, match="'My/Net' is no name of an extractor"):
        entries(**{"My/Net": {"extractor": "a:B"}})
    with pytest.raises(UserError, match="There is no extractor 'nett'. Did you mean 'net'"):
        entries(net={"extractor": "a:B"}).get("nett")
    with pytest.raises(UserError, match="mine.yaml, extractor 'net': expected keys and values, found 'a:B'"):
        entries(net="a:B")


def test_a_registry_file_brings_extractors_of_ones_own(tmp_path):
    """Under one key, beside its variants; they are known to the same command."""
    (tmp_path / "mine.yaml").write_text("extractors:\n  mine: {extractor: 'mine.py:Net'}\n")
    known = Catalogue.discover([tmp_path / "mine.yaml"])
    assert known.extractors.get("mine").folder == tmp_path
    assert "mine" not in known.names()
    assert {"mine", "random-network", "dino-vitb8"} <= set(known.extractors.names())
    assert "mine" in known.extractors
