"""What MLflow accepts: characters and lengths of keys and values, and how a nested mapping becomes flat."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from benchmark import digests

KEY = 250
"""Longest key, in characters."""
PARAM = 6000
"""Longest value of a parameter, in characters."""
TAG = 5000
"""Longest value of a tag, in characters, that servers of all current versions take."""
NOTE = " ... (cut; whole in records/*.json)"
"""Ends every value that was cut."""

_UNFIT = re.compile(r"[^\w.\- /]")
_EMPTY_PARTS = re.compile(r"/{2,}|^/|/$|(?<![^/])\.{1,2}(?![^/])")


def key(text: str) -> str:
    """Return a key that MLflow takes; one that had to be changed ends in a part of its digest, so keys stay apart."""
    fit = _EMPTY_PARTS.sub("_", _UNFIT.sub("_", text))
    if fit == text and len(text) <= KEY:
        return text
    return f"{fit[: KEY - 9]}.{digests.of_value(text)[:8]}"


def param(value: str) -> str:
    """Return a parameter's value, cut with a note where it is too long."""
    return _cut(value, PARAM)


def tag(value: str) -> str:
    """Return a tag's value, cut with a note where it is too long."""
    return _cut(value, TAG)


def flatten(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield dotted keys and texts of a nested mapping: ``given.optimizer.rate`` and ``0.001``.

    Lists stay whole, as JSON; texts stay as they are; an empty mapping is ``{}``.
    """
    for name, value in values.items():
        dotted = f"{prefix}.{name}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, dotted)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            yield key(dotted), param(text)


def _cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else value[: longest - len(NOTE)] + NOTE
