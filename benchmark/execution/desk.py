"""Where a step is made: its inputs, its folders, and what the process keeps at hand between steps."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from benchmark import digests
from benchmark.artifacts import dataset_index, packed_index, roles
from benchmark.contracts.context import Log, Picture, no_picture
from benchmark.contracts.dataset import Dataset, Identity, Layout
from benchmark.contracts.extractor import Extractor
from benchmark.contracts.generator import Generator
from benchmark.contracts.images import Images
from benchmark.contracts.progress import Progress
from benchmark.contracts.prompts import PromptBuilder
from benchmark.contracts.task import Task
from benchmark.errors import UserError
from benchmark.plan.specs import (
    DatasetSpec,
    ExtractorSpec,
    GeneratorSpec,
    PromptsSpec,
    ReferenceSpec,
    Spec,
    TaskSpec,
    WeightsSpec,
)
from benchmark.plan.steps import DataConfig, Step
from benchmark.protocol.view import StoredAs
from benchmark.references import folder as references
from benchmark.references.folder import Reference
from benchmark.references.manifest import NAME
from benchmark.registry import targets
from benchmark.store.store import Result
from benchmark.suite.schema import RoleEntry


@dataclass
class Toolbox:
    """Loaded objects that a process keeps between steps, so that a network is loaded once, not once a shard."""

    device: str
    _extractors: dict[str, Extractor] = field(default_factory=dict)
    _generator: tuple[str, Generator] | None = None
    _datasets: dict[tuple[str, Path, Path | None], OpenDataset] = field(default_factory=dict)
    _links: tempfile.TemporaryDirectory[str] | None = None

    def extractor(self, spec: ExtractorSpec) -> Extractor:
        """Return an extractor on this process's device."""
        key = spec.model_dump_json()
        if key not in self._extractors:
            self._extractors[key] = _opened(spec, self.device)
        return self._extractors[key]

    def dataset(self, spec: DatasetSpec, folder: Path) -> OpenDataset:
        """Return a dataset, given the output folder of its ``data`` step; one that lists many files does so once."""
        key = (spec.model_dump_json(), folder, spec.root)
        if key not in self._datasets:
            self._datasets[key] = open_dataset(spec, folder)
        return self._datasets[key]

    def weights(self, spec: WeightsSpec, name: str) -> Path:
        """Return a folder, or a file, of links to pretrained weights; see `lay_out`.

        It outlasts the step: a generator kept for the shards that follow may read on.

        Args:
            spec: The weights.
            name: What their user calls them.
        """
        if self._links is None:
            self._links = tempfile.TemporaryDirectory(prefix="bench-weights-")
        return lay_out(spec, Path(self._links.name) / spec.digest[:16] / name, of=f"'{name}'")

    def generator(self, spec: GeneratorSpec, state: str) -> Generator:
        """Return a generator object; the one used last is kept, for the shards that follow.

        Args:
            spec: The variant.
            state: Key of the fit it samples from.
        """
        key = f"{spec.model_dump_json()}/{state}"
        if self._generator is None or self._generator[0] != key:
            self._generator = None
            self._generator = (key, cast(Generator, _make(spec, relative_to=spec.folder)))
        return self._generator[1]


@dataclass(frozen=True)
class Desk:
    """One step's place of work."""

    step: Step
    inputs: Mapping[str, Result]
    """Finished inputs, by name."""
    out: Path
    """The output's folder; empty at the start."""
    scratch: Path
    """Survives a kill of this step."""
    toolbox: Toolbox
    progress: Progress
    log: Log
    picture: Picture = no_picture

    @property
    def dataset_spec(self) -> DatasetSpec:
        """Return the dataset that the plan's ``data`` step makes or indexes."""
        return cast(DataConfig, self.step.inputs["data"].config).dataset

    def dataset(self) -> OpenDataset:
        """Return it, made or indexed."""
        return self.toolbox.dataset(self.dataset_spec, self.inputs["data"].folder)


@dataclass(frozen=True)
class OpenDataset:
    """A dataset and its index."""

    dataset: Dataset
    root: Path
    folder: Path

    @property
    def layout(self) -> Layout:
        """Return what all images have in common."""
        return self.dataset.layout(self.root)

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the class names."""
        return self.layout.classes

    @property
    def identity(self) -> Identity:
        """Return which data it is."""
        return dataset_index.read_identity(self.folder)[0]

    @property
    def codec(self) -> str:
        """Return the codec its images are stored with."""
        return dataset_index.read_identity(self.folder)[1]

    @property
    def stored_as(self) -> StoredAs:
        """Return how the dataset stores its images."""
        return StoredAs(side=self.layout.side, codec=self.codec)

    def role(self, entry: RoleEntry) -> Images:
        """Return the images that play a role."""
        index = dataset_index.read(self.folder, entry.split)
        rows = roles.choose(index, entry)
        if len(rows) == 0:
            by_slide = entry.by == "slide-where-known" and index.slides is not None
            why = "whole slides are dealt out, and there are too few" if by_slide else "it has too few"
            raise UserError(
                f"Part {list(entry.part)} of split '{entry.split}' holds no image: {why}. Widen the part"
                + (", or deal out 'by: image'." if by_slide else ".")
            )
        digest = dataset_index.digest_of_rows(index.pixels[rows], index.labels[rows])
        return self.dataset.open(self.root, entry.split).take(rows, digest=digest)


@dataclass(frozen=True)
class OpenReference(OpenDataset):
    """A dataset for whose images an imported reference stands in: labels and slides by role, and no pixels."""

    @property
    def layout(self) -> Layout:
        """Return what all images have in common."""
        found = packed_index.read_layout(self.folder)
        assert found is not None
        return found

    def role(self, entry: RoleEntry) -> Images:
        """Return the images that play a role; their pixels cannot be read."""
        return packed_index.read_role(self.folder, entry, self.classes)


def open_dataset(spec: DatasetSpec, folder: Path) -> OpenDataset:
    """Return a dataset, given the output folder of its ``data`` step."""
    if spec.reference is not None:
        return OpenReference(make_dataset(spec), folder, folder)
    return OpenDataset(make_dataset(spec), spec.root or folder, folder)


def open_reference(spec: ReferenceSpec) -> Reference:
    """Return an imported reference.

    Raises:
        UserError: If it is gone, damaged, or another than the run was planned with.
    """
    found = references.read(spec.folder)
    if found.digest != spec.digest:
        raise references.damaged(spec.folder, NAME)
    return found


def make_dataset(spec: DatasetSpec) -> Dataset:
    """Return the dataset's object, before its files are made or indexed."""
    return cast(Dataset, _make(spec))


def make_task(spec: TaskSpec) -> Task:
    """Return a task's object."""
    return cast(Task, _make(spec))


def lay_out(spec: WeightsSpec, folder: Path, *, of: str) -> Path:
    """Return a folder with links to the files of weights that count, and to no others, after verifying them.

    Where the entry names a file, its link is returned.

    Args:
        spec: The weights.
        folder: Where the links go; what is there is replaced.
        of: Whose they are, for messages.

    Raises:
        UserError: If they are not what they were when the run was planned.
    """
    verified(spec, of=of)
    shutil.rmtree(folder, ignore_errors=True)
    _link(spec, folder)
    return folder / spec.files[0] if spec.is_file else folder


def make_builder(spec: PromptsSpec) -> PromptBuilder:
    """Return a prompt builder's object."""
    return cast(PromptBuilder, _make(spec, relative_to=spec.folder))


def verified(spec: WeightsSpec, *, of: str) -> Path:
    """Return the folder or file of weights after hashing its files again: planning trusted a memo.

    Raises:
        UserError: If they are not what they were when the run was planned.
    """
    try:
        found = digests.of_files({name: digests.of_file(spec.folder / name) for name in spec.files})
    except FileNotFoundError as error:
        raise UserError(f"The weights of {of} are no longer in {spec.folder}: {error.filename} is gone.") from None
    except OSError as error:
        raise UserError(f"The weights of {of}: {error.filename} cannot be read: {error.strerror}.") from None
    if found != spec.digest:
        raise UserError(f"The weights of {of} in {spec.folder} changed while this run was under way. Start it again.")
    return spec.place


def _opened(spec: ExtractorSpec, device: str) -> Extractor:
    """Return an extractor on a device. Its weights are read while they are held, so that what is read was verified."""
    if spec.weights is None:
        made = cast(Extractor, _make(spec, relative_to=spec.folder))
        made.to(device)
        return made
    with _held(spec.weights, of=f"extractor '{spec.name}'") as folder:
        made = cast(Extractor, _make(spec, relative_to=spec.folder, weights=folder))
        made.to(device)
        prepare: Callable[[], None] = getattr(made, "prepare", lambda: None)
        prepare()
    return made


@contextmanager
def _held(spec: WeightsSpec, *, of: str) -> Iterator[Path]:
    """Yield a folder with links to the files that count, and to no others, verified and the same when it is left.

    The folder is gone then: who reads weights later reads nothing, instead of what nobody verified.

    Raises:
        UserError: If the files are not what they were when the run was planned, or change meanwhile.
    """
    before = _states(spec.folder, spec.files)
    verified(spec, of=of)
    with tempfile.TemporaryDirectory(prefix="bench-weights-") as name:
        _link(spec, Path(name))
        yield Path(name)
    if _states(spec.folder, spec.files) != before:
        raise UserError(f"The weights of {of} in {spec.folder} changed while they were read. Start the run again.")


def _link(spec: WeightsSpec, folder: Path) -> None:
    for file in spec.files:
        link = folder / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to((spec.folder / file).resolve())


def _states(folder: Path, files: tuple[str, ...]) -> list[tuple[int, int, int] | None]:
    """Return what shows that files were not written meanwhile: inode, size and time."""

    def state(path: Path) -> tuple[int, int, int] | None:
        if not path.exists():
            return None
        found = path.stat()
        return found.st_ino, found.st_size, found.st_mtime_ns

    return [state(folder / file) for file in files]


def _make(spec: Spec, *, relative_to: Path | None = None, **given: object) -> object:
    factory = targets.load(spec.target, relative_to=relative_to)
    return factory(**spec.params, **given)  # type: ignore[operator]
