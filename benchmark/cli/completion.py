"""What the shell offers when a user presses tab."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import typer

from benchmark.errors import UserError


def suites(incomplete: str) -> list[str]:
    """Return the suites whose name begins so."""
    from benchmark.suite import catalogue

    return _beginning(incomplete, lambda: sorted(catalogue.paths()))


def generators(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the variants whose name begins so, those of registry files named before on the line among them."""
    from benchmark.registry.variants import Catalogue

    own = ctx.params.get("registry") or ()
    return _beginning(incomplete, lambda: Catalogue.discover([Path(path) for path in own]).names())


def extractors(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the extractors whose name begins so, those of registry files named before on the line among them."""
    from benchmark.registry.variants import Catalogue

    own = ctx.params.get("registry") or ()
    return _beginning(incomplete, lambda: Catalogue.discover([Path(path) for path in own]).extractors.names())


def takers_of_weights(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the extractors and generators that take weights and whose name begins so."""
    from benchmark.registry.variants import Catalogue

    def names() -> list[str]:
        known = Catalogue.discover([Path(path) for path in ctx.params.get("registry") or ()])
        return [listed.name for listed in (*known.extractors, *known) if listed.wanted]

    return _beginning(incomplete, names)


def fetchable(incomplete: str) -> list[str]:
    """Return the datasets that can be fetched and whose name begins so."""
    from benchmark.cli import fetching

    return _beginning(incomplete, lambda: fetching.FETCHABLE)


def datasets(incomplete: str) -> list[str]:
    """Return the datasets whose name begins so."""
    from benchmark.registry import discovery

    return _beginning(incomplete, lambda: [entry.name for entry in discovery.datasets()])


def names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return everything that `bench show` knows and whose name begins so."""
    from benchmark.protocol import named
    from benchmark.registry import discovery

    parts = (discovery.tasks, discovery.datasets)
    others = _beginning(incomplete, lambda: [entry.name for part in parts for entry in part()])
    protocols = _beginning(incomplete, named.everything)
    mine = [*generators(ctx, incomplete), *extractors(ctx, incomplete)]
    return list(dict.fromkeys([*suites(incomplete), *mine, *protocols, *others]))


def _beginning(incomplete: str, names: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return [name for name in names() if name.startswith(incomplete)]
    except UserError:
        # The command itself will say what is wrong; at the prompt a message would stand amid the user's line.
        return []
