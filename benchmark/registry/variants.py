"""Variants: named generator entries, as data. A variant may extend another and change its parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmark import mistakes, strict
from benchmark.contracts.roles import RealRole, Shares
from benchmark.errors import UserError
from benchmark.registry import discovery, extending, targets
from benchmark.registry.extending import Raw
from benchmark.registry.extractors import EXTRACTORS_KEY, Extractors
from benchmark.registry.weights import Reference, Wanted

VARIANTS_FILE = "variants.yaml"
"""Name of the file in which a package lists its variants."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Names become folders and are printed: no separators, no control characters."""


class Prompts(strict.Strict):
    """A prompt builder and everything that decides what it makes."""

    builder: str
    """Target of the class: ``module:attribute``."""
    version: int = 1
    """Raised whenever the class makes other prompts of the same parameters."""
    guided_by: tuple[str, ...] = ()
    """Extractors that it looks through. A suite may not score with one of them."""
    params: dict[str, Any] = {}
    """Keyword arguments of the class."""


class Variant(strict.Strict):
    """A generator and everything that decides what it makes."""

    generator: str
    """Target of the class: ``module:attribute``."""
    summary: str
    """One line for people."""
    version: int = 1
    """Raised whenever the class makes other images of the same parameters."""
    kind: Literal["generator", "control"] = "generator"
    """Controls bound the board: real images, noise, a round trip."""
    fits_on: RealRole | None = None
    """The role it learns from; without one it is only sampled."""
    reads: tuple[RealRole, ...] = ()
    """Real roles it may look at while sampling. Only controls may."""
    guided_by: tuple[str, ...] = ()
    """Extractors that steer it. A suite may not score with one of them."""
    labels: Shares = "training"
    """How many images of each class it is asked for: as training has them, or equally many."""
    prompts: Prompts | None = None
    """What its training images are described with, in a step that variants share; only where it learns from some."""
    weights: dict[str, Reference] = {}
    """Pretrained weights by name, each as an extractor's (`Weights`), or in short the path of a folder or a file."""
    params: dict[str, Any] = {}
    """Keyword arguments of the class."""
    pixels: int | None = None
    """Side of the images it makes: for estimates, which take the protocol's common size where it is left out, and so
    that larger ones are stored at that size."""
    disk_mb: float = 0.0
    """Size of what a fit leaves, for estimates."""
    scratch_mb: float = 0.0
    """Size of what a fit needs besides while it lasts, for estimates."""
    scratch_kb: float = 0.0
    """The same for each of its training images."""

    @property
    def guides(self) -> tuple[str, ...]:
        """Return all extractors that steer it, its prompts included."""
        return tuple(dict.fromkeys((*self.guided_by, *(() if self.prompts is None else self.prompts.guided_by))))


@dataclass(frozen=True)
class Listed:
    """A resolved variant, its name and who brings it."""

    name: str
    variant: Variant
    origin: str
    """Distribution or file."""
    folder: Path
    """Folder that relative paths of its entry start from."""

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """Return the pretrained weights it asks for."""
        return tuple(
            Wanted("variant", self.name, part, weights, self.origin, self.folder)
            for part, weights in self.variant.weights.items()
        )


class Catalogue:
    """All variants that are known to one command."""

    def __init__(self) -> None:
        """Start empty."""
        self._raw: dict[str, Raw] = {}
        self.extractors = Extractors()
        """The extractors that are known to the same command."""

    @classmethod
    def discover(cls, own: Sequence[Path] = ()) -> Catalogue:
        """Return the variants of installed packages and of the user's own registry files.

        Args:
            own: The user's registry files (`--registry`), in the form of a ``variants.yaml``.
        """
        catalogue = cls()
        catalogue.extractors = Extractors.discover()
        for origin, folder in discovery.folders("variants"):
            catalogue.read(folder / VARIANTS_FILE, origin=origin)
        for entry in discovery.generators():
            raw = {"generator": entry.target, "summary": f"Offered by {entry.origin}."}
            catalogue.add(entry.name, raw, origin=entry.origin, folder=Path())
        for path in own:
            catalogue.read(path, origin=str(path))
        return catalogue

    def read(self, path: Path, *, origin: str) -> None:
        """Add the entries of a variants file."""
        entries = strict.read_yaml(path)
        if entries is None:
            raise UserError(f"{path} is empty. Expected one entry a variant: its name, and under it 'generator'.")
        if not isinstance(entries, dict):
            raise UserError(f"{path}: expected one entry a variant, found {mistakes.show(entries)}.")
        for name, raw in entries.items():
            if not isinstance(raw, dict):
                raise UserError(f"{path}, '{name}': expected keys and values, found {mistakes.show(raw)}.")
            if name == EXTRACTORS_KEY:
                self.extractors.add_all(raw, origin=origin, folder=path.parent)
            else:
                self.add(str(name), raw, origin=origin, folder=path.parent)

    def add(self, name: str, raw: Mapping[str, Any], *, origin: str, folder: Path) -> None:
        """Add one entry as it stands in a file.

        Raises:
            UserError: If another entry has the name, or it is no name.
        """
        check_name(name, where=origin)
        if name in self._raw:
            raise UserError(
                f"Two variants are named '{name}': in {self._raw[name].origin} and in {origin}. Rename one."
            )
        self._raw[name] = Raw(dict(raw), origin, folder)

    def get(self, name: str) -> Listed:
        """Return a variant with everything it extends filled in.

        Raises:
            UserError: If it is unknown, its entry is wrong, or it extends itself.
        """
        raw = extending.resolve(self._raw, name, noun="generator", places=("generator", "weights", "prompts"))
        variant = strict.validate(Variant, dict(raw.content), where=f"variant '{name}' of {raw.origin}")
        _check(name, variant)
        return Listed(name=name, variant=variant, origin=raw.origin, folder=raw.folder)

    def names(self) -> list[str]:
        """Return all names, sorted."""
        return sorted(self._raw)

    def __iter__(self) -> Iterator[Listed]:
        """Iterate over all variants, by name."""
        return (self.get(name) for name in self.names())


def check_name(name: str, *, where: str) -> None:
    """Refuse what is no name of a variant.

    Raises:
        UserError: If it has other signs than a name may.
    """
    if not _NAME.fullmatch(name):
        raise UserError(
            f"{where}: {name!r} is no name of a variant. Expected letters, digits, '.', '_' and '-', the first a "
            "letter or digit."
        )


def _check(name: str, variant: Variant) -> None:
    targets.split(variant.generator)
    if variant.prompts is not None:
        targets.split(variant.prompts.builder)
        if variant.fits_on is None:
            raise UserError(f"Variant '{name}' has prompts of training images, but learns from none. Set 'fits_on'.")
    if variant.kind == "generator" and variant.reads:
        raise UserError(
            f"Variant '{name}' reads {', '.join(variant.reads)} while sampling, which only controls may. "
            "Let it learn through 'fits_on', or set 'kind: control'."
        )
    if variant.kind == "generator" and variant.fits_on not in (None, "train"):
        raise UserError(f"Variant '{name}' fits on '{variant.fits_on}'. A generator may learn from 'train' only.")
