"""What was seen of sets of images: for people, for a program, and what must stand wherever their numbers do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from tabulate import tabulate

from benchmark import errors
from benchmark.evaluation import looking
from benchmark.evaluation.looking import PARTS, Looked


def text(sets: Sequence[Looked]) -> str:
    """Return a table of the sets, and the images that cannot be used by name."""
    rows = [
        {
            "images": PARTS[one.part],
            "found": f"{len(one.seen):,}",
            "bad": f"{len(one.bad):,}",
            "usable": f"{len(one.usable):,}",
            "px": one.side,
            "repeats": f"{one.redundant:,}",
            "blank": f"{one.blank:,}",
            "files": ", ".join(one.formats),
            "classes": ", ".join(f"{name} {count:,}" for name, count in one.counts.items())
            if one.found.is_labelled else "(no labels)",
            "at": str(one.place),
        }
        for one in sets
    ]  # fmt: skip
    right = ("left", *("right",) * 6, "left", "left", "left")
    table = tabulate(rows, headers="keys", disable_numparse=True, colalign=right)
    notes = [f"{PARTS[one.part]}: {one.found.note}" for one in sets if one.found.note]
    return errors.plain("\n".join([table, *notes, *(line for one in sets for line in bad_lines(one))]))


def bad_lines(one: Looked) -> Iterator[str]:
    """Yield how many images of a set cannot be used, and each of them by name."""
    if not one.bad:
        return
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in Counter(bad.kind for bad in one.bad).items())
    yield f"{one.place}: {len(one.bad):,} of {len(one.seen):,} {PARTS[one.part]} images cannot be used ({kinds}):"
    yield from (f"  {bad.name}: {bad.reason}" for bad in one.bad)


def advice_on_duplicates(sets: Sequence[Looked]) -> list[str]:
    """Return what is to be said where repeated images count as ones that cannot be used."""
    if not any(bad.kind == "duplicate" for one in sets for bad in one.bad):
        return []
    return ["If the generator made the duplicates itself they are part of what it makes: --duplicates keep."]


def copies(sets: Sequence[Looked]) -> dict[str, int]:
    """Return how many synthetic images have the very pixels of a real one, by what that is for."""
    synthetic = next(one for one in sets if one.part == "synthetic")
    return {PARTS[one.part]: looking.copies(synthetic, one) for one in sets if one is not synthetic}


def warnings(sets: Sequence[Looked]) -> tuple[str, ...]:
    """Return what speaks against the synthetic images, or a comparison with them, before any number."""
    told = [
        f"{count:,} of the synthetic images are {part} images, pixel by pixel: no generator made them."
        for part, count in copies(sets).items()
        if count
    ]
    formats = {PARTS[one.part]: ", ".join(one.formats) for one in sets if one.formats}
    if len(set(formats.values())) > 1:
        of_each = "; ".join(f"{part} images {of}" for part, of in formats.items())
        told.append(f"File formats differ ({of_each}): what JPEG leaves in pixels moves distances.")
    return tuple(told)


def cautions(sets: Sequence[Looked]) -> list[str]:
    """Return what must stand wherever a number measured against the real images does."""
    return [
        f"{len(one.bad):,} of {len(one.seen):,} {PARTS[one.part]} images were left out, which cannot be used."
        for one in sets
        if one.part != "synthetic" and one.bad
    ]


def plain(sets: Sequence[Looked]) -> dict[str, Any]:
    """Return all that was seen, for a program."""
    return {
        one.part: {
            "place": str(one.place.absolute()),
            "found": len(one.seen),
            "usable": len(one.usable),
            "side": one.side,
            "classes": one.counts if one.found.is_labelled else None,
            "repeats": one.redundant,
            "blank": one.blank,
            "formats": one.formats,
            "bad": [{"name": bad.name, "kind": bad.kind, "reason": bad.reason} for bad in one.bad],
            **({"copies": copies(sets)} if one.part == "synthetic" else {}),
        }
        for one in sets
    }
