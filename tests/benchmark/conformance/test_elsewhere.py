"""Drawing in another process: the same images from the same fit, and words for what goes wrong there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.conformance import elsewhere
from benchmark.conformance.trial import Trial


@pytest.fixture
def trial(choice, tmp_path: Path):
    """Prepares a class of ``entrants.py``."""
    return lambda name, **more: Trial.prepare(choice(name, **more), "mine", tmp_path / "trial")


def test_another_process_draws_the_same_from_the_same_fit(trial):
    """It finds the fit that is there and makes none; what an earlier call left is not taken for an answer."""
    made = trial("Sound", fits=True)
    here = made.sample(0, made.count).images
    np.save(made.folder / "elsewhere.npy", here[:1])
    (made.folder / "elsewhere.json").write_text('"an old failure"')
    np.testing.assert_array_equal(elsewhere.sample(made), here)
    assert [kind for kind, *_ in made.worker.store.objects()].count("fit") == 1


def test_what_goes_wrong_there_is_told(trial):
    """As text that can be printed."""
    made = trial("Homebound")
    made.sample(0, 1)
    with pytest.raises(elsewhere.Failed, match=r"^RuntimeError: not here \(entrants.py, line \d+, in draw\)$"):
        elsewhere.sample(made)
