"""A pretrained pipeline, untouched."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from benchmark.contracts.generator import Requests
from benchmark.errors import UserError
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.off_the_shelf import OffTheShelf
from generators.stable_diffusion.painter import Painter
from generators.stable_diffusion.sampling import Settings

SAMPLING = {"sampling_steps": 3, "guidance": 2.0, "scheduler": "ddim"}


def test_each_request_gets_an_image_of_its_labels_prompt(draw, requests, context, toy_pipeline):
    """The study's wording, and what the painter makes of it with the request's seed."""
    found = draw(OffTheShelf(**SAMPLING), requests, context)
    assert found.prompts == ["Histology image of healthy tissue", "Histology image of cancer tissue"] * 3
    painter = Painter(pipelines.load(toy_pipeline, device="cpu", scheduler="ddim"), Settings(3, 2.0))
    assert np.array_equal(found.images, painter.paint(found.prompts, requests.seeds))


def test_neither_batch_nor_number_of_images_changes_one(draw, requests, context):
    """Alone, in fours, and as a part: within two grey levels, as kernels round differently by shape."""
    images = draw(OffTheShelf(**SAMPLING), requests, context).images
    assert len({image.tobytes() for image in images}) == 6
    assert np.array_equal(images, draw(OffTheShelf(**SAMPLING), requests, context).images)
    for size in (1, 4):
        other = draw(OffTheShelf(**SAMPLING, sampling_batch=size), requests, context).images
        assert np.abs(images.astype(int) - other).max() <= 2
    part = draw(OffTheShelf(**SAMPLING), requests.part(2, 5), context).images
    assert np.abs(images[2:5].astype(int) - part).max() <= 2


def test_images_come_in_batches_of_the_size_asked_for(requests, context):
    """The last is shorter; prompts go with their images."""
    batches = list(OffTheShelf(**SAMPLING, sampling_batch=4).sample(requests, context))
    assert [len(batch.images) for batch in batches] == [4, 2]
    assert [len(batch.prompts) for batch in batches] == [4, 2]


@pytest.mark.parametrize("change", [{"sampling_steps": 6}, {"guidance": 9.0}, {"scheduler": "dpm-solver"}])
def test_every_parameter_counts(draw, requests, context, change):
    """Other images with another of them."""
    images = draw(OffTheShelf(**SAMPLING), requests, context).images
    other = draw(OffTheShelf(**SAMPLING | change), requests, context).images
    assert np.abs(images.astype(int) - other).max() > 2


def test_a_unet_that_a_fit_left_is_used(draw, requests, context, toy_pipeline):
    """Where there is one in the folder."""
    before = draw(OffTheShelf(**SAMPLING), requests, context).images
    shutil.copytree(toy_pipeline / "unet", context.folder / "unet")
    assert np.array_equal(before, draw(OffTheShelf(**SAMPLING), requests, context).images)
    weights = context.folder / "unet" / "diffusion_pytorch_model.safetensors"
    save_file({name: -tensor for name, tensor in load_file(weights).items()}, weights)
    after = draw(OffTheShelf(**SAMPLING), requests, context).images
    assert np.abs(before.astype(int) - after).max() > 2


def test_nothing_is_learnt(context, images):
    """A fit leaves no file."""
    OffTheShelf().fit(images, context)
    assert not list(context.folder.iterdir())
    assert not list(context.scratch.iterdir())


def test_the_pipeline_is_loaded_once(requests, context):
    """Not for each shard."""
    loads = []
    base = context.weights("base")
    counted = replace(context, _weights={"base": lambda: loads.append(1) or base})
    generator = OffTheShelf(**SAMPLING)
    for part in (requests.part(0, 1), requests.part(1, 2)):
        assert len(list(generator.sample(part, counted))) == 1
    assert len(loads) == 1


def test_a_prompt_that_would_be_cut_off_is_refused(draw, context):
    """A class's name may be too long for the text encoder."""
    long = Requests(np.arange(1), np.zeros(1, np.int64), np.arange(1), np.arange(1), ("cancer" * 20,))
    with pytest.raises(
        UserError, match="The prompt 'Histology image of (cancer){20} tissue' has .* the model reads 96"
    ):
        draw(OffTheShelf(**SAMPLING), long, context)


def test_weights_that_are_not_declared_are_refused(draw, requests, context):
    """The entry has to say what it loads."""
    with pytest.raises(UserError, match="asked for 'base', but its entry does not declare it. Add it under 'weights'"):
        draw(OffTheShelf(**SAMPLING), requests, replace(context, _weights={}))
