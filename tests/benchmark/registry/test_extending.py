"""Entries that extend one another."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry import extending
from benchmark.registry.extending import Raw


def resolved(entries, name):
    """An entry of things, whose paths stand under `where`."""
    raws = {key: Raw(value, f"{key}.yaml", Path(key)) for key, value in entries.items()}
    return extending.resolve(raws, name, noun="thing", places=("where",))


def test_keys_are_taken_over_and_parameters_merged():
    """Over several steps; what is given nearer wins."""
    entries = {
        "a": {"x": 1, "params": {"p": 1, "q": 1}},
        "b": {"extends": "a", "y": 2, "params": {"q": 2}},
        "c": {"extends": "b", "x": 3},
    }
    found = resolved(entries, "c")
    assert found.content == {"x": 3, "y": 2, "params": {"p": 1, "q": 2}}
    assert found.origin == "c.yaml"


def test_paths_start_where_they_were_written():
    """An entry without a path of its own keeps the other's folder."""
    entries = {"a": {"where": "w"}, "b": {"extends": "a", "x": 1}, "c": {"extends": "a", "where": "v"}}
    assert resolved(entries, "b").folder == Path("a")
    assert resolved(entries, "c").folder == Path("c")


def test_paths_that_start_from_two_folders_are_refused():
    """A file's class from one place and weights from another: one of them would be looked for where it is not."""
    entries = {
        "a": {"what": "m.py:A", "where": "w"},
        "b": {"extends": "a", "where": "v"},
        "c": {"extends": "a", "what": "n.py:B"},
    }
    raws = {key: Raw(value, f"{key}.yaml", Path(key)) for key, value in entries.items()}
    with pytest.raises(
        UserError, match="b.yaml, 'b': 'what' comes from a.yaml, and its path starts from another folder"
    ):
        extending.resolve(raws, "b", noun="thing", places=("what", "where"))
    installed = {**raws, "a": Raw({"what": "module:A", "where": "w"}, "a.yaml", Path("a"))}
    assert extending.resolve(installed, "b", noun="thing", places=("what", "where")).folder == Path("b")


def test_a_circle_and_an_unknown_name_are_told():
    """With the trail, and the nearest name."""
    with pytest.raises(UserError, match="Things extend each other in a circle: a -> b -> a"):
        resolved({"a": {"extends": "b"}, "b": {"extends": "a"}}, "a")
    with pytest.raises(UserError, match=r"There is no thing 'basis' \(extended by 'a'\). Did you mean 'base'"):
        resolved({"a": {"extends": "basis"}, "base": {}}, "a")


def test_parameters_of_prompts_are_merged_and_move_no_path():
    """A builder of one's own does; its parameters then are not those of another."""
    base = {"what": "m.py:A", "prompts": {"builder": "n:B", "params": {"k": 33, "seed": 1}}}
    entries = {
        "a": base,
        "b": {"extends": "a", "prompts": {"params": {"k": 5}}},
        "c": {"extends": "b", "what": "o.py:C", "prompts": {"builder": "own.py:D", "params": {"k": 6}}},
        "d": {"extends": "a", "prompts": {"builder": "own.py:D"}},
    }
    raws = {key: Raw(value, f"{key}.yaml", Path(key)) for key, value in entries.items()}

    def found(name):
        return extending.resolve(raws, name, noun="thing", places=("what", "prompts"))

    assert found("b").content["prompts"] == {"builder": "n:B", "params": {"k": 5, "seed": 1}}
    assert found("b").folder == Path("a")
    assert found("c").content["prompts"] == {"builder": "own.py:D", "params": {"k": 6, "seed": 1}}
    assert found("c").folder == Path("c")
    with pytest.raises(UserError, match="d.yaml, 'd': 'what' comes from a.yaml"):
        found("d")
