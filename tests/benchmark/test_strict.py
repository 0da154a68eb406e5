"""Files that users write: what is wrong in them is said in one message, with the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark import strict
from benchmark.errors import UserError


class Leaf(strict.Strict):
    size: int
    share: float = 0.5


class Tree(strict.Strict):
    name: str
    leaf: Leaf
    leaves: dict[str, Leaf] = {}
    numbers: tuple[int, ...] = ()
    anything: dict[str, object] = {}


GOOD = {"name": "a", "leaf": {"size": 1}}


def read(path: Path, text: str | bytes) -> object:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return strict.read_yaml(path)


def test_a_right_file_is_read(tmp_path: Path):
    """Lists become tuples, whole numbers pass for real ones, defaults are filled in."""
    tree = strict.validate(
        Tree, read(tmp_path / "a.yaml", "name: a\nleaf: {size: 3, share: 1}\nnumbers: [1, 2]\n"), where="a.yaml"
    )
    assert tree == Tree(name="a", leaf=Leaf(size=3, share=1.0), numbers=(1, 2))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"nmae": 1}, ["unknown key 'nmae'", "Did you mean 'name'?"]),
        ({"leaf": {"size": 1, "shar": 2}}, ["unknown key 'leaf.shar'", "Did you mean 'share'?", "share, size"]),
        ({"leaves": {"x": {"siz": 2}}}, ["'leaves.x.siz'", "Did you mean 'size'?", "key 'leaves.x.size' is missing"]),
        ({"leaf": {}}, ["key 'leaf.size' is missing"]),
        ({"leaf": {"size": "3"}}, ["key 'leaf.size'", "found '3'"]),
        ({"leaf": {"size": True}}, ["key 'leaf.size'", "found True"]),
        ({"name": 3}, ["key 'name'", "found 3"]),
        ({"numbers": [1, "x"]}, ["key 'numbers.1'", "found 'x'"]),
        ({"numbers": 1}, ["key 'numbers'", "found 1"]),
        ({"name": "x" * 500, "leaf": 1}, ["key 'leaf'"]),
    ],
)
def test_every_mistake_is_named_with_its_key(change, expected):
    """Unknown keys name the nearest valid one of their own level; wrong types show what was found."""
    with pytest.raises(UserError) as refused:
        strict.validate(Tree, {**GOOD, **change}, where="file.yaml")
    for part in ("file.yaml: ", *expected):
        assert part in str(refused.value)


def test_all_mistakes_of_a_file_come_at_once():
    """Two mistakes, two lines."""
    with pytest.raises(UserError) as refused:
        strict.validate(Tree, {"nam": 1, "leaf": {"size": 1.5}}, where="f")
    assert len(str(refused.value).splitlines()) == 3
    assert "'name' is missing" in str(refused.value)


@pytest.mark.parametrize("value", [None, 3, "text", ["a"]])
def test_a_file_that_holds_no_keys_is_refused(value):
    """An empty file among them."""
    with pytest.raises(UserError, match=r"^f: expected keys and values, found"):
        strict.validate(Tree, value, where="f")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands twice."),
        ("a:\n  b: 1\n  b: 1\n", "line 3, column 3: the key 'b' stands twice."),
        ("a: [1\nb: 2\n", "is not valid YAML: line 2"),
        ("a: b: c\n", "is not valid YAML: line 1"),
        ("a: !!python/object/apply:os.system [ls]\n", "is not valid YAML: line 1"),
        ("\t- x\n", "is not valid YAML: line 1"),
        (b"\xff\xfe\x00a", "is not UTF-8 text"),
        (b"a: \x00\x01", "is not valid YAML"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_refused_with_the_place(tmp_path: Path, text, expected):
    """Doubled keys, broken syntax, code in disguise, binary files."""
    with pytest.raises(UserError) as refused:
        read(tmp_path / "bad.yaml", text)
    assert expected in str(refused.value)
    assert str(tmp_path / "bad.yaml") in str(refused.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path):
    """A missing file and a folder in its place."""
    with pytest.raises(UserError, match="No such file"):
        strict.read_yaml(tmp_path / "none.yaml")
    with pytest.raises(UserError, match="is a folder. Expected a YAML file"):
        strict.read_yaml(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{x: .nan}", "found nan, expected a finite number"),
        ("{x: [1.0, -.inf]}", "found -inf"),
        ("{x: 2024-01-31}", "put it in quotes"),
        ("{x: !!binary aGk=}", "put it in quotes"),
        ("&a {x: *a}", "an alias that holds itself"),
    ],
)
def test_free_parameters_hold_only_what_a_key_can_be_made_of(tmp_path: Path, text, expected):
    """What JSON cannot hold would break the digests much later, and without a word on where it came from."""
    value = read(tmp_path / "a.yaml", f"name: a\nleaf: {{size: 1}}\nanything: {text}\n")
    with pytest.raises(UserError, match=expected):
        strict.validate(Tree, value, where="a.yaml")


def test_models_do_not_change():
    """Frozen: what was validated stays."""
    leaf = Leaf(size=1)
    with pytest.raises(ValueError):
        leaf.size = 2
