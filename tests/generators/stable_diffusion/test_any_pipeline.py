"""Any pipeline: prompts of one's own, and what an entry puts on top."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from toybench import original

from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from generators.stable_diffusion.any_pipeline import AnyPipeline
from generators.stable_diffusion.off_the_shelf import OffTheShelf

SAMPLING = {"sampling_steps": 3, "guidance": 2.0, "scheduler": "ddim"}
MANY = Requests(
    np.arange(20), np.array([0, 1] * 8 + [1] * 4), np.arange(20), np.r_[np.arange(16) // 2, 8:12], ("Healthy", "Cancer")
)


def test_as_it_stands_it_is_stable_diffusion_off_the_shelf(draw, requests, context):
    """Same prompts, same images."""
    one, other = (draw(kind(**SAMPLING), requests, context) for kind in (AnyPipeline, OffTheShelf))
    assert one.prompts == other.prompts
    assert np.array_equal(one.images, other.images)


def test_a_template_names_the_label(context):
    """In lower case; it may as well not."""
    assert AnyPipeline(template="a {label} patch").prompts(MANY, context)[:2] == ["a healthy patch", "a cancer patch"]
    assert set(AnyPipeline(template="a patch").prompts(MANY, context)) == {"a patch"}


def test_prompts_of_a_label_are_asked_for_in_turn(context):
    """At every beginning equally often, give or take one; request i asks for the same whatever N."""
    texts = {"Cancer": ["one", "two {label}", "three"]}
    found = AnyPipeline(template="else", templates=texts).prompts(MANY, context)
    assert [text for text, label in zip(found, MANY.labels, strict=True) if label == 0] == ["else"] * 8
    mine = [text for text, label in zip(found, MANY.labels, strict=True) if label == 1]
    assert mine[:4] == ["one", "two cancer", "three", "one"]
    for stop in range(3, len(mine) + 1):
        counts = Counter(mine[:stop]).values()
        assert max(counts) - min(counts) <= 1
    part = AnyPipeline(template="else", templates=texts).prompts(MANY.part(7, 13), context)
    assert part == found[7:13]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"templates": {"Cancr": "x"}}, "there is no class 'Cancr'. Did you mean 'Cancer'"),
        ({"templates": {"Cancer": []}}, "class 'Cancer' has no prompt"),
        ({"template": "a {lable}"}, "has the placeholder '{lable}'. Known: {label}"),
        ({"template": "a {label"}, "The prompt template 'a {label' is not valid"),
        ({"template": "a {}"}, "has the placeholder '{}'"),
    ],
)
def test_prompts_that_cannot_be_meant_are_refused(context, params, expected):
    """With what is known."""
    with pytest.raises(UserError, match=expected.replace("{", "[{]")):
        AnyPipeline(**params).prompts(MANY, context)


def test_a_checkpoint_is_used_where_the_entry_declares_one(draw, requests, context, toy_pipeline, tmp_path):
    """Its weights, not the base's."""
    from safetensors.torch import load_file, save_file

    file = original.save(toy_pipeline, tmp_path / "one.safetensors")
    before = draw(AnyPipeline(**SAMPLING), requests, context).images
    weights = {"base": lambda: toy_pipeline, "checkpoint": lambda: file}
    declared = replace(context, _weights=weights)
    assert np.array_equal(before, draw(AnyPipeline(**SAMPLING), requests, declared).images)
    save_file({name: tensor * 0.7 for name, tensor in load_file(file).items()}, file)
    assert np.abs(before.astype(int) - draw(AnyPipeline(**SAMPLING), requests, declared).images).max() > 2
