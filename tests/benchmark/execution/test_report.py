"""Reporters: the silent one answers everything a reporter is asked, and says nothing."""

from __future__ import annotations

import inspect

import pytest

from benchmark.execution.report import Reporter, Silent

METHODS = [name for name in vars(Reporter) if not name.startswith("_")]


def test_a_reporter_is_told_of_everything_a_person_may_wait_for():
    """Begin, advance, wait, end; failures, warnings, records."""
    assert METHODS == ["begin", "advance", "wait", "end", "fail", "warn", "record"]


@pytest.mark.parametrize("name", METHODS)
def test_the_silent_one_takes_what_a_reporter_takes_and_says_nothing(name, capfd):
    """Parameter for parameter, keyword-only ones too."""
    asked, taken = (inspect.signature(getattr(kind, name)).parameters for kind in (Reporter, Silent))
    assert [(one.name, one.kind, one.default) for one in taken.values()] == [
        (one.name, one.kind, one.default) for one in asked.values()
    ]
    values = {one.name: object() for one in asked.values() if one.name != "self"}
    assert getattr(Silent(), name)(**values) is None
    assert capfd.readouterr() == ("", "")
