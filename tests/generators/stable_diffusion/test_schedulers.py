"""Samplers by name: each reads what the pipeline was trained with."""

from __future__ import annotations

import pytest
from diffusers import DDIMScheduler

from benchmark.errors import UserError
from generators.stable_diffusion import schedulers

SAVED = DDIMScheduler(prediction_type="v_prediction", beta_end=0.013, clip_sample=False, steps_offset=1)


@pytest.mark.parametrize("name", schedulers.SCHEDULERS)
def test_each_keeps_betas_and_kind_of_prediction(name):
    """And is the class and the setting that the name means."""
    found = schedulers.named(name, SAVED)
    kind, settings = schedulers.SCHEDULERS[name]
    assert type(found) is kind
    expected = {"prediction_type": "v_prediction", "beta_end": 0.013, "steps_offset": 1, **settings}
    assert {key: found.config[key] for key in expected if key in found.config} == expected
    assert found.config.prediction_type == "v_prediction"


def test_names_differ_in_what_they_are():
    """No two names for one thing."""
    kinds = [(kind, tuple(settings.items())) for kind, settings in schedulers.SCHEDULERS.values()]
    assert len(set(kinds)) == len(kinds)


def test_saved_is_the_pipelines_own():
    """Untouched."""
    assert schedulers.named("saved", SAVED) is SAVED


def test_an_unknown_one_is_answered_with_the_nearest():
    """Before anything is loaded."""
    with pytest.raises(UserError, match="There is no scheduler 'eulera'. Did you mean 'euler'"):
        schedulers.check("eulera")
    schedulers.check("saved")
