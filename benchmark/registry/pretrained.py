"""Finding, fetching and verifying pretrained weights of entries. Nothing is fetched unless it is asked for."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark import digests
from benchmark.datasets import file_sets
from benchmark.errors import UserError
from benchmark.registry.weights import Wanted, Weights

DigestOf = Callable[[Path], str]

_NO_WEIGHTS = (".md", ".py", ".pyc")
_LIKE_A_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class Found:
    """Weights that are on this machine."""

    folder: Path
    files: tuple[str, ...]
    """Names of the files that are used, relative to the folder, sorted."""
    is_file: bool = False
    """Whether the entry names the file itself, rather than the folder it is in."""

    def digests(self, digest_of: DigestOf) -> dict[str, str]:
        """Return each file's digest."""
        return {name: digest_of(self.folder / name) for name in self.files}


def home() -> Path:
    """Return the folder for weights that no hub's own cache holds: ``BENCH_WEIGHTS``, or one in the user's cache."""
    given = os.environ.get("BENCH_WEIGHTS")
    if given:
        return Path(given).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path("~/.cache").expanduser()) / "histobench" / "weights"


def place_for(weights: Weights) -> Path:
    """Return the folder under `home` that is looked at for weights: named after where they come from.

    Entries that take the same weights find the same folder.
    """
    if weights.hub is not None:
        return home() / weights.hub.replace("/", "--")
    return home() / Path(weights.source).stem


def find(wanted: Wanted) -> Found | None:
    """Return where an entry's weights are on this machine, or None.

    Looked at, in this order: the entry's own path; a folder under `home`; for a file, PyTorch's hub cache, where
    torch-fidelity keeps it too; for a repository, the Hugging Face cache.

    Raises:
        UserError: If the entry names a path and nothing is there.
    """
    weights = wanted.weights
    if weights.path is not None:
        return _local(wanted, weights.path)
    for folder in _candidates(weights):
        if folder is not None and (found := _complete(folder, weights)) is not None:
            return found
    return None


def fetch(wanted: Wanted) -> Found:
    """Bring an entry's weights to this machine, unless they are there.

    Raises:
        UserError: If they cannot be had; the message says why and what to do.
    """
    found = find(wanted)
    if found is not None:
        return found
    return _download(wanted) if wanted.weights.url is not None else _snapshot(wanted)


def verify(wanted: Wanted, found: Mapping[str, str], folder: Path) -> None:
    """Refuse files whose digests are not the known ones.

    Args:
        wanted: The weights asked for.
        found: Digest of each file.
        folder: Where they are, for the message.

    Raises:
        UserError: At the first one.
    """
    for name, expected in wanted.weights.sha256.items():
        digest = found.get(name)
        if digest is None:
            raise UserError(f"{wanted.of}: {folder} has no '{name}', whose digest is known.")
        if digest != expected:
            raise UserError(
                f"{wanted.of}: {folder / name} has the sha256 {digest[:12]}..., expected {expected[:12]}"
                "...: it is damaged, or another file. Delete it and fetch it again; other weights need an entry of "
                "their own, under another name."
            )


def missing(wanted: Wanted) -> UserError:
    """Return what to say where weights are not there and may not be fetched."""
    weights = wanted.weights
    names = ", ".join(weights.files) or "its files"
    access = f" {weights.access}" if weights.access else ""
    return UserError(
        f"{wanted.of} needs weights that are not on this machine. `bench weights fetch {wanted.name}`, "
        f"without --offline, brings them from {weights.hub or weights.url}{at(weights)}, or put {names} into "
        f"{place_for(weights)}."
        f"{access}"
    )


def _local(wanted: Wanted, given: str) -> Found:
    place = _in_package(wanted, given) if given.startswith("package:") else wanted.folder / Path(given).expanduser()
    files = wanted.weights.files
    if place.is_file() and files in ((), (place.name,)):
        return Found(place.parent, (place.name,), is_file=True)
    found = _complete(place, wanted.weights)
    if found is None:
        expected = ", ".join(files) or "a file, or a folder that is not empty"
        hint = ""
        if _LIKE_A_REPOSITORY.fullmatch(given):
            hint = f" If {given} is on the hub, write 'hub: {given}' with 'revision' and 'files' below it."
        raise UserError(f"{wanted.of} of {wanted.origin}: expected {expected} at {place}.{hint}")
    return found


def _in_package(wanted: Wanted, given: str) -> Path:
    """Return a place in an installed package, which is found without importing it."""
    package, _, inner = given.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise UserError(
            f"{wanted.of} of {wanted.origin}: '{given}' names the package '{package}', which is not installed."
        )
    return Path(next(iter(spec.submodule_search_locations))) / inner


def _candidates(weights: Weights) -> list[Path | None]:
    own = place_for(weights)
    if weights.url is not None:
        torch_home = os.environ.get("TORCH_HOME")
        cache = Path(torch_home) if torch_home else Path("~/.cache/torch").expanduser()
        return [own, cache / "hub" / "checkpoints"]
    return [own, _cached(weights)]


def _cached(weights: Weights) -> Path | None:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        wanted = list(weights.files)
        return Path(
            snapshot_download(str(weights.hub), revision=weights.revision, allow_patterns=wanted, local_files_only=True)
        )
    except LocalEntryNotFoundError:
        return None


def _complete(folder: Path, weights: Weights) -> Found | None:
    """Return what a folder holds of the files, or None where any is missing."""
    if not folder.is_dir():
        return None
    if weights.files:
        return Found(folder, tuple(sorted(weights.files))) if _all(folder, weights.files) else None
    # As images at a place are listed: what was looked at there is what is handed out.
    names = file_sets.walk(folder)
    files = sorted(name for name in names if Path(name).suffix not in _NO_WEIGHTS and (folder / name).is_file())
    return Found(folder, tuple(files)) if files else None


def _all(folder: Path, names: tuple[str, ...]) -> bool:
    return all((folder / name).is_file() for name in names)


def _download(wanted: Wanted) -> Found:
    """Download one file aside, and rename it into place when it is whole and verified."""
    from benchmark.downloads import transfer
    from benchmark.downloads.remote import NotFetched, Remote

    weights = wanted.weights
    (name,) = weights.files
    folder = place_for(weights)
    known = {"sha256": weights.sha256[name]} if name in weights.sha256 else {}
    part = folder / f"{name}.part"
    try:
        transfer.bring(Remote(str(weights.url), digests=known), part)
        part.rename(folder / name)
    except (NotFetched, OSError) as error:
        raise UserError(f"{wanted.of}: {error}. Fetch it elsewhere and put it into {folder}.") from None
    found = Found(folder, (name,))
    verify(wanted, found.digests(digests.of_file), folder)
    return found


def _snapshot(wanted: Wanted) -> Found:
    """Download a repository's files at a commit into the hub's own cache, which writes aside and resumes."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    weights = wanted.weights
    try:
        folder = Path(
            snapshot_download(str(weights.hub), revision=weights.revision, allow_patterns=list(weights.files))
        )
    except GatedRepoError:
        raise UserError(
            f"{wanted.of}: {weights.hub} is not open to all. {weights.access or 'Ask for access there.'}"
        ) from None
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        access = f" {weights.access}" if weights.access else ""
        raise UserError(
            f"{wanted.of}: {weights.hub}{at(weights)} could not be fetched: {reason}. Fetch "
            f"{', '.join(weights.files)} elsewhere and put them into {place_for(weights)}.{access}"
        ) from None
    found = _complete(folder, weights)
    if found is None:
        raise UserError(f"{wanted.of}: {weights.hub}{at(weights)} has not all of {weights.files}.")
    verify(wanted, found.digests(digests.of_file), folder)
    return found


def at(weights: Weights) -> str:
    """Return the commit that weights of a hub are of, as the end of a phrase."""
    return "" if weights.revision is None else f" at {weights.revision[:7]}"
