"""docs/: what is written down to be used can be used."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmark import digests
from benchmark.execution import preflight
from benchmark.execution.desk import Toolbox
from benchmark.plan import resolve
from benchmark.protocol import named
from benchmark.registry.variants import Catalogue
from benchmark.suite import catalogue

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_suite_that_is_shown_is_a_suite(tmp_path: Path) -> None:
    """Its names are there and its parameters fit."""
    text = (ROOT / "docs" / "suites.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    path = tmp_path / "my-study.yaml"
    path.write_text(block, encoding="utf-8")
    suite = catalogue.read(str(path))
    assert catalogue.check(suite, Catalogue.discover()) is None
    assert resolve.check_suite(suite, None) is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """Files that a page points to are in the repository."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_extractors_that_are_shown_are_extractors(tmp_path: Path) -> None:
    """The registry file is read, and the class in it embeds images."""
    text = (ROOT / "docs" / "extractors.md").read_text(encoding="utf-8")
    entries, source = (
        re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)[0]
        for language in ("yaml", "python")
    )
    (tmp_path / "mine.yaml").write_text(entries, encoding="utf-8")
    (tmp_path / "mean_color.py").write_text(source, encoding="utf-8")
    known = Catalogue.discover([tmp_path / "mine.yaml"])
    own = [known.extractors.get(name) for name in ("resnet50", "my-dinov2", "mean-color")]
    assert [one.entry.weights is None for one in own] == [False, False, True]
    assert own[1].entry.weights is not None
    assert "model.safetensors" in own[1].entry.weights.sha256
    resolver = resolve.Resolver(known, None, digests.of_file)
    found = Toolbox("cpu").extractor(resolver.extractor("mean-color")).embed(np.full((2, 4, 4, 3), 7, np.uint8))
    assert found.tolist() == [[7, 7, 7]] * 2


def test_the_pipelines_that_are_shown_are_variants(tmp_path: Path) -> None:
    """Their weights are where the page says, and their class takes their parameters."""
    text = (ROOT / "docs" / "stable-diffusion.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```yaml\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "mine.yaml").write_text(block, encoding="utf-8")
    known = Catalogue.discover([tmp_path / "mine.yaml"])
    for name in ("my-histology-model", "my-lora", "my-checkpoint"):
        listed = known.get(name)
        preflight.check_variant(listed)
        assert {wanted.part for wanted in listed.wanted} <= {"base", "lora", "checkpoint"}
    assert [str(wanted.weights.hub) for wanted in known.get("my-lora").wanted if wanted.part == "base"] == [
        "stable-diffusion-v1-5/stable-diffusion-v1-5"
    ]


def test_every_sampler_is_in_its_page() -> None:
    """And no other."""
    from generators.stable_diffusion import schedulers

    text = (ROOT / "docs" / "stable-diffusion.md").read_text(encoding="utf-8")
    (row,) = (line for line in text.splitlines() if line.startswith("| `scheduler`"))
    assert set(re.findall(r"`([^`]+)`", row)) == {"scheduler", "saved", *schedulers.SCHEDULERS}


def test_every_extractor_is_in_its_page() -> None:
    """And no other."""
    text = (ROOT / "docs" / "extractors.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    stems = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    named = {f"dinov2{name}" if name.startswith("-") else name for name in stems}
    shipped = {one.name for one in Catalogue.discover().extractors if one.origin == "histobench"}
    assert named == shipped


def test_the_protocols_that_are_shown_are_those_there_are() -> None:
    """Every value with its source, what each lacks, and the digest, as `named.yaml` has them."""
    text = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 5]
    lines = [line for found in named.everything().values() for line in found.lines()]
    assert [line for line in shown if not line.startswith("| key")] == [f"| {' | '.join(line)} |" for line in lines]
    for name, found in named.everything().items():
        assert f"**`{name}`**, digest `{found.protocol.digest}`" in text
        assert all(f"- {lack}\n" in text for lack in found.lacking)


def test_the_audit_that_is_quoted_is_the_one_that_was_measured() -> None:
    """Every line of the two tables stands in the page of results."""
    text = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
    shown = [
        line for line in text.splitlines() if line.startswith("| ") and re.search(r"\[-?[\d.e-]+, [\d.e-]+\]", line)
    ]
    measured = (ROOT / "docs" / "results" / "audit-phantom.md").read_text(encoding="utf-8")
    there = {_bare(line) for line in measured.splitlines()}
    assert len(shown) > 10
    assert [line for line in shown if _bare(line) not in there] == []


def _bare(line: str) -> str:
    return re.sub(r" +", " ", line)
