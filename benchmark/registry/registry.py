"""One small registry for everything that has a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from benchmark.errors import UserError, nearest
from benchmark.registry import targets

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """A name and where its object is."""

    name: str
    """The name users write."""
    target: str
    """``module:attribute``."""
    origin: str
    """The distribution that brings it, or the file that lists it."""


class Registry(Generic[T]):
    """Objects by name, imported when first asked for."""

    def __init__(self, noun: str) -> None:
        """Start empty.

        Args:
            noun: What the registry holds, for messages: ``task``, ``dataset``.
        """
        self._noun = noun
        self._entries: dict[str, Entry] = {}
        self._loaded: dict[str, T] = {}

    def add(self, entry: Entry) -> None:
        """Add a name.

        Raises:
            UserError: If another object already has the name.
        """
        known = self._entries.get(entry.name)
        if known is not None and known.target != entry.target:
            raise UserError(
                f"Two {self._noun}s are named '{entry.name}': {known.target} (from {known.origin}) and "
                f"{entry.target} (from {entry.origin}). Rename one or uninstall its package."
            )
        self._entries[entry.name] = entry

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that adds an object of this process under `name`."""

        def decorate(value: T) -> T:
            target = f"{getattr(value, '__module__', '?')}:{getattr(value, '__qualname__', name)}"
            self.add(Entry(name=name, target=target, origin="this process"))
            self._loaded[name] = value
            return value

        return decorate

    def entry(self, name: str) -> Entry:
        """Return the entry of a name.

        Raises:
            UserError: If nothing has the name; the message names the nearest.
        """
        if name not in self._entries:
            raise UserError(f"There is no {self._noun} '{name}'. {nearest(name, self._entries)}")
        return self._entries[name]

    def load(self, name: str) -> T:
        """Return the object of a name, importing it if it was not yet."""
        entry = self.entry(name)
        if name not in self._loaded:
            self._loaded[name] = targets.load(entry.target)  # type: ignore[assignment]
        return self._loaded[name]

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the entries in the order of their names."""
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    def __contains__(self, name: object) -> bool:
        """Tell whether something has the name."""
        return name in self._entries
