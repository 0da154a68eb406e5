"""`bench data fetch`: what was asked for, looked at; then one file after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmark import disk
from benchmark.cli import transfers
from benchmark.datasets import pcam_fetch, pcam_release, splits
from benchmark.errors import UserError, nearest
from benchmark.registry import discovery

FETCHABLE = ("pcam",)
"""Datasets that can be fetched."""
WORDS: dict[pcam_fetch.State, str] = {
    "there": "was there, md5 as published",
    "fetched": "fetched, digests as published",
    "unpacked": "unpacked from the .gz that was there, digests as published",
    "not on the server": "not on the server; without it patches count as independent",
}
"""What became of a file, said when it is done."""


class Choice(NamedTuple):
    """What is to be fetched."""

    root: Path
    files: Sequence[pcam_release.ReleaseFile]
    server: str


def choice(name: str, root: Path | None, chosen: Sequence[str], *, meta: bool, url: str | None) -> Choice:
    """Return what is to be fetched, from what a user asked for.

    Raises:
        UserError: There is no such dataset or split, it is none that is fetched, or no folder or address is named.
    """
    if name not in FETCHABLE:
        known = [entry.name for entry in discovery.datasets()]
        why = "is not fetched: it is made when it is needed" if name in known else "is none that can be fetched"
        raise UserError(f"Dataset '{name}' {why}. {nearest(name, FETCHABLE)}")
    for split in chosen:
        if split not in splits.SPLITS:
            raise UserError(f"--split {split}: there is no such split. {nearest(split, splits.SPLITS)}")
    if root is None:
        raise UserError(
            "Name the folder of real images with --data-root (or BENCH_DATA_ROOT); the files go to its 'pcam'."
        )
    server = url or pcam_release.SERVER
    if urlsplit(server).scheme not in ("http", "https") or not urlsplit(server).netloc:
        raise UserError(
            f"--url {server} (or BENCH_PCAM_URL): expected an address that begins with https:// or http://."
        )
    wanted = [split for split in splits.SPLITS if not chosen or split in chosen]
    return Choice(root, pcam_release.files(wanted, meta=meta), server)


def fetch(asked: Choice, *, offline: bool, quiet: bool) -> list[pcam_fetch.Outcome]:
    """Bring what is missing, telling the user of it, and return what became of each file.

    Raises:
        UserError: A file cannot be had, or one that is there is not the official one.
    """
    with transfers.shown(quiet=quiet) as shown:
        work = pcam_fetch.Fetch(asked.root, asked.files, asked.server, told=shown.told)
        with work.alone():
            lacking = work.missing()
            need = work.need(lacking)
            if offline and need.download:
                raise UserError(
                    f"{need.files} of {len(asked.files)} files are not in {work.folder} ({lacking[0].name} first), and "
                    "under --offline (BENCH_OFFLINE) nothing is fetched. Leave it out, or put them there."
                )
            work.require_room(need)
            if lacking:
                shown.line(pcam_release.TERMS)
                shown.line(
                    f"{need.files} files into {work.folder}: {disk.in_words(need.download)} to download from "
                    f"{urlsplit(asked.server).netloc}, up to {disk.in_words(need.disk)} on the disk while unpacking."
                )
            return [
                _brought(work, file, shown) if file in lacking
                else pcam_fetch.Outcome(file, work.folder / file.name, "there")
                for file in asked.files
            ]  # fmt: skip


def _brought(work: pcam_fetch.Fetch, file: pcam_release.ReleaseFile, shown: transfers.Shown) -> pcam_fetch.Outcome:
    outcome = work.bring(file)
    shown.line(f"{file.name}: {WORDS[outcome.state]}")
    return outcome
