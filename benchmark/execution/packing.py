"""Packing a reference: what a suite needs of real images besides the images, in one file that can be shared."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pydantic
from numpy.typing import NDArray

from benchmark import atomic, digests, mistakes
from benchmark.artifacts import arrays, dataset_index
from benchmark.contracts.roles import RealRole
from benchmark.errors import UserError
from benchmark.execution import desk
from benchmark.plan import stand_ins
from benchmark.plan.planner import RealSide
from benchmark.references import archive
from benchmark.references import manifest as manifests
from benchmark.references.manifest import DatasetPart, FileEntry, IdentityEntry, Made, Manifest, RolePart
from benchmark.store.store import Result

_EXACT, _FEATURES = "exact.npy", "features.npy"
"""Files of an embedding that are packed; its labels and slides are those of the role."""


class Packed(NamedTuple):
    """What was packed."""

    manifest: Manifest
    bytes: int
    is_new: bool
    """Whether the file was not there before, byte for byte."""


def check(side: RealSide) -> None:
    """Refuse what nobody needs a pack of.

    Raises:
        UserError: If the dataset is made by whoever runs the suite, or no task of the suite needs features.
    """
    if side.dataset.files is None:
        raise UserError(
            f"Dataset '{side.dataset.name}' of suite '{side.suite.name}' is made by whoever runs it, so that "
            "nobody needs its reference. Pack one of a suite on images that lie under a data root."
        )
    if not side.features:
        raise UserError(
            f"No task of suite '{side.suite.name}' needs features of real images under an extractor, and a reference "
            "is made of them. Pack one of a suite with such a task and extractor, such as fidelity and "
            "inception-v3-compat."
        )


def pack(side: RealSide, made: Mapping[str, Result], out: Path, *, hide_slides: bool) -> Packed:
    """Write a reference; the same steps give the same bytes.

    Args:
        side: What it is of.
        made: Its steps, by key.
        out: The file.
        hide_slides: Whether slides go by numbers in place of their ids.

    Raises:
        UserError: If another file stands there, or it cannot be written. Nothing is left behind then.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".packing-", dir=out.parent) as name:
            return _write(side, made, out, Path(name), hide_slides=hide_slides)
    except OSError as error:
        raise UserError(f"--out {out} cannot be written: {error.strerror}. Give another place.") from None


def _write(side: RealSide, made: Mapping[str, Result], out: Path, aside: Path, *, hide_slides: bool) -> Packed:
    sources = _sources(side, made, aside, hide_slides=hide_slides)
    try:
        manifest = _manifest(side, made, sources, hide_slides=hide_slides)
    except pydantic.ValidationError as error:
        reason = mistakes.describe(Manifest, error.errors(include_url=False)[0])
        raise UserError(f"The reference of suite '{side.suite.name}' cannot be packed: {reason}") from None
    written = aside / f"{secrets.token_hex(4)}.zip"
    with written.open("wb") as stream:
        archive.write(stream, manifest, sources)
        atomic.sync(stream)
    size = written.stat().st_size
    if out.exists():
        if out.is_file() and out.stat().st_size == size and digests.of_file(out) == digests.of_file(written):
            return Packed(manifest, size, is_new=False)
        raise UserError(f"--out {out} is there already, and is another file. Move it away or give another name.")
    written.rename(out)
    atomic.sync_folder(out.parent)
    return Packed(manifest, size, is_new=True)


def _sources(side: RealSide, made: Mapping[str, Result], aside: Path, *, hide_slides: bool) -> dict[str, Path]:
    """Return where each file of the pack lies, after writing labels and slides."""
    opened = desk.open_dataset(side.dataset, made[side.data.key].folder)
    roles = {role: opened.role(entry) for role, entry in side.suite.roles.items()}
    # Intervals leave out slides of roles with features, and nothing else asks for slides.
    with_slides = [side.suite.roles[role] for _, role in side.features]
    slides = {role: images.slides for role, images in roles.items() if side.suite.roles[role] in with_slides}
    sources: dict[str, Path] = {}
    for role, images in roles.items():
        sources[manifests.labels_of(role)] = _saved(aside, f"{role}-labels", images.labels.astype("<i8"))
    for role, ids in (_numbered(slides) if hide_slides else slides).items():
        if ids is not None:
            sources[manifests.slides_of(role)] = _saved(aside, f"{role}-slides", ids)
    for number, extractor in enumerate(side.suite.extractors):
        for role in _featured(side):
            folder = made[side.features[extractor, role].key].folder
            sources[manifests.features_of(number, role)] = folder / _FEATURES
            if (folder / _EXACT).exists():
                sources[manifests.exact_of(number, role)] = folder / _EXACT
    return sources


def _numbered(slides: Mapping[RealRole, NDArray[np.str_] | None]) -> dict[RealRole, NDArray[np.str_] | None]:
    """Return numbers in place of slide ids, in the order of the ids: what hangs on that order stays as it is."""
    known = sorted({name for ids in slides.values() if ids is not None for name in ids.tolist()})
    numbers = {name: f"slide-{number:06d}" for number, name in enumerate(known)}
    return {
        role: None if ids is None else np.array([numbers[name] for name in ids.tolist()], np.str_)
        for role, ids in slides.items()
    }


def _saved(folder: Path, name: str, array: NDArray[np.generic]) -> Path:
    path = folder / f"{name}.npy"
    arrays.save(path, np.ascontiguousarray(array))
    return path


def _featured(side: RealSide) -> tuple[RealRole, ...]:
    """Return the roles with features, in the suite's order."""
    return tuple(dict.fromkeys(role for _, role in side.features))


def _manifest(
    side: RealSide, made: Mapping[str, Result], sources: Mapping[str, Path], *, hide_slides: bool
) -> Manifest:
    data = made[side.data.key]
    embedded = [made[step.key] for step in side.features.values()]
    files = {name: FileEntry(sha256=digests.of_file(path), bytes=path.stat().st_size) for name, path in sources.items()}
    opened = desk.open_dataset(side.dataset, data.folder)
    known = any(name.endswith("/slides.npy") for name in files)
    provenance = embedded[0].manifest.run.provenance
    return Manifest(
        suite=side.suite,
        dataset=_dataset(side, opened, data),
        platform=stand_ins.platform_part(side.data.platform),
        histobench=provenance.packages.get("histobench", "unknown"),
        roles={
            role: RolePart(entry=entry, n=len(opened.role(entry).labels)) for role, entry in side.suite.roles.items()
        },
        features=_featured(side),
        extractors=tuple(
            stand_ins.extractor_part(spec, _width(sources[manifests.features_of(number, _featured(side)[0])]))
            for number, spec in enumerate(side.extractors)
        ),
        slides="unknown" if not known else "numbered" if hide_slides else "named",
        files=files,
        made=Made(
            when=min(result.manifest.run.started for result in (data, *embedded)), accelerator=provenance.accelerator
        ),
    )


def _dataset(side: RealSide, opened: desk.OpenDataset, data: Result) -> DatasetPart:
    identity, codec = dataset_index.read_identity(data.folder)
    assert side.dataset.files is not None
    return DatasetPart(
        name=side.dataset.name,
        target=side.dataset.target,
        version=side.dataset.version,
        params=side.dataset.params,
        files=side.dataset.files,
        identity=IdentityEntry(**identity.__dict__),
        codec=codec,
        classes=opened.layout.classes,
        side=opened.layout.side,
    )


def _width(features: Path) -> int:
    return int(arrays.load(features, mapped=True).shape[1])
