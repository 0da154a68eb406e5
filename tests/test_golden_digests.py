"""What stages and parts make is what it was when their version was last raised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.goldens import file, parts
from scripts.goldens.watched import Watched

PATH = Path(__file__).with_name("golden_digests.json")


@pytest.mark.parametrize("name", list(file.read(PATH)))
def test_an_output_changes_only_with_its_version(name):
    """Or a store would hand out results of older code as those of this one; the message says what to do."""
    wrong = file.judge(name, file.read(PATH)[name], file.watched()[name])
    assert wrong is None, wrong


def test_all_that_comes_with_the_project_is_watched():
    """Every stage, dataset, extractor, task and generator has a golden, or is named with the reason why it has none."""
    watched, golden = file.watched(), file.read(PATH)
    assert list(golden) == list(watched)
    without = parts.all_names() - golden.keys() - parts.EXEMPT.keys()
    assert not without, f"No golden watches {', '.join(sorted(without))}: add it to scripts/goldens/parts.py."
    assert parts.EXEMPT.keys() <= parts.all_names()
    assert not parts.EXEMPT.keys() & golden.keys()


def test_a_change_that_was_not_meant_is_told_with_its_place():
    """And what to do if it was meant after all."""
    golden = {"version": 2, "output": {"a.npy": ["<f4", [3], "abc"], "b": [1.0, 2.0]}}
    now = Watched(2, "Mine.version", lambda: {"a.npy": ["<f4", [3], "abd"], "b": [1.0, 2.0]})
    told = file.judge("mine", golden, now)
    assert told.startswith(
        "The output of 'mine' changed (/a.npy/2: abc before, abd now), but its version is still 2. If that is meant, "
        "raise Mine.version, so that no store takes results of older code for those of this one; then run "
        ".venv/bin/python -m scripts.goldens."
    )


def test_a_raised_version_asks_for_a_new_golden():
    """Whether the output changed or not; so does a part that is new."""
    now = Watched(3, "Mine.version", lambda: [1])
    for output in ([1], [2]):
        told = file.judge("mine", {"version": 2, "output": output}, now)
        assert told == "'mine' has version 3, its golden is of version 2: run .venv/bin/python -m scripts.goldens."
    assert file.judge("mine", None, now) == "There is no golden of 'mine': run .venv/bin/python -m scripts.goldens."


@pytest.mark.parametrize(
    ("golden", "found"),
    [
        (1.0, 1.0009),
        (1e6, 1.0005e6),
        (0.0, 0.9e-5),
        ({"a": [0.5, {"b": 2.0}]}, {"a": [0.5001, {"b": 2.001}]}),
        ([], []),
        (None, None),
    ],
)
def test_numbers_may_differ_as_processors_do(golden, found):
    """By a thousandth, and near zero by a hundred-thousandth."""
    assert file.difference(golden, found) is None


@pytest.mark.parametrize(
    ("golden", "found", "place"),
    [
        (1.0, 1.0011, ": 1.0 before, 1.0011 now"),
        (0.0, 1.1e-5, ": 0.0 before, 1.1e-05 now"),
        (1000, 1001, ": 1000 before, 1001 now"),
        (1, 1.0, ": 1 before, 1.0 now"),
        (1.0, float("nan"), ": 1.0 before, nan now"),
        ("a", "b", ": a before, b now"),
        ([1, 2], [1, 2, 3], ": [1, 2] before, [1, 2, 3] now"),
        ([1, 2], {"a": 1}, ": [1, 2] before, {'a': 1} now"),
        ({"a": 1}, {"b": 1}, ": {'a': 1} before, {'b': 1} now"),
        ({"a": 1}, {"a": 1, "b": 2}, ": {'a': 1} before, {'a': 1, 'b': 2} now"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "/a/1/b: 2 before, 3 now"),
        ([None, 1], [0, 1], "/0: None before, 0 now"),
    ],
)
def test_everything_else_must_be_equal(golden, found, place):
    """Whole numbers, text, types, lengths and keys; the first place is told."""
    assert file.difference(golden, found) == place


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A file with goldens of two parts."""
    path = tmp_path / "goldens.json"
    path.write_text(json.dumps({"one": {"version": 1, "output": [1]}, "two": {"version": 1, "output": [2.0]}}))
    return path


def test_a_change_is_not_renewed_without_its_version(written):
    """All that changed is told, and nothing is written, also of what could be."""
    before = written.read_bytes()
    now = {"one": Watched(1, "One.version", lambda: [9]), "two": Watched(1, "Two.version", lambda: [3.0])}
    with pytest.raises(SystemExit, match="(?s)'one' changed .*raise One.version.*'two' changed .*raise Two.version"):
        file.renew(written, {**now, "three": Watched(1, "Three.version", lambda: [3])})
    assert written.read_bytes() == before


def test_raised_and_new_parts_are_renewed_and_others_kept(written):
    """What is within the tolerance keeps its very digits; what is watched no more goes."""
    now = {
        "two": Watched(1, "Two.version", lambda: [2.0001]),
        "one": Watched(2, "One.version", lambda: (1, 2)),
        "three": Watched(1, "Three.version", lambda: {"x": 3}),
    }
    assert file.renew(written, now) == ["one", "three"]
    assert file.read(written) == {
        "two": {"version": 1, "output": [2.0]},
        "one": {"version": 2, "output": [1, 2]},
        "three": {"version": 1, "output": {"x": 3}},
    }
    assert written.read_text().count("\n") == 5
    del now["two"]
    assert file.renew(written, now) == []
    assert list(file.read(written)) == ["one", "three"]
