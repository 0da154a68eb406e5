"""What people are told of references: which there are, and what a run on one cannot measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmark import disk
from benchmark.plan.planner import Plan
from benchmark.references import folder as references
from benchmark.references.folder import SHORT
from benchmark.references.manifest import Manifest


def row(manifest: Manifest, size: int, *, in_words: bool) -> dict[str, Any]:
    """Return one reference as a row of a table.

    Args:
        manifest: What it is.
        size: Its bytes.
        in_words: Whether people are to read it, or a program: then the digest is whole, and roles are numbers.
    """
    roles = {role: part.n for role, part in manifest.roles.items()}
    platform = manifest.platform
    return {
        "reference": manifest.digest[:SHORT] if in_words else manifest.digest,
        "suite": manifest.suite.identifier,
        "dataset": manifest.dataset.identity.name,
        "features": ", ".join(manifest.features) if in_words else list(manifest.features),
        "extractors": ", ".join(manifest.suite.extractors) if in_words else list(manifest.suite.extractors),
        "images": _counts(roles) if in_words else roles,
        "slides": manifest.slides,
        "made on": f"{platform.device}, torch {platform.torch}, histobench {manifest.histobench}",
        "made": manifest.made.when,
        "size": disk.in_words(size) if in_words else size,
    }


def notes(plan: Plan) -> Iterator[str]:
    """Yield what is to be known before a plan is run on an imported reference; nothing where images are at hand."""
    if plan.dataset.reference is None:
        return
    found = references.read(plan.dataset.reference.folder)
    yield f"No real images here: the imported {found.describe()} stands in for them."
    lacking = [cell for cell in plan.cells if cell.lacking is not None]
    if lacking:
        measured = {cell.task for cell in plan.cells if cell.lacking is None}
        tasks = [name for name in plan.suite.tasks if name not in measured]
        variants = [cell.variant.name for cell in lacking if cell.task not in tasks]
        which = [*(f"task '{name}'" for name in tasks), *(f"variant '{name}'" for name in dict.fromkeys(variants))]
        yield (
            f"{len(lacking)} of {len(plan.cells)} rows need the images themselves and will fail: {', '.join(which)}. "
            "--data-root names them where they are."
        )


def _counts(roles: Mapping[Any, int]) -> str:
    return ", ".join(f"{role} {count}" for role, count in roles.items())
