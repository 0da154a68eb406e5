"""The registry: one name, one object, imported when asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry.registry import Entry, Registry


@pytest.fixture
def registry() -> Registry[object]:
    """Two entries."""
    made: Registry[object] = Registry("task")
    made.add(Entry("fidelity", "collections:OrderedDict", "one"))
    made.add(Entry("coverage", "collections:Counter", "two"))
    return made


def test_entries_come_by_name(registry):
    """In order, each with who brings it."""
    assert [entry.name for entry in registry] == ["coverage", "fidelity"]
    assert registry.entry("coverage").origin == "two"
    assert "fidelity" in registry
    assert "fid" not in registry


def test_an_unknown_name_is_answered_with_the_nearest(registry):
    """Whether looked up or loaded."""
    for ask in (registry.entry, registry.load):
        with pytest.raises(UserError, match="There is no task 'fidelty'. Did you mean 'fidelity'?"):
            ask("fidelty")


def test_two_objects_of_one_name_are_refused(registry):
    """Naming both and who brings them; the very same object twice is no conflict."""
    registry.add(Entry("fidelity", "collections:OrderedDict", "one again"))
    with pytest.raises(UserError) as refused:
        registry.add(Entry("fidelity", "collections:deque", "three"))
    for part in ("'fidelity'", "collections:OrderedDict", "collections:deque", "three"):
        assert part in str(refused.value)


def test_nothing_is_imported_before_it_is_loaded(registry, tmp_path: Path, monkeypatch):
    """`bench list` stays fast however heavy an entry is."""
    (tmp_path / "heavy_entry.py").write_text("X = object()")
    monkeypatch.syspath_prepend(tmp_path)
    registry.add(Entry("heavy", "heavy_entry:X", "four"))
    assert "heavy" in registry
    assert list(registry)
    assert "heavy_entry" not in sys.modules
    assert registry.load("heavy") is sys.modules["heavy_entry"].X
    assert registry.load("heavy") is registry.load("heavy")


def test_an_object_of_this_process_can_join(registry):
    """By decorator; it is the object itself that is loaded."""

    @registry.register("mine")
    class Mine:
        pass

    assert registry.load("mine") is Mine
    with pytest.raises(UserError, match="named 'mine'"):

        @registry.register("mine")
        class Other:
            pass
