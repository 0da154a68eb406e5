"""What the shell offers when a user presses tab."""

from __future__ import annotations


def suites(incomplete: str) -> list[str]:
    """Return the suites whose name begins so."""
    from benchmark.suite import catalogue

    return [name for name in sorted(catalogue.paths()) if name.startswith(incomplete)]


def generators(incomplete: str) -> list[str]:
    """Return the variants whose name begins so."""
    from benchmark.registry.variants import Catalogue

    return [name for name in Catalogue.discover().names() if name.startswith(incomplete)]
