"""What `bench morphology fit` leaves in a folder, and what assigning reads of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmark import atomic
from benchmark.artifacts import clustering
from benchmark.artifacts.clustering import Clustering
from benchmark.errors import UserError
from generators import prompts

FILE = "morphology.json"
"""What was fitted on what; the numbers are in the folder `clustering` beside it."""
SCHEMA = 1


@dataclass(frozen=True)
class Fitted:
    """A clustering, and how to bring new images into its space."""

    clustering: Clustering
    extractor: dict[str, Any]
    """What tells the extractor from others."""
    side: int | None
    """Side in pixels that images were brought to; None where they were taken as they are."""
    reach: NDArray[np.float64]
    """Distance of the farthest image of each cluster that was fitted on, shape (K,)."""


def write(folder: Path, found: Clustering, about: dict[str, Any]) -> None:
    """Write a clustering and what is said about it."""
    clustering.write(folder, found)
    atomic.write_json(folder / FILE, {"schema": SCHEMA, **about})


def read(folder: Path) -> Fitted:
    """Return what was fitted.

    Raises:
        UserError: If the folder is none that `bench morphology fit` wrote, or is damaged.
    """
    expected = "Expected a folder that `bench morphology fit --out FOLDER` wrote."
    if not (folder / FILE).is_file():
        raise UserError(f"{folder} holds no {FILE}. {expected}")
    try:
        about = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if about["schema"] != SCHEMA:
            raise UserError(f"{folder / FILE} has schema {about['schema']}, expected {SCHEMA}. Fit again.")
        found = clustering.read(folder)
        if found is None:
            raise UserError(f"{folder} holds no folder '{clustering.FOLDER}'. {expected}")
        reach = np.array(about["reach"], np.float64)
        if reach.shape != (len(found.centers),) or found.shift.shape != found.centers.shape[1:]:
            raise ValueError("its arrays do not fit each other")
        return Fitted(found, dict(about["extractor"]), about["side"], reach)
    except (OSError, ValueError, TypeError, LookupError, EOFError) as error:
        raise UserError(f"{folder} is damaged: {error or type(error).__name__}. Fit again.") from None


def check_same(fit: Fitted, found: dict[str, Any], folder: Path) -> None:
    """Refuse an extractor that is not the one that was clustered: centers of one say nothing about features of another.

    Raises:
        UserError: With what differs.
    """
    for name, value in fit.extractor.items():
        if found.get(name) != value:
            raise UserError(
                f"{folder} was fitted with extractor '{fit.extractor['name']}' of {name} {value}, and here that is "
                f"{found.get(name)}: features would not fit its centers. Fit again, or bring the extractor it had."
            )


def prompt(label: str, cluster: int) -> str:
    """Return the study's prompt; empty where no label is known."""
    return prompts.enriched(label, cluster) if label else ""


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV table."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
