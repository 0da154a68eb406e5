"""What a look at all images of a dataset finds."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.contracts.dataset import Identity
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.datasets import bad_images, looks
from benchmark.datasets.bad_images import BadImage
from benchmark.datasets.checking.subjects import Subject
from benchmark.datasets.looks import Looks
from benchmark.errors import UserError


class Finding(NamedTuple):
    """A sentence on what was found."""

    spoils: bool
    """Whether a run would refuse the data for it, or its numbers would be flattered."""
    what: str


@dataclass(frozen=True)
class Report:
    """What was found."""

    found: dict[str, Any]
    """All of it, as plain values; see docs/suites.md."""
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing was found that spoils a run."""
        return not any(finding.spoils for finding in self.findings)

    def plain(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {**self.found, "sound": self.is_sound, "findings": [finding._asdict() for finding in self.findings]}


def of(subject: Subject, progress: Progress) -> Report:
    """Return what a look at every image finds; one block of images is in memory at a time.

    Raises:
        UserError: If there is no image, or a file that tells of them cannot be read.
    """
    seen = _Seen.of(subject.splits, progress)
    identity = subject.identify()
    codec, refused = _codec(subject, identity)
    bad, mixed = seen.bad()
    is_bad = np.zeros(len(seen.all), bool)
    is_bad[[one.position for one in bad]] = True
    repeated = _Repeated.of(seen)
    shared = _shared_slides(subject.splits)
    found: dict[str, Any] = {
        **identity.__dict__,
        "codec": codec,
        "images": len(seen.all),
        "classes": list(seen.images[0].classes) if subject.is_labelled else None,
        "sizes": seen.sizes(),
        "splits": {name: _of_split(seen, name, is_bad, repeated) for name in subject.splits},
        "duplicates": repeated.plain(seen),
        "blank": [seen.place(at) for at in np.flatnonzero(seen.all.blank & ~is_bad).tolist()],
        "nearly_blank": [seen.place(at) for at in np.flatnonzero(seen.all.nearly_blank & ~is_bad).tolist()],
        "bad": [{**seen.place(one.position), "kind": one.kind, "reason": one.reason} for one in bad],
        "slides_in_several_splits": shared,
        "notes": list(subject.notes),
    }
    problems = [one for one in (mixed, refused) if one is not None]
    return Report(found, tuple(_findings(found, problems, is_labelled=subject.is_labelled)))


@dataclass(frozen=True)
class _Seen:
    """All splits in a row."""

    names: tuple[str, ...]
    images: tuple[Images, ...]
    all: Looks
    starts: NDArray[np.int64]
    """Of each split, and the end."""
    labels: NDArray[np.int64]

    @classmethod
    def of(cls, splits: Mapping[str, Images], progress: Progress) -> _Seen:
        total, done, parts = sum(map(len, splits.values())), 0, []
        for images in splits.values():
            parts.append(looks.at(images, _Onward(progress, done, total)))
            done += len(images)
        return cls(
            names=tuple(splits),
            images=tuple(splits.values()),
            all=looks.joined(parts),
            starts=np.cumsum([0, *map(len, splits.values())]),
            labels=np.concatenate([images.labels for images in splits.values()]),
        )

    def split_of(self, position: int) -> int:
        """Return the number of the split an image is in."""
        return int(np.searchsorted(self.starts, position, side="right")) - 1

    def name(self, position: int) -> str:
        split = self.split_of(position)
        return looks.name_of(self.images[split], position - int(self.starts[split]))

    def place(self, position: int) -> dict[str, str]:
        """Return where people find an image."""
        split = self.split_of(position)
        label = self.images[split].classes[self.labels[position]]
        return {"split": self.names[split], "class": label, "name": self.name(position)}

    def bad(self) -> tuple[tuple[BadImage, ...], str | None]:
        """Return the images that cannot be used, and what is to be said where no size is the usual one."""
        names = [self.name(at) for at in range(len(self.all))]
        try:
            return bad_images.find(self.all, names, duplicates=False), None
        except UserError as error:
            faults = (BadImage(at, names[at], *fault) for at, fault in self.all.faults.items())
            return tuple(faults), str(error)

    def sizes(self) -> list[dict[str, Any]]:
        return [
            {"height": height, "width": width, "images": len(places), "example": self.place(int(places[0]))}
            for (height, width), places in bad_images.sizes(self.all).items()
        ]


@dataclass(frozen=True)
class _Onward:
    """Progress over all splits, told by one of them."""

    progress: Progress
    before: int
    total: int

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Report it."""
        self.progress(self.before + done, self.total, note)


@dataclass(frozen=True)
class _Repeated:
    """Images with the same pixels."""

    groups: list[NDArray[np.int64]]
    redundant: NDArray[np.bool_]
    """Whether an image with the same pixels comes before it in its split."""
    across_splits: list[NDArray[np.int64]]
    across_labels: list[NDArray[np.int64]]

    @classmethod
    def of(cls, seen: _Seen) -> _Repeated:
        groups = bad_images.groups(seen.all)
        redundant = np.zeros(len(seen.all), bool)
        splits = [[seen.split_of(at) for at in group] for group in groups]
        for group, of in zip(groups, splits, strict=True):
            for place, at in enumerate(group):
                redundant[at] = of[place] in of[:place]
        return cls(
            groups,
            redundant,
            [group for group, of in zip(groups, splits, strict=True) if len(set(of)) > 1],
            [group for group in groups if len(set(seen.labels[group].tolist())) > 1],
        )

    def plain(self, seen: _Seen) -> dict[str, Any]:
        return {
            "redundant": sum(len(group) - 1 for group in self.groups),
            "redundant_inside_splits": int(self.redundant.sum()),
            "groups_across_splits": len(self.across_splits),
            "groups_across_labels": len(self.across_labels),
            "groups": [[seen.place(int(at)) for at in group] for group in self.groups],
        }


def _of_split(seen: _Seen, name: str, is_bad: NDArray[np.bool_], repeated: _Repeated) -> dict[str, Any]:
    number = seen.names.index(name)
    images, part = seen.images[number], slice(seen.starts[number], seen.starts[number + 1])
    pixels = hashlib.sha256(seen.all.digests[part].tobytes() + images.labels.astype("<i8").tobytes()).hexdigest()

    def count(flags: NDArray[np.bool_], of_class: NDArray[np.bool_]) -> int:
        return int(flags[part][of_class].sum())

    classes = {}
    for label, word in enumerate(images.classes):
        of_class = images.labels == label
        classes[word] = {
            "images": int(of_class.sum()),
            "share": float(of_class.mean()),
            "redundant": count(repeated.redundant, of_class),
            "blank": count(seen.all.blank & ~is_bad, of_class),
            "nearly_blank": count(seen.all.nearly_blank & ~is_bad, of_class),
            "bad": count(is_bad, of_class),
            "formats": dict(Counter(name for name in seen.all.formats[part][of_class].tolist() if name)),
        }
    slides = None if images.slides is None else len(np.unique(images.slides))
    return {"images": len(images), "slides": slides, "pixels": pixels, "classes": classes}


def _shared_slides(splits: Mapping[str, Images]) -> dict[str, dict[str, int]] | None:
    """Return the slides that several splits hold, with the images of each; None where slides are not known."""
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for name, images in splits.items():
        if images.slides is None:
            return None
        for slide, count in zip(*np.unique(images.slides, return_counts=True), strict=True):
            counts[str(slide)][name] = int(count)
    return {slide: by_split for slide, by_split in counts.items() if len(by_split) > 1}


def _codec(subject: Subject, identity: Identity) -> tuple[str | None, str | None]:
    """Return how the images are stored, or what is wrong with that."""
    if subject.codec is None:
        return None, None
    try:
        return subject.codec(identity), None
    except UserError as error:
        return None, str(error)


def _findings(found: Mapping[str, Any], problems: Sequence[str], *, is_labelled: bool) -> Iterator[Finding]:
    if found["bad"]:
        yield Finding(True, f"{_many(len(found['bad']), 'image')} cannot be used.")
    for problem in problems:
        yield Finding(True, problem)
    if found["sizes"] and (size := found["sizes"][0])["height"] != size["width"]:
        yield Finding(True, f"The images are {size['width']} x {size['height']} px; a suite takes square ones.")
    repeated = found["duplicates"]
    redundant = _many(repeated["redundant_inside_splits"], "redundant exact duplicate")
    yield Finding(False, f"{redundant} inside splits, which a suite leaves out.")
    if len(found["splits"]) > 1:
        across = repeated["groups_across_splits"]
        yield Finding(across > 0, f"{_many(across, 'image')} in several splits.")
    if is_labelled:
        across = repeated["groups_across_labels"]
        yield Finding(across > 0, f"{_many(across, 'image')} under several labels.")
    if found["blank"] or found["nearly_blank"]:
        yield Finding(False, f"{_many(len(found['blank']), 'image')} blank, {len(found['nearly_blank']):,} nearly.")
    shared = found["slides_in_several_splits"]
    if shared is None:
        yield Finding(False, "Slides are not known: images count as independent.")
    elif len(found["splits"]) > 1:
        yield Finding(bool(shared), f"{_many(len(shared), 'slide')} in several splits.")
    yield from _mixed_formats(found)


def _mixed_formats(found: Mapping[str, Any]) -> Iterator[Finding]:
    """Tell of file formats that differ from class to class or split to split: a classifier may learn them instead."""
    of = {
        (split, word): tuple(sorted(one["formats"]))
        for split, about in found["splits"].items()
        for word, one in about["classes"].items()
        if one["formats"]
    }
    if len(set(of.values())) > 1:
        told = "; ".join(f"{split} {word}: {', '.join(formats)}" for (split, word), formats in of.items())
        yield Finding(True, f"File formats differ, by which alone classes or splits can be told apart: {told}.")


def _many(count: int, what: str) -> str:
    return f"{f'{count:,}' if count else 'No'} {what}{'' if count == 1 else 's'}"
