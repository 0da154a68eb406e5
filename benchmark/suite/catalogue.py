"""Finding and reading suites."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark import strict
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError, nearest
from benchmark.registry import discovery
from benchmark.registry.variants import Catalogue, Variant
from benchmark.suite.schema import Suite


def paths() -> dict[str, Path]:
    """Return the files of all suites that installed packages bring, by name."""
    found: dict[str, Path] = {}
    for origin, folder in discovery.folders("suites"):
        for path in sorted(folder.glob("*.yaml")):
            if path.stem in found:
                raise UserError(f"Two suites are named '{path.stem}': {found[path.stem]} and {path} of {origin}.")
            found[path.stem] = path
    return found


def read(name: str) -> Suite:
    """Return a suite by its name, or from a file the user names.

    Args:
        name: A name of `bench list suites`, or a path that ends in ``.yaml``.

    Raises:
        UserError: If there is no such suite or the file is wrong.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else _installed(name)
    suite = strict.validate(Suite, strict.read_yaml(path), where=str(path))
    if path.stem != suite.name:
        raise UserError(f"{path}: key 'name' is '{suite.name}', but the file is named '{path.stem}'. Make them equal.")
    return suite


def installed() -> Iterator[Suite]:
    """Yield all suites that installed packages bring."""
    return (read(name) for name in paths())


def check(suite: Suite, variants: Catalogue) -> None:
    """Refuse a suite that names unknown things or would leak conditioning into its scores.

    Raises:
        UserError: At the first thing that is wrong, with the key and the nearest valid choice.
    """
    where = f"suite '{suite.name}'"
    for name in suite.variants:
        _check_variant(suite, variants.get(name).variant, name, where)
    for name in suite.tasks:
        discovery.tasks().entry(name)
    for name in suite.extractors:
        discovery.extractors().entry(name)
    discovery.datasets().entry(suite.dataset.name)


def _check_variant(suite: Suite, variant: Variant, name: str, where: str) -> None:
    needed: set[RealRole] = {*variant.reads, *({variant.fits_on} if variant.fits_on else set())}
    for role in sorted(needed - set(suite.roles)):
        raise UserError(f"{where}: variant '{name}' needs the role '{role}', which key 'roles' does not define.")
    for extractor in variant.guided_by:
        discovery.extractors().entry(extractor)
        if extractor in suite.extractors:
            raise UserError(
                f"{where}: '{extractor}' steers variant '{name}' and would also score it, so that its "
                "conditioning would leak into its own score. Score with another extractor."
            )


def _installed(name: str) -> Path:
    known = paths()
    if name not in known:
        raise UserError(
            f"There is no suite '{name}'. {nearest(name, known)} A file of your own is named by its path, "
            "ending in .yaml."
        )
    return known[name]
