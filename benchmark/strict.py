"""Strict models of files that users write, and readable errors for what is wrong in them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pydantic
import yaml

from benchmark import mistakes
from benchmark.errors import UserError


class Strict(pydantic.BaseModel):
    """A model that refuses unknown keys, converts no types and does not change."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Grown(Strict):
    """A model that got fields after values of it were digested: those that say nothing new are left out of its JSON.

    What was keyed or recorded before keeps its digest so.
    """

    LATER: ClassVar[tuple[str, ...]] = ()
    """Names of these fields. One that is as it is by default is left out."""

    @pydantic.model_serializer(mode="wrap")
    def _without_defaults(self, handler: pydantic.SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        absent = [name for name in self.LATER if getattr(self, name) == fields[name].default]
        return {key: value for key, value in handler(self).items() if key not in absent}


Model = TypeVar("Model", bound=Strict)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds.

    Raises:
        UserError: If the file cannot be read, is not YAML, or holds a key twice.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506
    except IsADirectoryError:
        raise UserError(f"{path} is a folder. Expected a YAML file.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text. Expected a YAML file.") from None
    except RecursionError:
        raise UserError(f"{path} is nested too deeply.") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path} is not valid YAML: {_place(error)}") from None


def validate(model: type[Model], value: object, *, where: str) -> Model:
    """Return `value` as a model.

    Args:
        model: The model's class.
        value: What was read.
        where: File and key, for the message.

    Raises:
        UserError: One line for each thing wrong: its key, what was read, what was expected.
    """
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected keys and values, found {mistakes.show(value)}.")
    try:
        return model.model_validate(_plain(value, where))
    except RecursionError:
        raise UserError(f"{where}: nested too deeply, or an alias that holds itself.") from None
    except pydantic.ValidationError as error:
        problems = [mistakes.describe(model, detail) for detail in error.errors(include_url=False)]
        raise UserError(f"{where}: " + "\n  ".join(problems)) from None


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML's safe loader, refusing keys given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Build a mapping; raise where a key stands twice."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' stands twice", node.value[position][0].start_mark
                )
        return super().construct_mapping(node, deep=deep)


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be parsed"
    return f"{problem}." if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: {problem}."


def _plain(value: object, where: str) -> object:
    """Turn YAML's lists into tuples, which frozen models hold; refuse what JSON cannot hold."""
    if isinstance(value, dict):
        return {key: _plain(inner, where) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_plain(inner, where) for inner in value)
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{where}: found {value}, expected a finite number.")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise UserError(
        f"{where}: found {mistakes.show(value)}, a {type(value).__name__}. If text is meant, put it in quotes."
    )
