"""Finding, fetching and verifying pretrained weights of extractors. Nothing is fetched unless it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmark import digests
from benchmark.errors import UserError
from benchmark.registry.extractors import ListedExtractor, Weights

DigestOf = Callable[[Path], str]

_NO_WEIGHTS = (".md", ".py", ".pyc")


@dataclass(frozen=True)
class Found:
    """Weights that are on this machine."""

    folder: Path
    files: tuple[str, ...]
    """Names of the files that are used, relative to the folder, sorted."""

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

    Extractors of one network in two precisions find the same folder.
    """
    if weights.hub is not None:
        return home() / weights.hub.replace("/", "--")
    return home() / Path(weights.source).stem


def find(listed: ListedExtractor) -> Found | None:
    """Return where an extractor's weights are on this machine, or None.

    Looked at, in this order: the entry's own path; a folder under `home`; for a file, PyTorch's hub cache, where
    torch-fidelity keeps it too; for a repository, the Hugging Face cache.

    Raises:
        UserError: If the entry names a path and nothing is there.
    """
    weights = _weights(listed)
    if weights.path is not None:
        return _local(listed, weights)
    for folder in _candidates(weights):
        if folder is not None and (found := _complete(folder, weights)) is not None:
            return found
    return None


def fetch(listed: ListedExtractor) -> Found:
    """Bring an extractor's weights to this machine, unless they are there.

    Raises:
        UserError: If they cannot be had; the message says why and what to do.
    """
    found = find(listed)
    if found is not None:
        return found
    weights = _weights(listed)
    return _download(listed, weights) if weights.url is not None else _snapshot(listed, weights)


def verify(listed: ListedExtractor, found: Mapping[str, str], folder: Path) -> None:
    """Refuse files whose digests are not the known ones.

    Args:
        listed: The extractor.
        found: Digest of each file.
        folder: Where they are, for the message.

    Raises:
        UserError: At the first one.
    """
    for name, expected in _weights(listed).sha256.items():
        digest = found.get(name)
        if digest is None:
            raise UserError(f"Extractor '{listed.name}': {folder} has no '{name}', whose digest is known.")
        if digest != expected:
            raise UserError(
                f"Extractor '{listed.name}': {folder / name} has the sha256 {digest[:12]}..., expected {expected[:12]}"
                "...: it is damaged, or another file. Delete it and fetch it again; other weights need an entry of "
                "their own, under another name."
            )


def missing(listed: ListedExtractor) -> UserError:
    """Return what to say where weights are not there and may not be fetched."""
    weights = _weights(listed)
    names = ", ".join(weights.files) or "its files"
    access = f" {weights.access}" if weights.access else ""
    return UserError(
        f"Extractor '{listed.name}' needs weights that are not on this machine. `bench weights fetch {listed.name}`, "
        f"without --offline, brings them from {weights.hub or weights.url}{_at(weights)}, or put {names} into "
        f"{place_for(weights)}."
        f"{access}"
    )


def _weights(listed: ListedExtractor) -> Weights:
    if listed.entry.weights is None:
        raise ValueError(f"'{listed.name}' takes no weights")
    return listed.entry.weights


def _local(listed: ListedExtractor, weights: Weights) -> Found:
    place = listed.folder / Path(str(weights.path)).expanduser()
    if place.is_file():
        return Found(place.parent, (place.name,))
    found = _complete(place, weights)
    if found is None:
        wanted = ", ".join(weights.files) or "a file, or a folder that is not empty"
        raise UserError(f"Extractor '{listed.name}' of {listed.origin}: weights: expected {wanted} at {place}.")
    return found


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
    files = sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in _NO_WEIGHTS and not path.name.startswith(".")
    )
    return Found(folder, tuple(files)) if files else None


def _all(folder: Path, names: tuple[str, ...]) -> bool:
    return all((folder / name).is_file() for name in names)


def _download(listed: ListedExtractor, weights: Weights) -> Found:
    """Download one file aside, and rename it into place when it is whole and verified."""
    from benchmark.downloads import transfer
    from benchmark.downloads.remote import NotFetched, Remote

    (name,) = weights.files
    folder = place_for(weights)
    known = {"sha256": weights.sha256[name]} if name in weights.sha256 else {}
    part = folder / f"{name}.part"
    try:
        transfer.bring(Remote(str(weights.url), digests=known), part)
        part.rename(folder / name)
    except (NotFetched, OSError) as error:
        raise UserError(f"Extractor '{listed.name}': {error}. Fetch it elsewhere and put it into {folder}.") from None
    found = Found(folder, (name,))
    verify(listed, found.digests(digests.of_file), folder)
    return found


def _snapshot(listed: ListedExtractor, weights: Weights) -> Found:
    """Download a repository's files at a commit into the hub's own cache, which writes aside and resumes."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        folder = Path(
            snapshot_download(str(weights.hub), revision=weights.revision, allow_patterns=list(weights.files))
        )
    except GatedRepoError:
        raise UserError(
            f"Extractor '{listed.name}': {weights.hub} is not open to all. {weights.access or 'Ask for access there.'}"
        ) from None
    except (HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        access = f" {weights.access}" if weights.access else ""
        raise UserError(
            f"Extractor '{listed.name}': {weights.hub}{_at(weights)} could not be fetched: {reason}. Fetch "
            f"{', '.join(weights.files)} elsewhere and put them into {place_for(weights)}.{access}"
        ) from None
    found = _complete(folder, weights)
    if found is None:
        raise UserError(f"Extractor '{listed.name}': {weights.hub}{_at(weights)} has not all of {weights.files}.")
    verify(listed, found.digests(digests.of_file), folder)
    return found


def _at(weights: Weights) -> str:
    return "" if weights.revision is None else f" at {weights.revision[:7]}"
