"""Every suite and every variant that ships is run once, cut down: few images, few steps, toys in place of weights."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from toybench import networks, pipeline

from benchmark import disk
from benchmark.datasets.phantom import write
from benchmark.datasets.phantom.spec import PhantomSpec
from benchmark.protocol import named
from benchmark.registry import discovery, targets
from benchmark.registry.extractors import Extractors
from benchmark.registry.variants import Catalogue, Variant
from generators.stable_diffusion import presets

SHIPPED = {
    path.stem: yaml.safe_load(path.read_text()) for path in (Path(__file__).parents[2] / "suites").glob("*.yaml")
}
OURS = {one.name: one.variant for one in Catalogue.discover() if one.origin == "histobench"}
IMAGESETS = {"imageset", "imageset-unlabelled"}
"""To be extended; `test_controls.py` runs such extensions."""
REST = sorted(set(OURS) - IMAGESETS - {name for suite in SHIPPED.values() for name in suite["variants"]})
"""Variants that no suite names."""

FEW = {"steps": 3, "batch": 4, "sampling_steps": 2, "sampling_batch": 20, "vae_steps": 3, "vae_batch": 4}
"""What is cut in the entries of generators that have it; the classes and all other parameters stay."""
ON_CPU = {"optimizer": "adamw", "precision": "fp32", "dtype": "fp32"}
"""What is changed in those that take weights of a hub, since the tests have no CUDA device."""
PIPELINE, VIT = "pipeline", "benchmark.extractors.transformers_model:TransformersModel"
"""What stands for Stable Diffusion, and for every network that is fetched; `tests/benchmark/extractors` runs those."""
CLASSIFIER = {"classifiers": 1, "epochs": 2, "width": 8}
PATCHES = {"train": 120, "valid": 160, "test": 60}
LIMIT = 40
SEEDS = (100,)
"""For development; the reported ones are run from a commit made before, and once."""
SHORT = "phantom-bounds"
"""The one that takes seconds."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name == SHORT else pytest.mark.slow) for name in sorted(SHIPPED)]
)
def test_a_shipped_suite_cut_down(start_with_torch: Any, cut: Callable[..., list[object]], name: str) -> None:
    """Status 0; a number, or the reason why there is none, for every variant, task and metric."""
    suite = SHIPPED[name]
    rows = run(start_with_torch, cut(suite))
    cells = {(row["generator"].removeprefix("cut-"), row["seed"], row["task"]) for row in rows}
    assert cells == {
        (variant, seed, task) for variant in suite["variants"] for seed in SEEDS for task in suite["tasks"]
    }
    assert all((row["value"] is None) != (row["refused"] is None) for row in rows)
    assert sum(row["value"] is not None for row in rows) > len(rows) / 2
    assert {row["limit"] for row in rows} == {LIMIT}


@pytest.mark.slow
def test_the_variants_that_no_suite_names_cut_down(start_with_torch: Any, cut: Callable[..., list[object]]) -> None:
    """One image set each; a new entry of `variants.yaml` is run here or in its suite."""
    assert {"sd-baseline-ours", "sd-morphology-ours", "diffusers-pipeline", "mode-drop"} <= set(REST)
    suite = {**SHIPPED["pcam-full"], "name": "rest", "variants": REST, "primary": [], "tasks": {"fidelity": {}}}
    rows = run(start_with_torch, cut(suite))
    assert {row["generator"].removeprefix("cut-") for row in rows} == set(REST)


def test_every_preset_and_protocol_is_that_of_something_that_is_run() -> None:
    """A preset's variants are among those above; a protocol's suite too."""
    for preset in presets.everything().values():
        assert preset.variants
        assert set(preset.variants) <= set(OURS)
    bases = {protocol if isinstance(protocol := suite["protocol"], str) else None for suite in SHIPPED.values()}
    assert bases - {None} == set(named.everything())


def test_every_dataset_is_that_of_something_that_is_run() -> None:
    """Of a suite, of one's own images, or what `bench evaluate` is given; a new one is run in one of the three."""
    ours = {one.name for one in discovery.datasets() if one.origin == "histobench"}
    own = Path(__file__).with_name("test_own_images.py").read_text(encoding="utf-8")
    own_runs = {name for name in ours if f'"name": "{name}"' in own}
    evaluated = Path(__file__).with_name("test_evaluate.py").read_text(encoding="utf-8")
    own_runs |= {"given"} if '"evaluate"' in evaluated else set()
    assert ours == own_runs | {suite["dataset"]["name"] for suite in SHIPPED.values()}


def test_what_clusters_never_scores_and_has_a_second_opinion() -> None:
    """In the suites of the study: two extractors, neither of which is the one whose clusters became prompts."""
    for name in ("pcam-full", "pcam-k-sweep"):
        guides = {guide for one in SHIPPED[name]["variants"] for guide in OURS[one].guides}
        assert guides == {"dino-vitb8"}
        assert len(set(SHIPPED[name]["extractors"]) - guides) == 2


def test_the_sweep_differs_from_the_study_in_k_alone() -> None:
    """So that its baseline, K = 33 and controls are those of `pcam-full`, made once."""
    keys = ("dataset", "roles", "protocol", "extractors", "tasks", "n", "seeds")
    assert [SHIPPED["pcam-k-sweep"][key] for key in keys] == [SHIPPED["pcam-full"][key] for key in keys]


def test_a_dry_run_of_every_suite_where_nothing_is(start_with_torch: Any, tmp_path: Path) -> None:
    """Neither data nor weights: steps, images, disk, and what is to be brought, at one call."""
    words = [word for name in sorted(SHIPPED) for word in ("--suite", name)]
    nowhere = {name: str(tmp_path / "none") for name in ("BENCH_WEIGHTS", "TORCH_HOME", "HF_HOME")}
    said = start_with_torch("run", *words, "--dry-run", "--json", "--store", tmp_path / "store", **nowhere).wait()
    assert said.code == 0, said
    rows = {(row["suite"].partition("@")[0], row["stage"]): row for row in json.loads(said.out)}
    assert {suite for suite, _ in rows} == set(SHIPPED)
    assert {suite for suite, stage in rows if stage == "fetch"} == {name for name in SHIPPED if "pcam" in name}
    assert rows["pcam-full", "fit"]["inner"] == 2 * 3 * 10_000
    assert rows["pcam-full", "fit"]["disk"] == 2 * 3 * 3_440_000_000
    # Moments of 50,000 images, and two checkpoints.
    assert rows["pcam-full", "fit"]["scratch"] == 50_000 * 2 * 2 * 4 * 64 * 64 * 4 + 10_320_000_000
    assert rows["pcam-full", "sample"]["inner"] == 3 * 3 * 9_000 * 50
    assert rows["pcam-paper", "prompts"]["images"] == 262_144
    assert rows["pcam-paper", "sample"]["disk"] > 4 * 3 * 50_000 * 512 * 512 * 3
    assert _shown() == {name: _told(name, rows) for name in SHIPPED}
    assert "stable-diffusion-v1-5/stable-diffusion-v1-5 at 451f4fe (4.3 GB)" in said.err
    assert "dataset 'pcam' (8.0 GB)" in said.err
    assert not (tmp_path / "store").exists()


def _shown() -> dict[str, list[str]]:
    """Return the numbers of docs/suites.md, by suite."""
    text = (Path(__file__).parents[2] / "docs" / "suites.md").read_text(encoding="utf-8")
    lines = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.count("|") == 8]
    return {cells[0]: cells[2:] for cells in lines[2:]}


def _told(name: str, rows: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    mine = {stage: row for (suite, stage), row in rows.items() if suite == name}
    fit, kept = mine.get("fit", {"make": 0, "scratch": 0}), [row for stage, row in mine.items() if stage != "fetch"]
    sizes = (mine.get("fetch", {"disk": 0})["disk"], sum(row["disk"] for row in kept), fit["scratch"])
    return [str(fit["make"]), f"{mine['sample']['images']:,}", *(disk.in_words(size) for size in sizes)]


def run(start: Any, arguments: list[object]) -> list[dict[str, Any]]:
    """Return the rows of a run whose cells are all complete."""
    said = start("run", *arguments, "--limit", LIMIT, "--json").wait()
    assert said.code == 0, said
    assert said.err == ""
    rows: list[dict[str, Any]] = json.loads(said.out)
    assert {row["status"] for row in rows} == {"complete"}
    return rows


@pytest.fixture
def cut(tmp_path: Path, toys: Callable[[str], Path]) -> Callable[..., list[object]]:
    """Writes a suite whose dataset is small, whose generators take few steps, with toys for what has to be fetched."""

    def write_cut(shipped: dict[str, Any]) -> list[object]:
        suite: dict[str, Any] = yaml.safe_load(yaml.safe_dump(shipped))
        entries = {f"cut-{one}": entry for one in suite["variants"] if (entry := _cut(OURS[one], one, toys))}
        renamed = {one: f"cut-{one}" if f"cut-{one}" in entries else one for one in suite["variants"]}
        for key in ("variants", "primary"):
            suite[key] = [renamed[one] for one in suite.get(key, [])]
        guides = [guide for one in shipped["variants"] for guide in OURS[one].guides]
        extractors = _toy_extractors([*suite["extractors"], *guides], toys)
        suite["extractors"] = [f"cut-{one}" if f"cut-{one}" in extractors else one for one in suite["extractors"]]
        if suite["protocol"] == "paper":
            suite["protocol"] = {"base": "paper", "extractor": suite["extractors"][0]}
        suite["seeds"] = list(SEEDS)
        if "tstr" in suite["tasks"]:
            suite["tasks"]["tstr"] |= CLASSIFIER
        if suite["dataset"]["name"] == "phantom":
            suite["dataset"]["params"] |= PATCHES | {f"slides_{split}": 10 for split in PATCHES}
        (tmp_path / f"{suite['name']}.yaml").write_text(yaml.safe_dump(suite))
        (tmp_path / "registry.yaml").write_text(yaml.safe_dump({**entries, "extractors": extractors}))
        found: list[object] = ["--suite", tmp_path / f"{suite['name']}.yaml", "--registry", tmp_path / "registry.yaml"]
        if suite["dataset"]["name"] == "pcam":
            write.write(
                tmp_path / "root", PhantomSpec(seed=0, **PATCHES, slides_train=10, slides_valid=10, slides_test=10)
            )
            found += ["--data-root", tmp_path / "root"]
        return found

    return write_cut


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes toy weights, each once: of a pipeline, or of a small network in place of an extractor's, no two alike."""
    made: dict[str, Path] = {}

    def make(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp("toy")
            made[name] = pipeline.save(folder) if name == PIPELINE else networks.save_vit(folder, seed=len(made))
        return made[name]

    return make


def _cut(variant: Variant, name: str, toys: Callable[[str], Path]) -> dict[str, Any]:
    """Return an entry that extends a variant and takes few steps and toy weights; nothing where there are none."""
    known = inspect.signature(targets.load(variant.generator)).parameters  # type: ignore[arg-type]
    fetched = [part for part, weights in variant.weights.items() if weights.path is None]
    changes = FEW | (ON_CPU if fetched else {})
    params = {key: value for key, value in changes.items() if key in known}
    entry: dict[str, Any] = {"params": params} if params else {}
    if fetched:
        entry |= {"weights": {part: str(toys(PIPELINE)) for part in fetched}, "pixels": pipeline.SIDE}
    if variant.prompts is not None:
        entry["prompts"] = _cut_prompts(variant)
    return {"extends": name, **entry} if entry else {}


def _cut_prompts(variant: Variant) -> dict[str, Any]:
    assert variant.prompts is not None
    params: dict[str, Any] = {"kmeans_starts": 1}
    if "dino-vitb8" in variant.prompts.guided_by:
        # As many clusters as some dozen images can have, in the same order; the study's balancing takes 50,000 images.
        params |= {"k": max(2, variant.prompts.params["k"] // 10), "encoder": "cut-dino-vitb8"}
        params |= {"balance": "largest"} if variant.prompts.params["balance"] == "study" else {}
        return {"guided_by": ["cut-dino-vitb8"], "params": params}
    return {"params": params}


def _toy_extractors(names: Iterable[str], toys: Callable[[str], Path]) -> dict[str, Any]:
    """Return entries of small networks, in place of those that have to be fetched."""
    known, found = Extractors.discover(), {}
    for name in names:
        if known.get(name).entry.weights is not None:
            found[f"cut-{name}"] = {"extractor": VIT, "weights": {"path": str(toys(name))}}
    return found
