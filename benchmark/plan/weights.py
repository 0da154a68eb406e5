"""Which pretrained weights an entry takes: found or fetched, verified and digested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from benchmark import digests
from benchmark.plan.specs import Absent, WeightsSpec
from benchmark.registry import pretrained
from benchmark.registry.pretrained import DigestOf as DigestOf
from benchmark.registry.weights import Wanted

DigestOfFiles = Callable[[Mapping[str, Path]], str]
"""Digests a set of files by name."""


def one_by_one(digest_of: DigestOf) -> DigestOfFiles:
    """Return what digests a set of files by digesting each."""
    return lambda files: digests.of_files({name: digest_of(path) for name, path in files.items()})


def resolve(wanted: Wanted, *, digest_of: DigestOf, offline: bool, to_run: bool = True) -> WeightsSpec:
    """Return where an entry's weights are, the files that count and their digest.

    Args:
        wanted: The weights.
        digest_of: Digests one file, from a memo where the file has not changed.
        offline: Whether weights that are not on this machine are an error rather than fetched.
        to_run: Whether the plan is to be run; where it is only to be shown, they are neither: they are planned for.

    Raises:
        UserError: If they are not there, may not or cannot be fetched, or are not the known ones.
    """
    place = pretrained.find(wanted)
    if place is None:
        if not to_run:
            return _asked_for(wanted)
        if offline:
            raise pretrained.missing(wanted)
        place = pretrained.fetch(wanted)
    each = place.digests(digest_of)
    pretrained.verify(wanted, each, place.folder)
    return WeightsSpec(folder=place.folder, digest=digests.of_files(each), files=place.files, is_file=place.is_file)


def _asked_for(wanted: Wanted) -> WeightsSpec:
    """Return weights that are not here. Where the digests of all files are known, what stands on them has its true key.

    Where they are not, it has one that no finished step can have, and equal only for equal files of one commit.
    """
    weights = wanted.weights
    source = [weights.source, weights.revision]
    each = {name: weights.sha256.get(name) or digests.of_value([*source, name]) for name in weights.files}
    size = int(weights.disk_mb * 1e6)
    absent = Absent(
        what=f"{weights.source}{pretrained.at(weights)}", bytes=size, remedy=f"bench weights fetch {wanted.name}"
    )
    return WeightsSpec(
        folder=pretrained.place_for(weights), digest=digests.of_files(each), files=tuple(sorted(each)), absent=absent
    )
