"""Words for what is wrong in a file: pydantic's findings as sentences for people who have never heard of it."""

from __future__ import annotations

import re
from typing import Any

import pydantic

from benchmark.errors import nearest

_EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "text",
    "bool_type": "true or false",
    "tuple_type": "a list, such as [{found}]",
    "list_type": "a list, such as [{found}]",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "none_required": "nothing",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "string_pattern_mismatch": "text of the form {pattern}",
    "too_short": "{min_length} or more of them",
    "too_long": "{max_length} of them at most",
}
"""What was expected, by pydantic's type of error."""


def describe(model: type[pydantic.BaseModel], detail: Any) -> str:
    """Return one sentence on one thing wrong.

    Args:
        model: The class that refused.
        detail: One of the errors of a `pydantic.ValidationError`.

    Returns:
        The key, what was expected and what was found; for a name, the nearest valid one.
    """
    # Pydantic marks with a part of its own that a key is wrong, not its value.
    of_key = detail["loc"][-1:] == ("[key]",)
    location = [str(part) for part in detail["loc"] if part != "[key]"]
    key = ".".join(location)
    if detail["type"] == "extra_forbidden" or of_key:
        known = _choices(detail) if of_key else _keys_at(model, location[:-1])
        return f"unknown key '{key}'. {nearest(location[-1], known)}"
    if detail["type"] == "missing":
        return f"key '{key}' is missing."
    if not key:
        return f"{detail['msg'].removeprefix('Value error, ')}."
    return f"key '{key}': {wanted(detail)} (found {show(detail['input'])})."


def show(value: object) -> str:
    """Return a value as it is shown in a message, cut where it is long; of a mapping the keys."""
    text = f"the keys {', '.join(map(str, value))}" if isinstance(value, dict) and value else repr(_as_written(value))
    return text if len(text) <= 80 else text[:77] + "..."


def _as_written(value: object) -> object:
    """Return lists as lists: those of a file have become tuples."""
    return [_as_written(inner) for inner in value] if isinstance(value, tuple | list) else value


def wanted(detail: Any) -> str:
    """Return what was expected in place of a wrong value, without a full stop."""
    if detail["type"] == "literal_error":
        choices = _choices(detail)
        if isinstance(detail["input"], str) and choices:
            return f"there is no such choice. {nearest(detail['input'], choices)[:-1]}"
        return f"expected {detail['ctx']['expected']}"
    if detail["type"] in _EXPECTED:
        words = {**detail.get("ctx", {}), "found": show(detail["input"])}
        return f"expected {_EXPECTED[detail['type']].format_map(words)}"
    return str(detail["msg"].removeprefix("Value error, "))


def _choices(detail: Any) -> list[str]:
    """Return the names that a refused one had to be among: pydantic gives them as one text."""
    return re.findall(r"'([^']*)'", detail.get("ctx", {}).get("expected", ""))


def _keys_at(model: type[pydantic.BaseModel], location: list[str]) -> list[str]:
    """Return the keys a model accepts at a nested place, as far as the types tell."""
    current: Any = model
    for part in location:
        field = getattr(current, "model_fields", {}).get(part)
        if field is None:
            continue
        current = next((inner for inner in _models_in(field.annotation)), None)
    return list(getattr(current, "model_fields", {}))


def _models_in(annotation: Any) -> list[type[pydantic.BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models_in(inner)]
