"""Every mistake in a file is told in words that no library's manual is needed for."""

from __future__ import annotations

from typing import Annotated, Literal

import pydantic
import pytest
from pydantic import Field

from benchmark import mistakes, strict

Part = Literal["train", "valid", "test"]


class Inner(strict.Strict):
    size: int = 0


class File(strict.Strict):
    """With every kind of annotation that a suite has."""

    name: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    count: Annotated[int, Field(ge=1)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    most: Annotated[float, Field(le=9)] = 1
    asked: bool = False
    seeds: tuple[int, ...] = ()
    pair: tuple[float, float] = (0.0, 1.0)
    roles: dict[Part, Inner] = {}
    inner: Inner = Inner()
    split: Part = "train"
    version: Literal[1] = 1

    @pydantic.model_validator(mode="after")
    def _even(self) -> File:
        if self.count == 13:
            raise ValueError("count: 13 brings no luck")
        return self


def said(**given: object) -> str:
    """Return what is said of a file."""
    with pytest.raises(pydantic.ValidationError) as refused:
        File.model_validate(given)
    (detail,) = refused.value.errors(include_url=False)
    return mistakes.describe(File, detail)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"seeds": 100}, "key 'seeds': expected a list, such as [100] (found 100)."),
        ({"seeds": (1, "x")}, "key 'seeds.1': expected a whole number (found 'x')."),
        ({"count": 1.5}, "key 'count': expected a whole number (found 1.5)."),
        ({"count": "3"}, "key 'count': expected a whole number (found '3')."),
        ({"count": 0}, "key 'count': expected 1 or more (found 0)."),
        ({"count": None}, "key 'count': expected a whole number (found None)."),
        ({"share": "half"}, "key 'share': expected a number (found 'half')."),
        ({"share": 0}, "key 'share': expected more than 0.0 (found 0)."),
        ({"share": 1}, "key 'share': expected less than 1.0 (found 1)."),
        ({"most": 10}, "key 'most': expected 9.0 or less (found 10)."),
        ({"asked": "yes"}, "key 'asked': expected true or false (found 'yes')."),
        ({"name": 3}, "key 'name': expected text (found 3)."),
        ({"name": "A b"}, "key 'name': expected text of the form ^[a-z]+$ (found 'A b')."),
        ({"pair": (0,)}, "key 'pair.1' is missing."),
        ({"pair": (0, 1, 2)}, "key 'pair': expected 2 of them at most (found [0, 1, 2])."),
        ({"inner": 3}, "key 'inner': expected keys and values (found 3)."),
        ({"roles": (1, 2)}, "key 'roles': expected keys and values (found [1, 2])."),
        ({"roles": {"vaild": {}}}, "unknown key 'roles.vaild'. Did you mean 'valid'? Known: test, train, valid."),
        ({"roles": {"test": {"sise": 1}}}, "unknown key 'roles.test.sise'. Did you mean 'size'? Known: size."),
        (
            {"split": "tests"},
            "key 'split': there is no such choice. Did you mean 'test'? Known: test, train, valid (found 'tests').",
        ),
        ({"split": 3}, "key 'split': expected 'train', 'valid' or 'test' (found 3)."),
        ({"version": 2}, "key 'version': expected 1 (found 2)."),
        ({"count": 13}, "count: 13 brings no luck."),
    ],
)
def test_a_mistake_is_told_in_plain_words(given: dict[str, object], expected: str) -> None:
    """The key, what was expected, what was found, the nearest valid name."""
    assert said(**given) == expected


def test_long_values_are_cut() -> None:
    """To a line."""
    assert mistakes.show("x" * 90) == f"'{'x' * 76}..."
    assert mistakes.show("x" * 78) == repr("x" * 78)


def test_values_are_shown_as_they_were_written() -> None:
    """Lists as lists, at any depth; of a mapping the keys."""
    assert mistakes.show((1, ("a", 2))) == "[1, ['a', 2]]"
    assert mistakes.show({"size": 8, "real": ()}) == "the keys size, real"
    assert mistakes.show({}) == "{}"
