"""Commands that are misspelt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Bench = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rnu"], "rnu'. Did you mean 'run'? Known: audit, data, doctor, evaluate, leaderboard, list,"),
        (["store", "dx"], "store dx'. Known: du, export, gc, import, references, verify."),
        (["store", "verfy"], "store verfy'. Did you mean 'verify'? Known: du, export, gc, import, references, verify."),
    ],
)
def test_the_nearest_is_named(bench: Bench, words: list[str], said: str) -> None:
    """Status 2, one line, at either level."""
    told = bench(*words)
    assert told.code == 2
    assert told.err.startswith("Error: There is no command '")
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("words", [["run", "--sed", "1"], ["--nonsense"]])
def test_an_option_is_no_command(bench: Bench, words: list[str]) -> None:
    """It keeps the message of options."""
    told = bench(*words)
    assert told.code == 2
    assert "No such option" in told.err
