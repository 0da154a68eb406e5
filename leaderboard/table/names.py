"""Names for people and for files."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from benchmark.contracts.dataset import Identity
from benchmark.records.schema import Record

RESEARCH_USE = "Research use only: nothing here proves privacy or clinical fitness."
"""Stands on every page and in every file."""

DEVELOPMENT = "Development seeds, not for reporting"
"""Heads everything that rests on seeds from 100 on."""

_LONGEST = 60
"""Longest slug without a digest: several of them make a file name."""


def title(record: Record) -> str:
    """Return a board's title: suite, version, which data, device."""
    return f"{record.suite.name} v{record.suite.version} on {record.dataset.identity.name}, {record.device}"


def trial(limit: int | None) -> str | None:
    """Return how a limited run is marked, or None for a full one."""
    return None if limit is None else f"TRIAL: cut down to at most {limit} images a role and a variant"


def board_slug(record: Record) -> str:
    """Return the name of a board's folder."""
    return f"{slug(record.suite.name)}-v{record.suite.version}-{slug(record.device)}-{_digest(record.board)}"


def slug(text: str) -> str:
    """Return a name that is safe as a file name and in an address.

    Small letters, digits, dots and dashes stay. Where anything else stood, or too much, a short digest keeps the
    result unlike that of every other name.
    """
    plain = re.sub(r"[^a-z0-9.-]+", "-", text.lower()).strip("-.")
    if plain == text and 0 < len(plain) <= _LONGEST:
        return plain
    return f"{plain[:_LONGEST].strip('-.') or 'x'}-{_digest(text)}"


def seeds_in_words(seeds: Sequence[int]) -> str:
    """Return ``seed 3``, ``seeds 0 to 4`` or ``seeds 0, 2, 7``."""
    if not seeds:
        return "no seeds"
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    ordered = sorted(seeds)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"seeds {ordered[0]} to {ordered[-1]}"
    return "seeds " + ", ".join(map(str, ordered))


def n_in_words(n: Mapping[str, int], slides: Mapping[str, int]) -> str:
    """Return ``reference 2000 (40 slides), synthetic 2000``."""
    return ", ".join(f"{role} {count}{_of_slides(slides.get(role))}" for role, count in sorted(n.items()))


def _of_slides(count: int | None) -> str:
    if count is None:
        return ""
    return " (1 slide)" if count == 1 else f" ({count} slides)"


def dataset(identity: Identity) -> str:
    """Return a dataset's name with the first digits of its digest, once."""
    digest = identity.digest[:12]
    return identity.name if digest in identity.name else f"{identity.name}, digest {digest}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
