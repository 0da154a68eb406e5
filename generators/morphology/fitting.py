"""The work of `bench morphology fit`: images to clusters, tables and pages."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic
from benchmark.artifacts.clustering import Clustering
from benchmark.contracts.progress import Progress
from benchmark.errors import UserError
from generators.morphology import balancing, clusters, fitted, frequencies, gallery, outliers
from generators.morphology.balancing import Share
from generators.morphology.gallery import Cluster
from generators.morphology.inputs import Given, Tool


@dataclass(frozen=True)
class Options:
    """How images are clustered and shown."""

    k: int
    size: int | None
    standardized: bool
    starts: int
    mini_batch: int | None
    seed: int
    outliers: bool
    balance: Literal["study", "largest"] | str | None
    columns: int


@dataclass(frozen=True)
class Dropped:
    """Images that the outlier rules leave out."""

    names: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]
    values: NDArray[np.float64]
    """Statistic of each image and rule, shape (n, 7)."""
    counts: dict[str, int]
    """Images by the rule they break; one may break several."""


@dataclass(frozen=True)
class Found:
    """Clusters, and what is known of them."""

    given: Given
    clustering: Clustering
    distances: NDArray[np.float64]
    """Distance of each image to its center, shape (N,)."""
    clusters: list[Cluster]
    dropped: Dropped | None
    balanced: NDArray[np.bool_] | None
    """Which images are in the balanced set, shape (N,)."""
    facts: list[tuple[str, str]]
    about: dict[str, Any]
    options: Options

    def rows(self) -> list[dict[str, object]]:
        """Return the table of clusters for people."""
        rows: list[dict[str, object]] = []
        for one in self.clusters:
            row = {"cluster": one.number, "morphology type": one.words, "images": one.size}
            rows.append({**row, "share": f"{100 * one.share:.1f} %", **{name: count for name, count, _ in one.labels}})
        return rows


def require_new(out: Path) -> None:
    """Refuse a folder that holds something, before anything is computed.

    Raises:
        UserError: With what to do.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"--out {out} is there already. Give a new folder, or remove that one.")
    parent = out.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"--out {out}: {parent} cannot be made: {error.strerror}. Give another place.") from None
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UserError(f"--out {out}: {parent} cannot be written to. Give another place.")


def fit(given: Given, tool: Tool, options: Options, progress: Progress) -> Found:
    """Return clusters of images.

    Raises:
        UserError: If images cannot be read or embedded, or are too few.
    """
    read = len(given.images)
    dropped = None
    if options.outliers:
        given, dropped = without_outliers(given, progress)
    features = clusters.embed(given.images, tool.extractor, options.size, progress)
    clustering = clusters.fit(
        features, k=options.k, extractor=tool.name, standardized=options.standardized, seed=options.seed,
        n_init=options.starts, batch=options.mini_batch,
    )  # fmt: skip
    distances = clustering.distances(features, clustering.assignments)
    shown = gallery.clusters(given.images, clustering.assignments, distances, options.k)
    counts = frequencies.count(
        given.images.labels, clustering.assignments, classes=len(given.images.classes), k=options.k
    )
    share, balanced = _balanced(given, clustering, counts, options)
    about = _about(given, tool, options, clustering, distances, counts, dropped, share)
    facts = _facts(given, tool, options, read, dropped, share, balanced)
    return Found(given, clustering, distances, shown, dropped, balanced, facts, about, options)


def without_outliers(given: Given, progress: Progress) -> tuple[Given, Dropped]:
    """Return the images that keep every rule, and the others.

    Raises:
        UserError: If none keeps them all.
    """
    verdict = outliers.judge(given.images, progress)
    kept = verdict.kept
    if not len(kept):
        counts = ", ".join(f"{name} {count}" for name, count in verdict.counts().items() if count)
        raise UserError(f"All {len(given.images)} images break an outlier rule ({counts}). Keep them: --keep-outliers.")
    rows = np.setdiff1d(np.arange(len(given.images)), kept)
    names = tuple(given.names[row] for row in rows)
    rules = tuple(verdict.rules_of(row) for row in rows)
    return given.take(kept), Dropped(names, rules, verdict.values[rows], verdict.counts())


def _balanced(
    given: Given, found: Clustering, counts: NDArray[np.int64], options: Options
) -> tuple[Share | None, NDArray[np.bool_] | None]:
    if options.balance is None:
        return None, None
    share = balancing.studys(counts) if options.balance == "study" else balancing.largest(counts)
    chosen = np.zeros(len(given.images), bool)
    chosen[balancing.draw(given.images.labels, found.assignments, counts, share, seed=options.seed)] = True
    return share, chosen


def _about(
    given: Given,
    tool: Tool,
    options: Options,
    found: Clustering,
    distances: NDArray[np.float64],
    counts: NDArray[np.int64],
    dropped: Dropped | None,
    share: Share | None,
) -> dict[str, Any]:
    farthest = np.zeros(options.k)
    np.maximum.at(farthest, found.assignments, distances)
    return {
        "extractor": tool.identity,
        "device": tool.device,
        "side": options.size,
        "images": {**{name.lower(): value for name, value in given.facts}, "n": len(given.images),
                   "digest": given.images.digest, "classes": list(given.images.classes) if given.labelled else None},
        "k": options.k,
        "seed": options.seed,
        "starts": options.starts,
        "mini_batch": options.mini_batch,
        "standardized": options.standardized,
        "inertia": found.about.inertia,
        "counts": counts.tolist(),
        "reach": farthest.tolist(),
        "outliers": None if dropped is None else {"left_out": len(dropped.names), "by_rule": dropped.counts},
        "balanced": None if share is None else {"search": options.balance, "prompts_a_class": share.prompts,
                                                "images_a_prompt": share.each},
    }  # fmt: skip


def _facts(
    given: Given,
    tool: Tool,
    options: Options,
    read: int,
    dropped: Dropped | None,
    share: Share | None,
    balanced: NDArray[np.bool_] | None,
) -> list[tuple[str, str]]:
    kind = "K-means" if options.mini_batch is None else f"mini-batch K-means, {options.mini_batch} images a batch"
    size = "as they are" if options.size is None else f"resized to {options.size} px"
    facts = [
        *given.facts,
        ("N", f"{len(given.images)} of {read} images" if dropped is not None else f"{read} images"),
        ("Features", f"{tool.name}, version {tool.identity['version']}, of images {size}; "
                     f"{'mean 0 and variance 1' if options.standardized else 'raw'}"),
        ("Clustering", f"{kind}, K = {options.k}, best of {options.starts} starts, seed {options.seed}"),
    ]  # fmt: skip
    if tool.identity["weights"] is not None:
        facts.append(("Weights", str(tool.identity["weights"])[:12]))
    if dropped is not None:
        told = ", ".join(f"{name} {count}" for name, count in dropped.counts.items() if count) or "none"
        facts.append(("Left out by the study's outlier rules", f"{len(dropped.names)} ({told})"))
    if share is not None and balanced is not None:
        each = f"{share.each} of each of {share.prompts} prompts a class"
        facts.append(("Balanced set", f"{int(balanced.sum())} images: {each}, {options.balance} search"))
    return facts


def write(out: Path, found: Found, progress: Progress) -> None:
    """Write the folder aside and rename it into place."""
    aside = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        aside.mkdir(parents=True)
        _write(aside, found, progress)
        if out.is_dir():
            out.rmdir()  # Empty, or this fails.
        aside.rename(out)
        atomic.sync_folder(out.absolute().parent)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _write(folder: Path, found: Found, progress: Progress) -> None:
    fitted.write(folder, found.clustering, found.about)
    atomic.write_text(folder / "clusters.csv", _cluster_table(found))
    atomic.write_text(folder / "images.csv", _image_table(found))
    if found.dropped is not None:
        atomic.write_text(folder / "outliers.csv", _outlier_table(found.dropped))
    for one in found.clusters:
        if one.file is not None:
            members = np.flatnonzero(found.clustering.assignments == one.number)
            title = f"Cluster {one.number}, morphology type {one.words}: {one.size} images"
            drawn = gallery.sheet(found.given.images, members, found.distances, title=title,
                                  columns=found.options.columns, seed=found.options.seed)  # fmt: skip
            atomic.write_bytes(folder / one.file, drawn)
        progress(one.number + 1, len(found.clusters), "sheets drawn")
    title = f"{len(found.clusters)} clusters of {found.facts[0][1]}"
    atomic.write_text(folder / "index.html", gallery.page(title, found.facts, found.clusters))


def _cluster_table(found: Found) -> str:
    names = [name for name, _, _ in found.clusters[0].labels]
    rows = [
        [one.number, one.words, one.size, f"{one.share:.6f}", *(count for _, count, _ in one.labels)]
        for one in found.clusters
    ]
    return fitted.table(["cluster", "words", "images", "share", *(f"images of {name}" for name in names)], rows)


def _image_table(found: Found) -> str:
    images = found.given.images
    header = ["image", "label", "cluster", "distance", "prompt"] + (["balanced"] if found.balanced is not None else [])
    rows = []
    for row, cluster in enumerate(found.clustering.assignments):
        label = images.classes[images.labels[row]]
        line = [
            found.given.names[row],
            label,
            int(cluster),
            f"{found.distances[row]:.9g}",
            fitted.prompt(label, int(cluster)),
        ]
        rows.append(line + ([int(found.balanced[row])] if found.balanced is not None else []))
    return fitted.table(header, rows)


def _outlier_table(dropped: Dropped) -> str:
    header = ["image", "rules", *(rule.statistic for rule in outliers.RULES)]
    rows = [
        [name, " ".join(rules), *(f"{value:.6g}" for value in values)]
        for name, rules, values in zip(dropped.names, dropped.rules, dropped.values, strict=True)
    ]
    return fitted.table(header, rows)
