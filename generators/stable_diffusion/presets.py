"""Recipes by name, each value with where it comes from."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmark import strict
from benchmark.protocol.named import Line, Sourced

FILE = Path(__file__).with_name("presets.yaml")
"""Where they stand."""


class Preset(strict.Strict):
    """A recipe that has a name."""

    summary: str
    """One line on what it is."""
    variants: tuple[str, ...]
    """Entries of ``variants.yaml`` that hold it."""
    values: dict[str, Sourced]
    """By parameter of the variants' classes."""
    lacking: tuple[str, ...]
    """What of its original it does not express."""

    @property
    def params(self) -> dict[str, Any]:
        """Return the values alone, as an entry of ``variants.yaml`` gives them."""
        return {key: found.value for key, found in self.values.items()}

    def lines(self) -> Iterator[Line]:
        """Yield every value with its source."""
        for key, found in self.values.items():
            shown = str(found.value).lower() if isinstance(found.value, bool) else str(found.value)
            yield Line(key, shown, found.source, found.because)

    def differences(self, factory: Any, params: Mapping[str, Any]) -> list[str]:
        """Return where a variant is unlike this preset, as far as its class has the parameters.

        Args:
            factory: The variant's class.
            params: What its entry gives; what it leaves out has the class's default.
        """
        known = inspect.signature(factory).parameters
        return [
            f"{key}: {found}, the preset has {value}"
            for key, value in self.params.items()
            if key in known and (found := params.get(key, known[key].default)) != value
        ]


@functools.cache
def everything() -> dict[str, Preset]:
    """Return all presets.

    Raises:
        UserError: If the file is wrong.
    """
    return {
        name: strict.validate(Preset, found, where=f"{FILE}: {name}") for name, found in strict.read_yaml(FILE).items()
    }
