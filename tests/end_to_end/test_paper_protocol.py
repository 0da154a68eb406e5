"""A suite under the paper's protocol, from its file to its board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

PAPER = {"base": "paper", "extractor": "toy-mean"}


@pytest.mark.slow
def test_paper_is_run_recorded_and_shown(bench: Any, records_of: Any, suite_file: Any, tmp_path: Path) -> None:
    """Training images as the reference, both roots beside each other, and a board that tells the rules."""
    roles = {"train": {"split": "train"}, "reference": {"split": "train"}, "floor": {"split": "valid"}}
    path = suite_file(
        protocol=PAPER, roles=roles, tasks={"fidelity": {"permutations": 9}, "released-fidelity": {}},
        variants=["toy-plain", "toy-real"], primary=None,
    )  # fmt: skip
    said = bench("run", "--suite", path, "--store", tmp_path / "store", "--seed", "100")
    assert said.code == 0, said
    records = records_of(tmp_path / "store").values()
    fidelity, released = (
        {one["variant"]["name"]: one["values"][0] for one in records if one["task"]["name"] == task}
        for task in ("fidelity", "released-fidelity")
    )
    assert {value["metric"] for value in released.values()} == {"fd-newton-schulz"}
    assert all(released[name]["value"] >= fidelity[name]["value"] > 0 for name in ("toy-plain", "toy-real"))
    protocol = next(iter(records))["protocol"]
    assert (protocol["reference"], protocol["root"]) == ("training", "newton-schulz")
    assert protocol["real"] == [{"codec": "jpeg-75"}, {"resize": 299, "filter": "torch-bilinear"}]
    assert next(iter(records))["dataset"]["roles"]["reference"] == next(iter(records))["dataset"]["roles"]["train"]
    rules = "compared with the training images; Newton-Schulz root, stopped early; ranked at equal N and k alone"
    assert rules in said.out
    assert rules in next((tmp_path / "store" / "leaderboard").rglob("board.md")).read_text()


def test_a_suite_that_does_not_measure_what_paper_says_is_refused(bench: Any, suite_file: Any, tmp_path: Path) -> None:
    """Before anything is made: extractor, then reference, each with what to do."""
    said = bench("run", "--suite", suite_file(protocol="paper"), "--store", tmp_path / "store")
    assert said.code == 2
    assert "make 'reference' equal to 'train'" in said.err
    roles = {"train": {"split": "train"}, "reference": {"split": "train"}, "test": {"split": "test"}}
    said = bench("run", "--suite", suite_file(protocol="paper", roles=roles), "--store", tmp_path / "store")
    assert said.code == 2
    assert "features of 'inception-v3-compat', which key 'extractors' does not list (toy-mean)" in said.err
    assert not (tmp_path / "store").exists()
