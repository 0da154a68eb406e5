"""A package of somebody else's, installed beside the project: its generators are listed, checked and run like any."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]

CODE = '''
"""Stripes: the width is the label's, the phase the seed's."""

import numpy as np

from benchmark.contracts.generator import Batch


class Stripes:
    def __init__(self, width: int = 2):
        self.width = width

    def fit(self, train, context):
        np.save(context.folder / "level.npy", train.read(0, len(train)).mean())

    def sample(self, requests, context):
        level = np.load(context.folder / "level.npy") if (context.folder / "level.npy").exists() else 128.0
        for batch in requests.batches(5):
            yield Batch(np.stack([self._draw(level, *one) for one in zip(batch.labels, batch.seeds)]))

    def _draw(self, level, label, seed):
        rng = np.random.default_rng(seed)
        rows = (np.arange(16) + rng.integers(16)) // (self.width + label) % 2
        noise = rng.normal(0, 5, (16, 16, 3))
        return np.clip(level * (0.5 + rows[:, None, None]) + noise, 0, 255).astype(np.uint8)
'''
VARIANTS = """
stripes-fitted:
  generator: elsewhere.code:Stripes
  summary: Stripes about the mean of the training images.
  fits_on: train

stripes-wide:
  extends: stripes-fitted
  summary: Wider ones.
  params: {width: 5}

stripes-wrong:
  extends: stripes-fitted
  summary: A parameter that is none.
  params: {widht: 5}
"""
NAMES = ("stripes", "stripes-fitted", "stripes-wide")


def test_its_generators_are_listed_with_where_they_are_from(bench: Bench) -> None:
    """The class that an entry point names, and the entries of its variants.yaml; the project's own stay."""
    rows = {row["name"]: row for row in json.loads(bench("list", "generators", "--json").out)}
    assert {rows[name]["from"] for name in NAMES} == {"elsewhere"}
    assert rows["stripes"]["summary"] == "Offered by elsewhere."
    assert rows["stripes-wide"]["summary"] == "Wider ones."
    assert {"noise", "real-holdout", "off-the-shelf", "toy-plain"} <= rows.keys()


def test_its_generators_keep_the_contract_or_are_told_why_not(bench: Bench) -> None:
    """Checked on the suite that is asked for."""
    said = bench("validate", "--suite", "toy", "--generator", "stripes-wide", "--generator", "stripes", "--json")
    findings = json.loads(said.out)
    assert said.code == 0, said
    assert {finding["generator"] for finding in findings} == {"stripes-wide", "stripes"}
    assert {finding["state"] for finding in findings} == {"kept", "nothing to check"}
    assert len(findings) > 8


def test_its_generators_are_rows_of_a_run(bench: Bench, records_of: Any, tmp_path: Path) -> None:
    """Complete, with their origin and all parameters in the record; unlike parameters make unlike images."""
    chosen = [word for name in (*NAMES, "toy-real") for word in ("-g", name)]
    said = bench("run", "--suite", "toy", *chosen, "--store", tmp_path / "store")
    assert said.code == 0, said
    found = {record["variant"]["name"]: record for record in records_of(tmp_path / "store").values()}
    assert found.keys() == {*NAMES, "toy-real"}
    assert {record["status"] for record in found.values()} == {"complete"}
    assert {found[name]["variant"]["origin"] for name in NAMES} == {"elsewhere"}
    assert [found[name]["variant"]["resolved"]["width"] for name in NAMES] == [2, 2, 5]
    drawn = [step["digest"] for name in NAMES for step in found[name]["steps"] if step["kind"] == "sample"]
    assert len(set(drawn)) == 3
    assert "stripes-wide" in said.out


def test_its_mistakes_are_told_as_its_own(bench: Bench, tmp_path: Path) -> None:
    """The variant and the parameter, with the nearest; without its package on the path, the generator is unknown."""
    said = bench("run", "--suite", "toy", "-g", "stripes-wrong", "--store", tmp_path / "store")
    assert (said.code, said.out) == (2, "")
    assert "variant 'stripes-wrong': unknown parameter 'widht'. Did you mean 'width'?" in said.err


@pytest.fixture
def bench(bench_afresh: Bench, environment: dict[str, str], tmp_path: Path) -> Bench:
    """`bench` where a package `elsewhere` is installed, as pip would leave it."""
    package, about = tmp_path / "site" / "elsewhere", tmp_path / "site" / "elsewhere-1.0.dist-info"
    package.mkdir(parents=True)
    about.mkdir()
    (package / "__init__.py").touch()
    (package / "code.py").write_text(CODE)
    (package / "variants.yaml").write_text(VARIANTS)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    points = "[histobench.generators]\nstripes = elsewhere.code:Stripes\n[histobench.variants]\nours = elsewhere\n"
    (about / "entry_points.txt").write_text(points)
    path = os.pathsep.join([environment["PYTHONPATH"], str(tmp_path / "site")])
    return lambda *arguments: bench_afresh(*arguments, PYTHONPATH=path)
