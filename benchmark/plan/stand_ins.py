"""Which imported reference stands in for real images that are not on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError, nearest
from benchmark.plan.platform import Platform
from benchmark.plan.specs import ExtractorSpec
from benchmark.references import folder as references
from benchmark.references.folder import Reference
from benchmark.references.manifest import ExtractorPart, PlatformPart
from benchmark.suite.schema import RoleEntry, Suite

ADVICE = "Where numbers need only features, a packed reference of the suite does without them: bench store import FILE."
"""What may help who has no images."""


@dataclass(frozen=True)
class Wanted:
    """What a plan needs of the real images besides themselves."""

    suite: Suite
    extractors: tuple[ExtractorSpec, ...]
    roles: tuple[RealRole, ...]
    """Whose features its tasks need."""
    platform: Platform


@dataclass(frozen=True)
class Shelf:
    """The references of a store."""

    place: Path
    """Folder that holds a folder for each; it need not exist."""
    chosen: str | None = None
    """The first digits of the one that the user names."""

    @cached_property
    def _all(self) -> tuple[Reference, ...]:
        return tuple(references.read(folder) for folder in references.folders(self.place))

    def refuse_a_choice(self, dataset: str, *, made: bool) -> None:
        """Refuse a reference that was named where real images are at hand.

        Raises:
            UserError: If one was named.
        """
        if self.chosen is not None:
            why = f"dataset '{dataset}' is made here" if made else "--data-root names the images themselves"
            raise UserError(
                f"--reference {self.chosen}: {why}, so that no reference stands in for them. Leave one out."
            )

    def choose(self, wanted: Wanted, *, target: str, version: int) -> Reference | None:
        """Return the reference that fits; of several of the same images the one of this platform.

        Args:
            wanted: What is needed of it.
            target: Class of the dataset that is installed.
            version: Its version.

        Returns:
            None where none of this dataset was imported.

        Raises:
            UserError: If none of those of this dataset fits, with the reasons; or several do.
        """
        entry = wanted.suite.dataset
        named = self._named()
        of_dataset = [
            one for one in named if one.manifest.suite.dataset.model_dump(mode="json") == entry.model_dump(mode="json")
        ]
        if not of_dataset and self.chosen is None:
            return None
        if not of_dataset:
            raise UserError(
                f"--reference {self.chosen}: {named[0].describe()} is of dataset '{named[0].manifest.dataset.name}' "
                f"with other parameters or name than suite '{wanted.suite.name}' has it."
            )
        unlike = {one.digest: list(_differences(one, wanted, target, version)) for one in of_dataset}
        fitting = [one for one in of_dataset if not unlike[one.digest]]
        if not fitting:
            raise UserError(_refusal(of_dataset, unlike, wanted))
        here = [one for one in fitting if one.manifest.platform == platform_part(wanted.platform)]
        if len(fitting) > 1 and len(here) != 1:
            told = "\n  ".join(f"{one.short}: {one.manifest.dataset.identity.name}" for one in fitting)
            raise UserError(
                f"{len(fitting)} imported references fit suite '{wanted.suite.name}'. Name one with --reference:\n  "
                + told
            )
        return (here or fitting)[0]

    def _named(self) -> Sequence[Reference]:
        if self.chosen is None:
            return self._all
        found = [one for one in self._all if one.digest.startswith(self.chosen)]
        if len(found) != 1:
            there = "there is no such reference" if not found else f"{len(found)} references begin so"
            known = nearest(self.chosen, [one.short for one in self._all])
            raise UserError(f"--reference {self.chosen}: {there} in {self.place}. {known}")
        return found


def platform_part(platform: Platform) -> PlatformPart:
    """Return a platform as a reference has it."""
    return PlatformPart(device=platform.device, torch=platform.torch, diffusers=platform.diffusers)


def extractor_part(spec: ExtractorSpec, width: int) -> ExtractorPart:
    """Return an extractor as a reference has it."""
    return ExtractorPart(
        name=spec.name,
        target=spec.target,
        version=spec.version,
        params=spec.params,
        source=spec.source,
        weights=None if spec.weights is None else spec.weights.digest,
        width=width,
    )


def place_of(spec: ExtractorSpec, reference: Reference) -> int | None:
    """Return the place of an extractor in a reference, whatever the two call it; None where it is not there."""
    own = _without_names(extractor_part(spec, 1))
    parts = reference.manifest.extractors
    return next((number for number, part in enumerate(parts) if _without_names(part) == own), None)


def _without_names(part: ExtractorPart) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude={"name", "width"})


def _refusal(found: Sequence[Reference], unlike: dict[str, list[str]], wanted: Wanted) -> str:
    told = "\n  ".join(f"{one.describe()}: {'; '.join(unlike[one.digest])}" for one in found)
    return (
        f"No imported reference fits suite '{wanted.suite.name}' as it is run here:\n  {told}\n"
        "Take the suite, the extractors and the --limit that it was packed with, import one that fits, or name the "
        "images with --data-root."
    )


def _differences(found: Reference, wanted: Wanted, target: str, version: int) -> Iterator[str]:
    manifest, suite = found.manifest, wanted.suite
    if (manifest.dataset.target, manifest.dataset.version) != (target, version):
        theirs, ours = f"{manifest.dataset.target} version {manifest.dataset.version}", f"{target} version {version}"
        yield f"its images were read by {theirs}, installed is {ours}"
    if manifest.suite.protocol != suite.protocol:
        yield f"protocol {manifest.suite.protocol.digest}, the suite's is {suite.protocol.digest}"
    for role, entry in suite.roles.items():
        there = manifest.suite.roles.get(role)
        if there != entry:
            yield f"role '{role}' is {_words(there)}, the suite's is {_words(entry)}"
    for role in wanted.roles:
        if role in manifest.roles and role not in manifest.features:
            yield f"no features of role '{role}'"
    for spec in wanted.extractors:
        if place_of(spec, found) is None:
            yield _unlike_extractor(spec, manifest.extractors)


def _words(entry: RoleEntry | None) -> str:
    if entry is None:
        return "not in it"
    low, high = entry.part
    return f"{entry.split} {low:g} to {high:g}" + ("" if entry.n is None else f", at most {entry.n} images")


def _unlike_extractor(spec: ExtractorSpec, parts: Sequence[ExtractorPart]) -> str:
    """Return what differs of an extractor that has the name, or the class, of one that was packed."""
    own = extractor_part(spec, 1)
    part = next((one for one in parts if one.name == own.name), None)
    if part is None:
        return f"no features of extractor '{spec.name}'"
    if (part.target, part.version) != (own.target, own.version):
        return f"extractor '{spec.name}' is of version {part.version}, here of version {own.version}"
    if part.weights != own.weights:
        return f"extractor '{spec.name}' has other weights"
    return f"extractor '{spec.name}' has other parameters or code"
