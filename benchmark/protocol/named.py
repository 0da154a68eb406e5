"""Protocols by name, each value with where it comes from."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from benchmark import strict
from benchmark.errors import nearest
from benchmark.protocol.definition import PATHS, SHORT, Protocol
from benchmark.strict import Strict

FILE = Path(__file__).with_name("named.yaml")
"""Where they stand."""
BASE = "base"
"""Key under which a suite names the protocol that its own keys change."""


class Sourced(Strict):
    """A value with where it comes from."""

    value: Any
    """The value of a key of `Protocol`, or one operation of a path."""
    source: Literal["code", "text", "ours"]
    """Released code, published text, or this project."""
    because: str
    """What in them, or why."""


class Named(Strict):
    """A protocol that has a name."""

    summary: str
    """One line on what it is."""
    values: dict[str, Sourced | tuple[Sourced, ...]]
    """By key of `Protocol`; a path has one entry an operation."""
    lacking: tuple[str, ...]
    """What of its original it does not express."""

    def given(self) -> dict[str, Any]:
        """Return the values alone."""
        return {
            key: found.value if isinstance(found, Sourced) else tuple(one.value for one in found)
            for key, found in self.values.items()
        }

    @property
    def protocol(self) -> Protocol:
        """Return the protocol."""
        return strict.validate(Protocol, self.given(), where=str(FILE))

    def lines(self) -> Iterator[Line]:
        """Yield every value with its source."""
        for key, found in self.values.items():
            for one in (found,) if isinstance(found, Sourced) else found:
                yield Line(key, _shown(one.value), one.source, one.because)


class Line(NamedTuple):
    """One value for people."""

    key: str
    value: str
    source: str
    because: str


@functools.cache
def everything() -> dict[str, Named]:
    """Return all named protocols.

    Raises:
        UserError: If the file is wrong.
    """
    return {
        name: strict.validate(Named, found, where=f"{FILE}: {name}") for name, found in strict.read_yaml(FILE).items()
    }


def resolve(given: object) -> object:
    """Return what a suite says of its protocol, with the one it names filled in.

    Args:
        given: A name; or keys of `Protocol`, with those of the protocol under `BASE` for what they leave out.

    Returns:
        Keys of `Protocol`; what is neither a name nor has a base, as it is.

    Raises:
        ValueError: If there is no protocol of the name, or keys do not fit its form; pydantic tells where it stands.
    """
    if isinstance(given, str):
        return _named(given)
    if isinstance(given, dict) and BASE in given:
        own = {key: value for key, value in given.items() if key != BASE}
        return {**_changeable(given[BASE], own), **own}
    return given


def _changeable(base: object, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a protocol that some keys are to change; refuse keys of the form that it is not in."""
    found = _named(base)
    if PATHS[0] in found and (wrong := [key for key in SHORT if key in own]):
        raise ValueError(
            f"'{wrong[0]}' is for both sides, and protocol '{base}' gives each its own operations: change "
            f"'{PATHS[0]}' and '{PATHS[1]}' in its place, or take another base"
        )
    if PATHS[0] not in found and (wrong := [key for key in PATHS if key in own]):
        raise ValueError(
            f"'{wrong[0]}' is for one side, and protocol '{base}' does the same to both: leave '{BASE}' out and give "
            f"'{PATHS[0]}' and '{PATHS[1]}'"
        )
    return found


def _named(name: object) -> dict[str, Any]:
    known = everything()
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"there is no such protocol. {nearest(str(name), known)[:-1]}")
    return known[name].given()


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {inner}" for key, inner in value.items())
    return str(value)
