"""What people are told of references."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toybench import packs

from benchmark.cli import references_page
from benchmark.plan.planner import Plan

Bench = Callable[..., Any]


def test_a_row_is_in_words_for_people_and_in_numbers_for_programs() -> None:
    """The digest cut short for the one, whole for the other."""
    manifest = packs.parsed()
    people, program = (references_page.row(manifest, 1_200_000, in_words=words) for words in (True, False))
    assert people | {"reference": "x", "suite": "x"} == {
        "reference": "x", "suite": "x", "dataset": "PCam of a lab", "features": "reference", "extractors": "net",
        "images": "train 6, reference 8", "slides": "named", "made on": "cuda, torch 2.9, histobench 0.1.0",
        "made": "2026-01-01T00:00:00.000+00:00", "size": "1.2 MB",
    }  # fmt: skip
    assert people["reference"] == manifest.digest[:12]
    assert (program["reference"], program["size"]) == (manifest.digest, 1_200_000)
    assert program["images"] == {"train": 6, "reference": 8}


def test_nothing_is_said_where_images_are_at_hand(plan: Callable[..., Plan]) -> None:
    """Nor looked for."""
    assert list(references_page.notes(plan())) == []


@pytest.fixture
def store(bench: Bench, tmp_path: Path) -> Path:
    """A store with an imported reference."""
    said = bench("store", "import", packs.write(tmp_path / "a.zip"), "--store", tmp_path / "store")
    assert (said.code, packs.parsed().digest in said.err) == (0, True), said.err
    return tmp_path / "store"


def test_imported_references_are_listed(bench: Bench, store: Path) -> None:
    """By digest; how much they take is said with everything else's."""
    (row,) = json.loads(bench("store", "references", "--store", store, "--json").out)
    assert row["reference"] == packs.parsed().digest
    assert packs.parsed().digest[:12] in bench("store", "references", "--store", store).out
    usage = json.loads(bench("store", "du", "--store", store, "--json").out)
    assert {"what": "references", "items": 1, "size": row["size"]} in usage


def test_importing_again_says_so(bench: Bench, store: Path, tmp_path: Path) -> None:
    """Status 0: it is there."""
    said = bench("store", "import", tmp_path / "a.zip", "--store", store)
    assert (said.code, said.err.startswith("There already.")) == (0, True)


def test_verify_names_a_damaged_one(bench: Bench, store: Path) -> None:
    """Status 1, with what to do; sound, only counted."""
    sound = bench("store", "verify", "--store", store)
    assert (sound.code, "References: 1 sound, 0 damaged." in sound.err) == (0, True)
    (folder,) = (store / "references").iterdir()
    (folder / packs.LABELS).write_bytes(b"")
    said = bench("store", "verify", "--store", store, "--json")
    (row,) = json.loads(said.out)
    assert row["stage"] == "reference"
    assert row["key"] == folder.name
    assert said.code == 1
    assert "References: 0 sound, 1 damaged.\nImport a damaged reference again: bench store import FILE.\n" in said.err


def test_what_is_no_pack_is_a_usage_error(bench: Bench, tmp_path: Path) -> None:
    """One message, status 2, no store."""
    (tmp_path / "a.zip").write_text("x")
    said = bench("store", "import", tmp_path / "a.zip", "--store", tmp_path / "store")
    assert said.code == 2
    assert said.err.startswith(f"Error: {tmp_path / 'a.zip'} is no zip archive")
    assert not (tmp_path / "store").exists()
