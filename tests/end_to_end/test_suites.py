"""Every suite that ships is run once, cut down: few images, few steps, all cells complete."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmark.datasets.phantom import write
from benchmark.datasets.phantom.spec import PhantomSpec
from benchmark.registry import pretrained, targets
from benchmark.registry.variants import Catalogue, Variant

SHIPPED = {path.stem: path for path in (Path(__file__).resolve().parents[2] / "suites").glob("*.yaml")}

FEW = {"steps": 3, "batch": 4, "sampling_steps": 2, "sampling_batch": 20, "vae_steps": 3, "vae_batch": 4}
"""What is cut in the entries of generators that have it; the classes and all other parameters stay."""
PATCHES = {"train": 120, "valid": 160, "test": 60}
LIMIT = 40


def offline(path: Path) -> bool:
    """Tell whether all weights that a suite's variants need are here."""
    variants = Catalogue.discover()
    for name in yaml.safe_load(path.read_text())["variants"]:
        listed = variants.get(name)
        if any(pretrained.find(wanted) is None for wanted in listed.wanted):
            return False
    return True


RUNNABLE = sorted(name for name, path in SHIPPED.items() if offline(path))
SHORT = "phantom-bounds"
"""The one that takes seconds."""


def test_the_suites_that_need_nothing_are_among_those_that_are_run() -> None:
    """Whatever else ships."""
    assert {"demo", "demo-study", "pcam-mini", "pcam-small", "phantom-bounds"} <= set(RUNNABLE)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == SHORT else pytest.mark.slow) for name in RUNNABLE]
)
def test_a_shipped_suite_cut_down(start_with_torch: Any, cut: Callable[[str], list[object]], name: str) -> None:
    """Status 0; a number, or the reason why there is none, for every variant, task and metric."""
    suite = yaml.safe_load(SHIPPED[name].read_text())
    said = start_with_torch("run", *cut(name), "--limit", LIMIT, "--json").wait()
    assert said.code == 0, said
    assert said.err == ""
    rows = json.loads(said.out)
    assert {row["status"] for row in rows} == {"complete"}
    cells = {(row["generator"].removeprefix("cut-"), row["seed"], row["task"]) for row in rows}
    assert cells == {
        (variant, seed, task) for variant in suite["variants"] for seed in SEEDS for task in suite["tasks"]
    }
    assert all((row["value"] is None) != (row["refused"] is None) for row in rows)
    assert sum(row["value"] is not None for row in rows) > len(rows) / 2
    assert {row["limit"] for row in rows} == {LIMIT}


SEEDS = (100,)
"""For development; the reported ones are run from a commit made before, and once."""


@pytest.fixture
def cut(tmp_path: Path) -> Callable[[str], list[object]]:
    """Writes a suite of the same name whose dataset is small and whose generators take few steps."""

    def write_cut(name: str) -> list[object]:
        suite, variants = yaml.safe_load(SHIPPED[name].read_text()), Catalogue.discover()
        entries = {f"cut-{one}": entry for one in suite["variants"] if (entry := _cut(one, variants.get(one).variant))}
        renamed = {one: f"cut-{one}" if f"cut-{one}" in entries else one for one in suite["variants"]}
        for key in ("variants", "primary"):
            suite[key] = [renamed[one] for one in suite.get(key, [])]
        suite["seeds"] = list(SEEDS)
        if suite["dataset"]["name"] == "phantom":
            suite["dataset"]["params"] |= PATCHES | {f"slides_{split}": 10 for split in PATCHES}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(suite))
        (tmp_path / "registry.yaml").write_text(yaml.safe_dump(entries))
        found: list[object] = ["--suite", tmp_path / f"{name}.yaml", "--registry", tmp_path / "registry.yaml"]
        if suite["dataset"]["name"] == "pcam":
            write.write(
                tmp_path / "root", PhantomSpec(seed=0, **PATCHES, slides_train=10, slides_valid=10, slides_test=10)
            )
            found += ["--data-root", tmp_path / "root"]
        return found

    return write_cut


def _cut(name: str, variant: Variant) -> dict[str, Any]:
    """Return an entry that extends a variant and takes few steps; nothing where there are none."""
    known = inspect.signature(targets.load(variant.generator)).parameters  # type: ignore[arg-type]
    params = {key: value for key, value in FEW.items() if key in known}
    prompts = {} if variant.prompts is None else {"prompts": {"params": {"kmeans_starts": 1}}}
    return {"extends": name, "params": params, **prompts} if params else {}
