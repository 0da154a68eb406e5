"""What MLflow accepts, checked by MLflow's own validation."""

from __future__ import annotations

import pytest

from benchmark.tracking import limits

AWKWARD = [
    "fd.random-network", "a b", "käse", "what?", "a:b", "../up", "a//b", "/a", "a/", ".", "a/../b", "x" * 300, "a\nb",
    "n(1)", "a/./b", "a\\b",
]  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_mlflow_takes_every_key(text: str) -> None:
    """MLflow's own check finds nothing wrong with a mended key."""
    from mlflow.utils import validation

    validation._validate_metric_name(limits.key(text))
    validation._validate_param_name(limits.key(text))
    validation._validate_tag_name(limits.key(text))
    assert len(limits.key(text)) <= limits.KEY


def test_good_keys_stay_and_mended_ones_stay_apart() -> None:
    """A key is changed only where it must be, and two keys never become one."""
    assert limits.key("fd.random-network.low") == "fd.random-network.low"
    assert limits.key("train/loss") == "train/loss"
    assert len({limits.key(text) for text in [*AWKWARD, "what!", "x" * 301, "x" * 250]}) == len(AWKWARD) + 3


def test_limits_are_within_mlflow_s() -> None:
    """Were MLflow to lower its limits, this would tell."""
    from mlflow.utils import validation

    assert limits.KEY <= validation.MAX_ENTITY_KEY_LENGTH
    assert limits.PARAM <= validation.MAX_PARAM_VAL_LENGTH
    assert limits.TAG <= validation.MAX_TAG_VAL_LENGTH


def test_long_values_are_cut_with_a_note() -> None:
    """What was cut says so, and where the whole is."""
    assert limits.param("x" * limits.PARAM) == "x" * limits.PARAM
    cut = limits.param("x" * (limits.PARAM + 1))
    assert len(cut) == limits.PARAM
    assert cut.endswith("(cut; whole in records/*.json)")
    assert len(limits.tag("x" * 100_000)) == limits.TAG


def test_flatten() -> None:
    """Nested keys are dotted; lists are JSON; texts are plain."""
    values = {"a": {"b": 1.5, "c": {"d": None}}, "l": [1, "x"], "t": "text", "yes": True, "empty": {}}
    assert dict(limits.flatten(values, "given")) == {
        "given.a.b": "1.5", "given.a.c.d": "null", "given.l": '[1, "x"]', "given.t": "text", "given.yes": "true",
        "given.empty": "{}",
    }  # fmt: skip
