"""The work of `bench morphology choose`: a table, JSON and a picture."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from benchmark import atomic
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError, plain
from generators.morphology import choosing, clusters, fitting, plot
from generators.morphology.choosing import Line, Way
from generators.morphology.inputs import Given, Tool

_MOST = 2000
_EXPLAINED = (
    "S_Dbw, SD and Davies-Bouldin: less is better; silhouette: more; * the best K of each. S_Dbw and SD as the study's "
    "release computes them; 'between' is the part of S_Dbw that is density between clusters. With many features it is "
    "0, and S_Dbw is scattering alone, which falls with K. ARI: adjusted Rand index between fits that differ by their "
    "seed, median [least, greatest]; 1 the same clusters, 0 as by chance. No index tells by itself how many there are."
)


@dataclass(frozen=True)
class Report:
    """What was found for every K."""

    facts: list[tuple[str, str]]
    lines: list[Line]
    title: str

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        lines = [dataclasses.asdict(line) for line in self.lines]
        return {"facts": dict(self.facts), "lines": lines, "best": choosing.best(self.lines)}

    def text(self) -> str:
        """Return the report for a terminal."""
        return "\n\n".join([plain(_told(self.facts, "")), self._table("simple"), _EXPLAINED]) + "\n"

    def write(self, folder: Path) -> None:
        """Write the report as Markdown and JSON, and the picture."""
        atomic.write_bytes(folder / "choose.png", plot.png(self.lines, title=self.title))
        atomic.write_json(folder / "choose.json", self.plain())
        parts = ["# How many clusters", _told(self.facts, "- "), self._table("github"), _EXPLAINED]
        atomic.write_text(folder / "choose.md", "\n\n".join([*parts, "![Indices over K](choose.png)"]) + "\n")

    def _table(self, style: str) -> str:
        best = choosing.best(self.lines)
        headers = ["K", "S_Dbw", "between", "SD", "silhouette", "Davies-Bouldin", "ARI over seeds", "smallest cluster"]
        return tabulate([_row(line, best) for line in self.lines], headers, tablefmt=style, disable_numparse=True)


def numbers(text: str) -> list[int]:
    """Return the numbers of clusters that a list such as ``2-12,16`` names, rising.

    Raises:
        UserError: If it is none, or names fewer than 2 clusters.
    """
    found: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,6})(?:-([0-9]{1,6}))?\s*", part)
        if match is None:
            raise UserError(
                f"--k {text}: '{part.strip()}' is no number and no range. Expected a list such as 2-12,16,33."
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or first < 2:
            raise UserError(f"--k {text}: '{part.strip()}' must rise, from 2 on: one cluster has no validity index.")
        found.update(range(first, min(last, first + _MOST) + 1))
    if len(found) > _MOST:
        raise UserError(f"--k {text} names more than {_MOST} numbers of clusters. Name fewer.")
    return sorted(found)


def run(
    given: Given, tool: Tool, side: int | None, ks: Sequence[int], way: Way, *, outliers: bool, progress: Progress
) -> Report:
    """Return what is found for every K.

    Raises:
        UserError: If images cannot be read or embedded, or are too few.
    """
    read = len(given.images)
    if outliers:
        given, _ = fitting.without_outliers(given, progress)
    features = clusters.embed(given.images, tool.extractor, side, progress)
    lines = list(choosing.over(features, ks, way, progress))
    kind = "K-means" if way.batch is None else f"mini-batch K-means, {way.batch} images a batch"
    size = "as they are" if side is None else f"resized to {side} px"
    facts = [
        *given.facts,
        ("N", f"{len(given.images)} of {read} images" if outliers else f"{read} images"),
        ("Silhouette of", f"{lines[0].silhouette_n} images"),
        ("Features", f"{tool.name}, version {tool.identity['version']}, of images {size}; "
                     f"{'mean 0 and variance 1' if way.standardized else 'raw'}"),
        ("Clustering", f"{kind}, best of {way.n_init} starts, seeds {', '.join(map(str, way.seeds))}"),
    ]  # fmt: skip
    return Report(facts, lines, f"{facts[0][1]}: N = {len(given.images)}, {tool.name}")


def _told(facts: Sequence[tuple[str, str]], mark: str) -> str:
    return "\n".join(f"{mark}{name}: {value}" for name, value in facts)


def _row(line: Line, best: dict[str, int]) -> list[str]:
    def marked(name: str) -> str:
        value = getattr(line, name)
        return "none" if value is None else f"{value:.3f}{'*' if best[name] == line.k else ''}"

    stable = line.stability
    told = "one seed" if stable is None else f"{stable.median:.2f} [{stable.least:.2f}, {stable.greatest:.2f}]"
    return [str(line.k), marked("s_dbw"), f"{line.density_between:.3f}", marked("sd"), marked("silhouette"),
            marked("davies_bouldin"), told, str(line.smallest)]  # fmt: skip
