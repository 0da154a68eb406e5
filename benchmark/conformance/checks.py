"""The conformance checks of a generator."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmark.conformance import elsewhere, labels
from benchmark.conformance.trial import Drawn, Trial
from benchmark.errors import plain
from benchmark.execution import failures
from benchmark.session import Choice


class Finding(NamedTuple):
    """What one check found."""

    generator: str
    check: str
    kept: bool | None
    """None where there is nothing to check."""
    what: str


class _Answer(NamedTuple):
    """Whether a check is kept, and what there is to say."""

    kept: bool | None
    what: str


TOLERANCE = 2
"""Grey levels by which an image may change with the batch it was made in: kernels round differently by shape.

On an accelerator, kernels add up in any order, and a fit that is repeated may change an image as much.
"""


ELSEWHERE = "same in another process"
"""The check that takes a process of its own."""


def of_generator(choice: Choice, name: str, *, leave_out: Collection[str] = ()) -> Iterator[Finding]:
    """Yield the findings on one generator.

    Args:
        choice: Suite whose data it is tried on.
        name: The generator.
        leave_out: Names of checks that are not made.
    """
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial.prepare(choice, name, Path(folder))
        try:
            whole = trial.sample(0, trial.count)
        except (Exception, SystemExit) as error:
            yield Finding(name, "fits and samples", False, failures.describe(error))
            return
        yield Finding(name, "fits and samples", True, f"{len(whole.images)} images of {whole.images.shape[1:]}")
        for check, run in CHECKS.items():
            if check not in leave_out:
                yield Finding(name, check, *_try(run, trial, whole))


def _try(run: Callable[[Trial, Drawn], _Answer], trial: Trial, whole: Drawn) -> _Answer:
    """Return what a check finds; that the generator breaks down in it, or ends the process, is a finding too."""
    try:
        return run(trial, whole)
    except (Exception, SystemExit) as error:
        return _Answer(False, failures.describe(error))


def _same_again(trial: Trial, whole: Drawn) -> _Answer:
    again = trial.fresh().sample(0, trial.count).images
    same = np.array_equal(whole.images, again)
    return _Answer(same, "equal" if same else _difference(whole.images, again))


def _same_elsewhere(trial: Trial, whole: Drawn) -> _Answer:
    """Draw from what the fit left, in a process that knows nothing else."""
    try:
        again = elsewhere.sample(trial)
    except elsewhere.Failed as error:
        return _Answer(False, str(error))
    return _Answer(_furthest(whole.images, again) <= TOLERANCE, _difference(whole.images, again))


def _any_batch(trial: Trial, whole: Drawn) -> _Answer:
    """Ask for one image between two halves: no size of a batch divides both its ends."""
    middle = trial.count // 2
    ends = sorted({0, middle, middle + 1, trial.count})
    joined = np.concatenate([trial.sample(start, stop).images for start, stop in itertools.pairwise(ends)])
    return _Answer(_furthest(whole.images, joined) <= TOLERANCE, _difference(whole.images, joined))


def _resumes(trial: Trial, whole: Drawn) -> _Answer:
    """Stop a fit, take it up again, and draw from what it leaves: on a processor, the very same images."""
    if trial.cell.fit is None:
        return _Answer(None, "it does not fit")
    again = trial.resumed().sample(0, trial.count).images
    allowed = 0 if trial.worker.toolbox.device == "cpu" else TOLERANCE
    return _Answer(_furthest(whole.images, again) <= allowed, _difference(whole.images, again))


def _seeds_matter(trial: Trial, whole: Drawn) -> _Answer:
    distinct = len(np.unique(whole.images.reshape(trial.count, -1), axis=0))
    return _Answer(distinct == trial.count, f"{distinct} of {trial.count} are distinct")


def _seeds_of_the_user_matter(trial: Trial, whole: Drawn) -> _Answer:
    """Draw under another seed of the user's. Images that are there already may stay the same; that is worth knowing."""
    same = np.array_equal(whole.images, trial.sample(0, trial.count, later=1).images)
    return _Answer(None if same else True, "the same images: more seeds tell nothing more" if same else "others")


def _leaves_the_fit(trial: Trial, _: Drawn) -> _Answer:
    """Look whether sampling wrote into what the fit left, which other shards read and the store holds digests of."""
    if trial.cell.fit is None:
        return _Answer(None, "it does not fit")
    changed = trial.changed_files()
    return _Answer(not changed, f"changed: {plain(', '.join(changed))}" if changed else "untouched")


def _labels_told(trial: Trial, whole: Drawn) -> _Answer:
    """Check that the prompts, where there are any, tell the classes apart and do not swap them."""
    if not any(whole.prompts):
        return _Answer(None, "it has no prompts")
    if shared := labels.shared_prompts(whole.prompts, trial.labels):
        return _Answer(False, f"shared by classes: {', '.join(sorted(shared))}")
    misnamed = labels.misnamed(whole.prompts, trial.labels, trial.classes)
    if len(misnamed) > 1:
        return _Answer(False, f"named by another class's name: {', '.join(misnamed)}")
    return _Answer(True, "told apart")


def _labels_drawn(trial: Trial, whole: Drawn) -> _Answer:
    """Check that what was fitted does not draw one class for another, where plain colors tell."""
    if trial.cell.fit is None:
        return _Answer(None, "it does not fit")
    pair = labels.swapped(trial.learnt(), (whole.images, trial.labels))
    if pair is None:
        return _Answer(True, "not the other way round")
    return _Answer(False, " and ".join(f"'{trial.classes[label]}'" for label in pair) + " are swapped")


def _furthest(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> int:
    return int(np.abs(before.astype(int) - after.astype(int)).max())


def _difference(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> str:
    distance = np.abs(before.astype(int) - after.astype(int))
    return f"largest difference {distance.max()} grey levels, in {np.mean(distance > 0):.2%} of the values"


CHECKS: dict[str, Callable[[Trial, Drawn], _Answer]] = {
    "same seeds, same images": _same_again,
    ELSEWHERE: _same_elsewhere,
    "independent of the batch": _any_batch,
    "a stopped fit resumes": _resumes,
    "sampling leaves the fit": _leaves_the_fit,
    "each image its own": _seeds_matter,
    "other seeds, other images": _seeds_of_the_user_matter,
    "labels in the prompts": _labels_told,
    "labels in the images": _labels_drawn,
}
"""Run in this order on a generator that fits and samples."""
