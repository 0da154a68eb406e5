"""Draws a trial's images in a process of its own: fit and sampling may run in different ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmark.conformance.trial import Trial
from benchmark.execution import failures
from benchmark.session import Choice
from benchmark.strict import Strict

_IMAGES, _SAID = "elsewhere.npy", "elsewhere.json"


class _Order(Strict):
    """What the other process is to draw."""

    choice: Choice
    name: str
    folder: Path


class Failed(Exception):
    """The generator broke down there, though it did not here."""


def sample(trial: Trial) -> NDArray[np.uint8]:
    """Return the images of the requests that are drawn at once, drawn by another process from the same fit.

    It hashes text in another way, so that what follows the order of a set of names differs there.

    Raises:
        Failed: If the generator breaks down there.
    """
    order = _Order(choice=trial.choice, name=trial.name, folder=trial.folder)
    seed = "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    surroundings = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-P", "-m", "benchmark.conformance.elsewhere"]
    for name in (_IMAGES, _SAID):
        (trial.folder / name).unlink(missing_ok=True)
    ended = subprocess.run(
        command, input=order.model_dump_json(), text=True, capture_output=True, env=surroundings, check=False
    )
    said = trial.folder / _SAID
    if said.exists():
        raise Failed(json.loads(said.read_text(encoding="utf-8")))
    if not (trial.folder / _IMAGES).exists():
        raise Failed(f"the process ended with status {ended.returncode}")
    images: NDArray[np.uint8] = np.load(trial.folder / _IMAGES, allow_pickle=False)
    return images


def main() -> None:
    """Read on standard input what to draw, and leave it, or why it failed, in the trial's folder."""
    order = _Order.model_validate_json(sys.stdin.read())
    folder = order.folder
    try:
        trial = Trial.prepare(order.choice, order.name, folder)
        np.save(folder / _IMAGES, trial.sample(0, trial.count).images, allow_pickle=False)
    except (Exception, SystemExit) as error:
        (folder / _SAID).write_text(json.dumps(failures.describe(error)), encoding="utf-8")


if __name__ == "__main__":
    main()
