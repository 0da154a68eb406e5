"""docs/add-a-generator.md, docs/controls.md, docs/image-sets.md: the template works, and the tables name what there is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from benchmark.conformance import checks
from benchmark.registry.variants import Catalogue, Variant
from benchmark.registry.weights import Weights

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TOY = ROOT / "tests" / "toybench" / "toybench" / "toy.yaml"


def first_column(page: str, heading: str) -> list[str]:
    """The names in the first column of the table under a heading."""
    text = (DOCS / page).read_text(encoding="utf-8").split(heading, 1)[1].split("\n## ", 1)[0]
    return [
        name
        for line in text.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([^`]+)`", line.split("|")[1])
    ]


def bench(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmark.cli.main", *map(str, arguments)], cwd=folder, capture_output=True, text=True,
        env={**os.environ, "BENCH_TRACKING": "0"}, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The template, as a user copies it."""
    return Path(shutil.copytree(DOCS / "template", tmp_path / "mine", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_template_keeps_the_contract_and_runs(copied: Path) -> None:
    """Every check that applies is kept, the stopped fit among them; both entries make a row."""
    suite = yaml.safe_load(TOY.read_text()) | {"name": "toy-small", "variants": ["toy-real"], "primary": [], "n": 20}
    (copied / "toy-small.yaml").write_text(yaml.safe_dump(suite))
    flags = ("--suite", "toy-small.yaml", "--registry", "generators.yaml")
    said = bench("validate", *flags, "--generator", "my-generator", "--json", folder=copied)
    assert said.returncode == 0, said.stdout + said.stderr
    assert {one["check"]: one["state"] for one in json.loads(said.stdout)} == dict.fromkeys(
        ["fits and samples", *checks.CHECKS], "kept"
    )
    said = bench(
        "run", *flags, "-g", "my-generator", "-g", "my-generator-longer", "--seed", 100, "--json", folder=copied
    )
    assert said.returncode == 0, said.stdout + said.stderr
    rows = json.loads(said.stdout)
    assert {row["generator"]: row["status"] for row in rows} == dict.fromkeys(
        ("my-generator", "my-generator-longer"), "complete"
    )


def test_the_template_comments_every_key_it_leaves_out() -> None:
    """What is commented out would be valid too."""
    text = (DOCS / "template" / "generators.yaml").read_text(encoding="utf-8")
    whole = yaml.safe_load(re.sub(r"^  # ", "  ", text, flags=re.MULTILINE))
    assert set(whole["my-generator"]) <= set(Variant.model_fields)
    assert {"weights", "guided_by", "version"} <= set(whole["my-generator"])


def test_the_page_names_every_key_and_every_check() -> None:
    """And no other; the checks in their order."""
    assert set(first_column("add-a-generator.md", "## What the entry says")) == {*Variant.model_fields, "extends"}
    named = first_column("add-a-generator.md", "## What `bench validate --generator` checks")
    assert named == ["fits and samples", *checks.CHECKS]


def test_the_page_of_controls_names_every_control() -> None:
    """And no other."""
    shipped = [one.name for one in Catalogue.discover() if one.origin == "histobench" and one.variant.kind == "control"]
    assert sorted(first_column("controls.md", "# Controls")) == sorted(shipped)


def test_the_entry_of_an_image_set_is_one(tmp_path: Path) -> None:
    """It extends what is there and names its images."""
    (block,) = re.findall(r"^```yaml\n(.*?)^```", (DOCS / "image-sets.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "mine.yaml").write_text(block)
    found = Catalogue.discover([tmp_path / "mine.yaml"]).get("my-gan")
    assert found.variant.weights == {"images": Weights(path="./my-gan")}
    assert found.variant.generator == "generators.imagesets.image_set:ImageSet"
    assert found.folder == tmp_path
