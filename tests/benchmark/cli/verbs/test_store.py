"""`bench store`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


def test_du_counts_items_and_bytes_of_every_stage(bench: Bench, undisturbed: Path) -> None:
    """Bytes for a program, against the files themselves; words for people."""
    rows = {row["what"]: row for row in json.loads(bench("store", "du", "--store", undisturbed, "--json").out)}
    for stage in ("data", "fit", "sample", "embed", "baseline", "measure"):
        folder = undisturbed / "objects" / stage
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert rows[stage] == {"what": stage, "items": len(list(folder.iterdir())), "size": size}
    assert rows["sample"]["items"] == 4
    assert {"records", "events"} <= rows.keys()
    lines = bench("store", "du", "--store", undisturbed).out.splitlines()
    (line,) = [line for line in lines if line.startswith("sample ")]
    assert line.split() == ["sample", "4", f"{rows['sample']['size'] / 1000:.1f}", "kB"]


def test_verify_of_a_sound_store_is_status_zero(bench: Bench, undisturbed: Path) -> None:
    """Nothing in the table; how many were looked at beside it."""
    said = bench("store", "verify", "--store", undisturbed, "--json")
    count = len(list((undisturbed / "objects").glob("*/*")))
    assert (said.code, said.out, said.err) == (
        0,
        "[]\n",
        f"Steps: {count} sound, 0 damaged.\nRecords: 4 sound, 0 unsound.\n",
    )


def test_verify_names_what_is_damaged_and_is_status_one(bench: Bench, undisturbed: Path) -> None:
    """A byte that changed, whatever size and time say; the stage, the key, the file."""
    folder = next((undisturbed / "objects" / "embed").iterdir())
    path = next(path for path in folder.glob("*.npy"))
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    count = len(list((undisturbed / "objects").glob("*/*")))
    said = bench("store", "verify", "--store", undisturbed, "--json")
    (row,) = json.loads(said.out)
    remedy = "A damaged step is set aside and made again by the next run that needs it.\n"
    assert (said.code, said.err) == (1, f"Steps: {count - 1} sound, 1 damaged.\nRecords: 4 sound, 0 unsound.\n{remedy}")
    assert (row["stage"], row["key"]) == ("embed", folder.name)
    assert row["problem"] == f"{path.name}: changed since it was written"
    plain = bench("store", "verify", "--store", undisturbed)
    assert plain.code == 1
    assert all(text in plain.out for text in row.values())


def test_verify_names_records_that_are_not_what_was_measured(bench: Bench, undisturbed: Path) -> None:
    """Status one, with what to do."""
    path = min((undisturbed / "records").rglob("*.json"))
    path.write_text("{bad")
    said = bench("store", "verify", "--store", undisturbed, "--json")
    (row,) = json.loads(said.out)
    assert said.code == 1
    assert (row["stage"], row["key"]) == ("record", str(path.relative_to(undisturbed)))
    assert said.err.endswith(
        "Records: 3 sound, 1 unsound.\nMove an unsound record away; the same run writes it again.\n"
    )


def test_gc_removes_what_no_record_stands_on(bench: Bench, undisturbed: Path) -> None:
    """First only named, then removed, then not there to be named; records and all they stand on stay."""
    (stray,) = (undisturbed / "records").rglob("toy-plain/seed-0-*.json")
    stray.unlink()
    kept = sorted(path.relative_to(undisturbed) for path in (undisturbed / "records").rglob("*.json"))
    before = _objects(undisturbed)
    would = bench("store", "gc", "--store", undisturbed, "--dry-run", "--json")
    rows = json.loads(would.out)
    assert {row["what"].split()[0] for row in rows} == {"sample", "embed", "measure"}
    assert all(row["size"] > 0 for row in rows)
    assert _objects(undisturbed) == before
    assert would.err.endswith(" would be freed.\n")
    did = bench("store", "gc", "--store", undisturbed, "--json")
    assert (did.code, json.loads(did.out)) == (0, rows)
    assert did.err == would.err.replace("would be freed", "freed")
    gone = {f"{folder.parent.name} {folder.name[:12]}" for folder in before - _objects(undisturbed)}
    assert gone == {row["what"] for row in rows}
    assert sorted(path.relative_to(undisturbed) for path in (undisturbed / "records").rglob("*.json")) == kept
    again = bench("store", "gc", "--store", undisturbed, "--json")
    assert (again.out, again.err) == ("[]\n", "0 B freed.\n")
    assert bench("store", "verify", "--store", undisturbed).code == 0


def test_gc_tells_people_sizes_in_words(bench: Bench, undisturbed: Path) -> None:
    """A line an item, their sum beside it."""
    shutil.rmtree(undisturbed / "records")
    rows = json.loads(bench("store", "gc", "--store", undisturbed, "--dry-run", "--json").out)
    said = bench("store", "gc", "--store", undisturbed, "--dry-run")
    assert len(said.out.splitlines()) == 2 + len(rows) == 2 + len(_objects(undisturbed))
    (row,) = [row for row in rows if row["what"].startswith("data ")]
    assert any(
        line.split() == [*row["what"].split(), f"{row['size'] / 1000:.1f}", "kB"] for line in said.out.splitlines()
    )
    assert said.err == f"{sum(row['size'] for row in rows) / 1000:.1f} kB would be freed.\n"


@pytest.mark.parametrize("verb", ["du", "verify", "gc"])
def test_no_store_is_a_usage_error(bench: Bench, tmp_path: Path, verb: str) -> None:
    """One message, nothing made."""
    said = bench("store", verb, "--store", tmp_path / "none")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("Error: There is no store at")
    assert not (tmp_path / "none").exists()


def test_what_to_do_must_be_said(bench: Bench) -> None:
    """The help tells what there is."""
    said = bench("store")
    assert said.code == 2
    assert all(f"  {verb} " in said.out + said.err for verb in ("du", "verify", "gc"))


def _objects(store: Path) -> set[Path]:
    return set((store / "objects").glob("*/*"))
