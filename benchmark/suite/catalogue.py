"""Finding and reading suites."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmark import strict
from benchmark.contracts.roles import Role
from benchmark.errors import UserError, nearest
from benchmark.registry import discovery
from benchmark.registry.extractors import Extractors
from benchmark.registry.variants import VARIANTS_FILE, Catalogue, Variant
from benchmark.suite.schema import Suite


def paths() -> dict[str, Path]:
    """Return the files of all suites that installed packages bring, by name."""
    found: dict[str, Path] = {}
    for origin, folder in discovery.folders("suites"):
        for path in sorted(folder.glob("*.yaml")):
            if path.name == VARIANTS_FILE:
                continue  # A package may keep its suites and its variants in one folder.
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
    with _at(f"{where}, key 'dataset'"):
        discovery.datasets().entry(suite.dataset.name)
    with _at(f"{where}, key 'extractors'"):
        scoring = {variants.extractors.get(name).identity: name for name in suite.extractors}
    _check_protocol(suite, where)
    _check_roles(suite, {"train"}, "every suite", where)
    for name in suite.tasks:
        with _at(f"{where}, key 'tasks'"):
            needs = discovery.tasks().load(name).needs
        _check_roles(suite, {*needs.features, *needs.images} - {"synthetic"}, f"task '{name}'", where)
    for name in suite.variants:
        with _at(f"{where}, key 'variants'"):
            variant = variants.get(name).variant
        _check_roles(
            suite, {*variant.reads, *((variant.fits_on,) if variant.fits_on else ())}, f"variant '{name}'", where
        )
        _check_guides(variant, name, scoring, variants.extractors, where)
    _check_primary(suite, variants, where)


def _check_protocol(suite: Suite, where: str) -> None:
    """Refuse a suite that does not measure what its protocol says."""
    protocol = suite.protocol
    if protocol.extractor is not None and protocol.extractor not in suite.extractors:
        raise UserError(
            f"{where}: the protocol compares features of '{protocol.extractor}', which key 'extractors' does not list "
            f"({', '.join(suite.extractors) or 'none'}). Add it there, or set 'extractor' under 'protocol'."
        )
    roots = {}
    for name in suite.tasks:
        with _at(f"{where}, key 'tasks'"):
            roots[name] = discovery.tasks().load(name).needs.root
    taking = [name for name, root in roots.items() if root is not None]
    if (taking or protocol.root != "exact") and protocol.root not in roots.values():
        raise UserError(
            f"{where}: the protocol's root is '{protocol.root}', which no task of the suite takes "
            f"({', '.join(f'{name}: {roots[name]}' for name in taking) or 'none takes one'}). Add such a task, or set "
            "'root' under 'protocol'."
        )


def _check_primary(suite: Suite, variants: Catalogue, where: str) -> None:
    """Refuse a comparison that no number could decide. Only now: a variant with a typo is named as such first."""
    where = f"{where}, key 'primary'"
    for name in suite.primary:
        if name not in suite.variants:
            raise UserError(f"{where}: '{name}' is not among the suite's variants. {nearest(name, suite.variants)}")
        if variants.get(name).variant.kind == "control":
            raise UserError(
                f"{where}: '{name}' is a control, which bounds the board and is not compared. Name generators."
            )
    if len(suite.primary) == 1:
        raise UserError(f"{where}: '{suite.primary[0]}' stands alone. Name what it is compared with too, or nothing.")


def _check_roles(suite: Suite, needed: Collection[Role], who: str, where: str) -> None:
    for role in sorted(set(needed) - set(suite.roles)):
        raise UserError(
            f"{where}: {who} needs the role '{role}', which key 'roles' does not define. "
            f"Defined: {', '.join(suite.roles) or '(none)'}."
        )


def _check_guides(
    variant: Variant, name: str, scoring: dict[tuple[str, str, str], str], extractors: Extractors, where: str
) -> None:
    """Compare classes and weights, not names: an extractor under a second name is the same extractor."""
    for guide in variant.guides:
        with _at(f"{where}, variant '{name}', key 'guided_by'"):
            score = scoring.get(extractors.get(guide).identity)
        if score is not None:
            same = "" if score == guide else f" (under the name '{score}')"
            raise UserError(
                f"{where}: '{guide}' steers variant '{name}' and would also score it{same}, so that its "
                "conditioning would leak into its own score. Score with another extractor."
            )


@contextmanager
def _at(where: str) -> Iterator[None]:
    """Put before a message where its name was read."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{where}: {error}") from None


def _installed(name: str) -> Path:
    known = paths()
    if name not in known:
        raise UserError(
            f"There is no suite '{name}'. {nearest(name, known)} A file of your own is named by its path, "
            "ending in .yaml."
        )
    return known[name]
