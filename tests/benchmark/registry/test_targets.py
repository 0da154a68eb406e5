"""Targets: objects named as text, loaded when used, refused in one message when they are not there."""

from __future__ import annotations

import collections
import hashlib
import sys
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry import targets


def test_a_module_and_its_attribute_are_loaded():
    """The object itself, not a copy."""
    assert targets.load("collections:OrderedDict") is collections.OrderedDict


def test_a_file_is_loaded_from_beside_the_registry(tmp_path: Path):
    """Relative to its own folder, whatever the folder of this process."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "mine.py").write_text("class Mine:\n    answer = 42\n")
    loaded = targets.load("code/mine.py:Mine", relative_to=tmp_path)
    assert loaded.answer == 42
    assert targets.load("code/mine.py:Mine", relative_to=tmp_path) is loaded


def test_files_of_one_name_in_two_folders_are_two_modules(tmp_path: Path):
    """Two registries may each have a `mine.py`."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.py").write_text(f"who = '{name}'")
    assert [targets.load("mine.py:who", relative_to=tmp_path / name) for name in "ab"] == ["a", "b"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("collections", "is not a target. Expected 'module:attribute'"),
        (":x", "is not a target"),
        ("collections:", "is not a target"),
        ("collections:Ordered Dict", "is not a target"),
        ("collections:OrderedDcit", "has no attribute 'OrderedDcit'"),
        ("no_such_package.inner:X", "there is no module 'no_such_package.inner'"),
        ("collections.no_such:X", "there is no module 'collections.no_such'"),
        ("mine.py:Mine", "only in a registry file of your own"),
    ],
)
def test_what_names_nothing_is_refused(target, expected):
    """A suite or an installed entry may not name a file."""
    with pytest.raises(UserError, match=expected):
        targets.load(target)


def test_a_missing_file_is_named_in_full(tmp_path: Path):
    """So that a wrong relative path shows."""
    with pytest.raises(UserError, match=str(tmp_path / "none.py")):
        targets.load("none.py:X", relative_to=tmp_path)


def test_a_missing_package_of_a_module_is_told_from_a_missing_module(tmp_path: Path, monkeypatch):
    """One is mended by installing something else than the other."""
    (tmp_path / "has_a_need.py").write_text("import no_such_need\nX = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="needs the package 'no_such_need'"):
        targets.load("has_a_need:X")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class X(:\n", r"SyntaxError: .*line 1"),
        ("a = 1\nb = undefined_name\nX = 1\n", r"NameError: .*undefined_name.* \(line 2\)"),
        ("import no_such_need\n", r"ModuleNotFoundError: .*no_such_need.* \(line 1\)"),
    ],
)
def test_a_file_that_does_not_load_is_named_with_the_line(tmp_path: Path, text, expected):
    """And once mended it loads, in the same process."""
    path = tmp_path / "broken.py"
    path.write_text(text)
    with pytest.raises(UserError, match=expected) as refused:
        targets.load("broken.py:X", relative_to=tmp_path)
    assert str(path) in str(refused.value)
    path.write_text("X = 'mended, and of another length'\n")
    assert targets.load("broken.py:X", relative_to=tmp_path) == "mended, and of another length"


def test_only_files_have_a_source_digest(tmp_path: Path):
    """What is installed has a version; a file beside a registry has its text."""
    (tmp_path / "mine.py").write_text("X = 1")
    expected = hashlib.sha256(b"X = 1").hexdigest()
    assert targets.source_digest("mine.py:X", relative_to=tmp_path) == expected
    assert targets.source_digest("collections:OrderedDict", relative_to=tmp_path) is None


def test_taking_a_digest_runs_no_code(tmp_path: Path):
    """Planning and listing must not."""
    (tmp_path / "mine.py").write_text("import sys; sys.modules['it_ran'] = sys")
    targets.source_digest("mine.py:X", relative_to=tmp_path)
    assert "it_ran" not in sys.modules
