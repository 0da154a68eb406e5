"""What the verbs that plan or run a suite have in common: names looked up, a plan made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmark.errors import UserError, nearest
from benchmark.plan import platform
from benchmark.plan.planner import Plan, Planner, RealSide
from benchmark.plan.resolve import Resolver
from benchmark.plan.stand_ins import Shelf
from benchmark.plan.weights import DigestOf, DigestOfFiles
from benchmark.references.folder import place_of
from benchmark.registry.variants import Catalogue
from benchmark.suite import catalogue
from benchmark.suite.schema import Suite


@dataclass(frozen=True)
class Choice:
    """What a user asked for."""

    suite: str
    generators: tuple[str, ...]
    """Empty for all of the suite."""
    seeds: tuple[int, ...]
    """Empty for the suite's own."""
    data_root: Path | None
    device: str
    limit: int | None
    registries: tuple[Path, ...]
    offline: bool
    to_run: bool = True
    """Whether the plan is to be run; where it is only to be shown, what is not on this machine is planned for."""
    store: Path | None = None
    """Store whose imported references stand in for real images that are not here; None to take none."""
    reference: str | None = None
    """The first digits of the one that is to."""


def make_plan(choice: Choice, digest_of: DigestOf, digest_of_files: DigestOfFiles | None = None) -> Plan:
    """Return the plan of one suite.

    Args:
        choice: What the user asked for.
        digest_of: Digests one file of data or weights, from a memo where it has not changed.
        digest_of_files: Digests the files of a dataset likewise; one by one where left out.

    Raises:
        UserError: If a name is unknown or something needed is not there.
    """
    planner = _planner(choice, digest_of, digest_of_files)
    suite, variants = planner.suite, planner.resolver.variants
    return planner.plan(
        variants=_chosen(suite, variants, choice.generators), seeds=tuple(dict.fromkeys(choice.seeds or suite.seeds))
    )


def plan_real_side(choice: Choice, digest_of: DigestOf, digest_of_files: DigestOfFiles | None = None) -> RealSide:
    """Return what a suite computes of real images alone; no variant is looked up.

    Args:
        choice: What the user asked for; generators and seeds decide nothing.
        digest_of: As for `make_plan`.
        digest_of_files: Likewise.

    Raises:
        UserError: If a name is unknown or something needed is not there.
    """
    return _planner(choice, digest_of, digest_of_files).real_side()


def _planner(choice: Choice, digest_of: DigestOf, digest_of_files: DigestOfFiles | None) -> Planner:
    if choice.offline:
        # Read by huggingface_hub and all that stands on it, when they are imported.
        os.environ["HF_HUB_OFFLINE"] = "1"
    suite, variants = read(choice)
    return Planner(
        suite=suite,
        resolver=Resolver(
            variants,
            _root(choice.data_root),
            digest_of,
            offline=choice.offline,
            to_run=choice.to_run,
            digest_of_files=digest_of_files,
            shelf=None if choice.store is None else Shelf(place_of(choice.store), choice.reference),
        ),
        platform=platform.current(choice.device),
    )


def read(choice: Choice) -> tuple[Suite, Catalogue]:
    """Return the suite and the variants, checked against each other."""
    suite = catalogue.read(choice.suite)
    variants = Catalogue.discover(choice.registries)
    known = variants.names()
    extra = dict.fromkeys(name for name in choice.generators if name not in suite.variants and name in known)
    if extra:
        # A generator of the user's own joins the board as one more row.
        suite = suite.model_copy(update={"variants": (*suite.variants, *extra)})
    if choice.limit is not None:
        suite = suite.limited(choice.limit)
    catalogue.check(suite, variants)
    return suite, variants


def _chosen(suite: Suite, variants: Catalogue, generators: tuple[str, ...]) -> tuple[str, ...]:
    for name in generators:
        if name not in suite.variants:
            known = dict.fromkeys([*suite.variants, *variants.names()])
            own = "One of your own is listed in a file that --registry names."
            raise UserError(f"--generator {name}: there is no such generator. {nearest(name, known)} {own}")
    return generators or suite.variants


def _root(data_root: Path | None) -> Path | None:
    try:
        if data_root is not None and not data_root.is_dir():
            raise UserError(f"--data-root {data_root}: there is no such folder.")
    except OSError as error:
        raise UserError(f"--data-root {data_root} cannot be read: {error.strerror}.") from None
    return data_root
