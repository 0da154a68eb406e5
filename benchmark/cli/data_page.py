"""What `bench data check` tells people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tabulate import tabulate

from benchmark.datasets.checking.report import Report
from benchmark.errors import plain

_MOST = 20
"""Lines of a list; --json has all of them."""


def text(report: Report) -> str:
    """Return a report as text: facts, a table, what was found, and the first of each kind by name."""
    parts = ["\n".join(_facts(report.found)), _table(report.found), "\n".join(_findings(report))]
    return plain("\n\n".join([*parts, *_lists(report.found)]))


def _facts(found: Mapping[str, Any]) -> Iterator[str]:
    yield found["name"]
    sizes = ", ".join(f"{size['width']} x {size['height']} px ({size['images']:,} images)" for size in found["sizes"])
    yield f"Sizes: {sizes or 'none'}"
    yield f"Official release, by checksums: {'yes' if found['official'] else 'no'}; digest {found['digest']}"
    if found["codec"] is not None:
        yield f"Stored as: {'pixels as they are, as far as is known' if found['codec'] == 'none' else found['codec']}"
    slides = {split: about["slides"] for split, about in found["splits"].items()}
    known = {split: count for split, count in slides.items() if count is not None}
    yield f"Slides: {', '.join(f'{split} {count:,}' for split, count in known.items()) or 'not known'}"
    yield from (f"Note: {note}" for note in found["notes"])
    if found["caution"]:
        yield f"Note: {found['caution']}"


def _table(found: Mapping[str, Any]) -> str:
    rows = []
    for split, about in found["splits"].items():
        for word, one in about["classes"].items():
            rows.append(
                {
                    "split": split,
                    "class": word or "(no labels)",
                    "images": f"{one['images']:,}",
                    "share": f"{one['share']:.1%}",
                    "redundant": f"{one['redundant']:,}",
                    "blank": f"{one['blank']:,}",
                    "nearly blank": f"{one['nearly_blank']:,}",
                    "bad": f"{one['bad']:,}",
                }
            )
    numbers = ("right",) * 6
    return tabulate(rows, headers="keys", disable_numparse=True, colalign=("left", "left", *numbers))


def _findings(report: Report) -> Iterator[str]:
    for finding in report.findings:
        yield f"{'!' if finding.spoils else '-'} {finding.what}"


def _lists(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a list for each kind of image that is to be looked at, where there is one."""
    yield from _listed("Images that cannot be used", [f"{_place(one)}: {one['reason']}" for one in found["bad"]])
    groups = found["duplicates"]["groups"]
    split_by = [group for group in groups if len({one["split"] for one in group}) > 1]
    label_by = [group for group in groups if len({one["class"] for one in group}) > 1]
    yield from _listed("Same pixels in several splits", list(map(_group, split_by)))
    yield from _listed("Same pixels under several labels", list(map(_group, label_by)))
    yield from _listed("Blank images", list(map(_place, found["blank"])))
    shared = found["slides_in_several_splits"] or {}
    yield from _listed(
        "Slides in several splits",
        [f"{slide}: {', '.join(f'{split} {count:,}' for split, count in of.items())}" for slide, of in shared.items()],
    )


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        more = [f"  and {len(lines) - _MOST:,} more (--json has all)"] if len(lines) > _MOST else []
        yield "\n".join([f"{title}:", *(f"  {line}" for line in lines[:_MOST]), *more])


def _place(one: Mapping[str, Any]) -> str:
    return one["name"] if one["split"] == "all" else f"{one['split']}: {one['name']}"


def _group(group: list[Mapping[str, Any]]) -> str:
    return " = ".join(f"{_place(one)} ({one['class']})" if one["class"] else _place(one) for one in group)
