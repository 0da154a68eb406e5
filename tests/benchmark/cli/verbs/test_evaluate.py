"""`bench evaluate`: what is asked for, looked at and refused before any work; the rows are of tests/end_to_end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from toybench import pictures

from benchmark.cli.verbs import evaluate


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """Synthetic and real images."""
    pictures.write_classes(tmp_path / "real", {"a": 20, "b": 20})
    pictures.write_classes(tmp_path / "set", {"a": 1, "b": 4})
    return tmp_path / "set", tmp_path / "real"


def test_a_dry_run_looks_and_leaves_nothing(bench, places, tmp_path: Path) -> None:
    """What was seen goes to people; what would be done may go to a program."""
    synthetic, real = places
    words = ("evaluate", synthetic, "--real", real, "--extractor", "random-network", "--store", tmp_path / "s")
    said = bench(*words, "--dry-run", "--json")
    assert said.code == 0, said.err
    assert {row["stage"] for row in json.loads(said.out)} == {"data", "sample", "embed", "baseline", "measure"}
    assert "Note: 5 of the synthetic images are real images, pixel by pixel" in said.err
    assert not (tmp_path / "s").exists()


def test_bad_images_are_all_named(bench, places, tmp_path: Path) -> None:
    """Status 2, and no store; left out if that is asked for."""
    synthetic, real = places
    planted = pictures.plant_bad(synthetic, synthetic / "b" / "0001.png")
    for name in planted:
        (synthetic / name).rename(synthetic / "b" / name)
    words = ("evaluate", synthetic, "--real", real, "--extractor", "random-network", "--store", tmp_path / "s")
    said = bench(*words)
    assert said.code == 2
    assert said.err.startswith(f"Error: {synthetic}: {len(planted)} of {5 + len(planted)} synthetic images cannot be")
    assert all(f"\n  b/{name}: " in said.err for name in planted)
    assert not (tmp_path / "s").exists()
    said = bench(*words, "--bad", "skip", "--dry-run")
    assert said.code == 0, said.err
    assert all(f"\n  b/{name}: " in said.err for name in planted)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "Give either --real PLACE"),
        (("--real", "r", "--suite", "demo"), "Give either --real PLACE"),
        (("--suite", "demo", "--n", "4"), "--n goes with --real: suite 'demo' says all that itself"),
        (("--suite", "demo", "--real-labels", "x"), "--real-labels goes with --real"),
        (("--suite", "demo", "--protocol", "paper"), "--protocol goes with --real"),
        (("--real", "real", "--train-labels", "x"), "--train-labels goes with --train"),
        (("--real", "real", "--reference", "x"), "--reference goes with --suite"),
        (("--suite", "demp"), "There is no suite 'demp'. Did you mean 'demo'?"),
        (("--real", "real", "--bad", "skp"), "--bad skp: there is no such choice. Did you mean 'skip'?"),
        (("--real", "real", "--duplicates", "no"), "--duplicates no: there is no such choice."),
        (("--real", "real", "--label", "ab"), "--label ab: expected ITS=OURS"),
        (("--real", "real", "--n", "9"), "--n 9: {synthetic} holds 5 images that can be used"),
        (("--real", "nowhere"), "nowhere is not there. Expected a folder of PNG"),
        (("--real", "real", "--extractor", "incepton"), "There is no extractor 'incepton'."),
        (("--real", "real", "--protocol", "cleam"), "--protocol cleam: no such protocol. Did you mean 'clean'?"),
        (("--real", "real", "--name", "no/name"), "--name: 'no/name' is no name of a variant"),
        (("--real", "real", "--name", "noise"), "'noise' is a variant already. Give these images another name"),
    ],
)
def test_mistakes_are_one_message(bench, places, tmp_path: Path, monkeypatch, words, expected: str) -> None:
    """Status 2, and the store is left as it was."""
    monkeypatch.chdir(tmp_path)
    said = bench("evaluate", places[0], *words, "--store", "s")
    assert said.code == 2
    assert said.out == ""
    assert expected.format(synthetic=places[0]) in said.err
    assert not (tmp_path / "s").exists() or not list(tmp_path.glob("s/evaluations/*"))


def test_the_default_extractor_is_one() -> None:
    """Its name is written here, and in the registry of extractors."""
    from benchmark.registry.variants import Catalogue

    assert evaluate.DEFAULT_EXTRACTOR in Catalogue.discover().extractors.names()
