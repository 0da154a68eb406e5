"""From images and prompts to a UNet on disk: what is computed once, what is shown, what is left."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from toybench import pipeline as toys

from benchmark import digests
from benchmark.errors import UserError
from generators.stable_diffusion import conditioning, fine_tuning, training
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.fine_tuning import fine_tune
from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.off_the_shelf import OffTheShelf
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.sampling import noise

RECIPE = Recipe(steps=3, batch=4, learning_rate=1e-3, caption_dropout=0.1, flip=True, ema=0.9)
PROMPTS = ["of tissue b", "", "of tissue a", "of tissue b"] * 10


@pytest.fixture
def given(monkeypatch):
    """What the training was given, the weights it ended with and those it kept; the training is the real one."""
    found = []
    train = fine_tuning.train

    def watched(*arguments, **more):
        kept = train(*arguments, **more)
        last = {name: tensor.clone() for name, tensor in arguments[0].state_dict().items()}
        found.append((*arguments, last, kept))
        return kept

    monkeypatch.setattr(fine_tuning, "train", watched)
    return found


@pytest.fixture
def calls():
    """Kind of module and number of rows of every call of a whole network."""
    found = []

    def watch(module, arguments):
        if type(module).__name__ in ("UNet2DConditionModel", "Encoder", "Decoder", "CLIPTextModel"):
            found.append((type(module).__name__, len(arguments[0]) if arguments else None))

    handle = torch.nn.modules.module.register_module_forward_pre_hook(watch)
    yield found
    handle.remove()


@pytest.fixture
def large(context, tmp_path_factory):
    """The same step on a pipeline of SDXL's class."""
    base = toys.save_large(tmp_path_factory.mktemp("large"))
    return replace(context, _weights={"base": lambda: base})


def files(folder):
    return {
        str(path.relative_to(folder)): digests.of_file(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_the_loop_touches_neither_vae_nor_text_encoder(images, context, calls):
    """Each image is encoded twice, mirrored and not, each text read once; after that, only the UNet is called."""
    fine_tune(images, PROMPTS, RECIPE, context)
    kinds = [kind for kind, _ in calls]
    assert kinds.index("UNet2DConditionModel") == len(kinds) - 3
    assert kinds[-3:] == ["UNet2DConditionModel"] * 3
    assert sum(rows for kind, rows in calls if kind == "Encoder") == 80
    assert kinds.count("CLIPTextModel") == 1
    assert "Decoder" not in kinds


def test_without_mirror_images_none_is_encoded(images, context, calls, given):
    """Each image once."""
    fine_tune(images, PROMPTS, replace(RECIPE, flip=False), context)
    assert sum(rows for kind, rows in calls if kind == "Encoder") == 40
    assert given[0][2].moments.values.shape[:2] == (40, 1)


def test_each_image_goes_with_its_own_prompt(images, context, given, toy_pipeline):
    """The empty text stands first; an image whose prompt is empty has it too."""
    fine_tune(images, PROMPTS, RECIPE, context)
    examples = given[0][2]
    pipeline = pipelines.load(toy_pipeline, device="cpu")
    texts = ["", "of tissue a", "of tissue b"]
    torch.testing.assert_close(examples.told.embeddings, conditioning.of(pipeline, texts).embeddings)
    assert [texts[row] for row in examples.prompts] == PROMPTS
    assert examples.moments.values.shape == (40, 2, 2, 4, 8, 8)


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_the_scheduler_is_the_pipelines(images, context, given, toy_with, kind):
    """Its betas and its kind of prediction, whatever it samples with."""
    base = toy_with("scheduler/scheduler_config.json", prediction_type=kind, beta_end=0.017, num_train_timesteps=77)
    fine_tune(images, PROMPTS, RECIPE, replace(context, _weights={"base": lambda: base}))
    config = given[0][1].config
    assert (config.prediction_type, config.beta_end, config.num_train_timesteps) == (kind, 0.017, 77)


def test_what_cannot_be_fine_tuned_is_refused(images, context, toy_with):
    """In a UNet that predicts the image itself; nothing is left."""
    base = toy_with("scheduler/scheduler_config.json", prediction_type="sample")
    with pytest.raises(UserError, match="The pipeline's UNet predicts 'sample'; only 'epsilon' and 'v_prediction'"):
        fine_tune(images, PROMPTS, RECIPE, replace(context, _weights={"base": lambda: base}))
    assert not list(context.folder.iterdir())


def test_the_unet_alone_is_left_and_the_base_stays(images, context, toy_pipeline, given):
    """What is saved is what the training kept, in safetensors, loadable by diffusers."""
    before = files(toy_pipeline)
    fine_tune(images, PROMPTS, RECIPE, context)
    assert files(toy_pipeline) == before
    assert set(files(context.folder)) == {"unet/config.json", "unet/diffusion_pytorch_model.safetensors"}
    saved = UNet2DConditionModel.from_pretrained(context.folder / "unet").state_dict()
    base = UNet2DConditionModel.from_pretrained(toy_pipeline / "unet").state_dict()
    *_, last, kept = given[0]
    assert all(torch.equal(saved[name], kept[name]) for name in saved)
    assert any(not torch.equal(saved[name], last[name]) for name in saved)
    assert any(not torch.equal(saved[name], base[name]) for name in saved)


def test_what_is_left_does_not_tell_where_it_was_made(images, context, toy_pipeline, tmp_path):
    """Equal files from a copy of the base elsewhere: a digest is of what was learnt."""
    fine_tune(images, PROMPTS, RECIPE, context)
    elsewhere = shutil.copytree(toy_pipeline, tmp_path / "elsewhere")
    (tmp_path / "other").mkdir()
    (tmp_path / "other-scratch").mkdir()
    fine_tune(
        images, PROMPTS, RECIPE,
        replace(context, folder=tmp_path / "other", scratch=tmp_path / "other-scratch", _weights={"base": lambda: elsewhere}),
    )  # fmt: skip
    assert files(context.folder) == files(tmp_path / "other")
    assert str(toy_pipeline.parent) not in (context.folder / "unet/config.json").read_text()


@pytest.mark.parametrize("surroundings", ["context", "large"])
def test_a_stopped_fit_leaves_what_a_whole_one_does(images, surroundings, request, tmp_path, monkeypatch):
    """Taken up again from its scratch folder, with a pipeline loaded anew, of either class."""
    context = request.getfixturevalue(surroundings)
    monkeypatch.setattr(training, "CHECKPOINT_S", -1.0)
    for name in ("whole", "whole-scratch"):
        (tmp_path / name).mkdir()
    fine_tune(images, PROMPTS, RECIPE, replace(context, folder=tmp_path / "whole", scratch=tmp_path / "whole-scratch"))

    def halt(done, total, note=""):
        if (done, note) == (2, "training steps"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(images, PROMPTS, RECIPE, replace(context, progress=halt))
    assert not list(context.folder.iterdir())
    told = []
    fine_tune(images, PROMPTS, RECIPE, replace(context, progress=lambda *words: told.append(words)))
    assert told[1:] == [(2, 3, "training steps"), (3, 3, "training steps")]
    assert files(context.folder) == files(tmp_path / "whole")


def test_progress_is_told_of_both_parts(images, context):
    """Encoding first, then training."""
    told = []
    fine_tune(images, PROMPTS, RECIPE, replace(context, progress=lambda *words: told.append(words)))
    assert told == [(40, 40, "images encoded"), *((step, 3, "training steps") for step in (1, 2, 3))]


def test_the_mirror_image_is_encoded_apart(images, context, given, toy_pipeline):
    """As the VAE sees it, which is not the mirror of what it sees of the image."""
    fine_tune(images, PROMPTS, RECIPE, context)
    mean = torch.from_numpy(given[0][2].moments.values[:, :, 0].copy())
    vae = pipelines.load(toy_pipeline, device="cpu").vae
    pixels = torch.from_numpy(images.read(0, 40)[:, :, ::-1].copy()).permute(0, 3, 1, 2).float() / 127.5 - 1
    torch.testing.assert_close(mean[:, 1], vae.encode(pixels).latent_dist.mean, rtol=1e-4, atol=1e-4)
    assert float((mean[:, 1] - mean[:, 0].flip(-1)).abs().max()) > 0.01
    assert np.isfinite(mean.numpy()).all()


def test_sdxl_is_told_all_that_its_unet_takes(images, large, given):
    """Pooled embeddings and time ids beside the embeddings, of each prompt; nothing at all for the empty one."""
    fine_tune(images, PROMPTS, RECIPE, large)
    told = given[0][2].told
    expected = conditioning.of(pipelines.load(large.weights("base"), device="cpu"), ["", "of tissue a", "of tissue b"])
    assert set(told.tensors()) == {"embeddings", "pooled", "sizes"}
    for name, tensor in told.tensors().items():
        torch.testing.assert_close(tensor, expected.tensors()[name])
    assert not told.pooled[0].any()
    assert told.pooled[1:].any(1).all()


@pytest.mark.parametrize("changes", [{}, {"lora_rank": 2}, {"gradient_checkpointing": True}])
def test_sdxl_is_fine_tuned_and_diffusers_reads_it(images, large, requests, draw, tmp_path, changes):
    """What is left, put into diffusers' own pipeline, draws what the variant draws; the base drew something else."""
    sampling = {"sampling_steps": 3, "guidance": 2.0, "scheduler": "ddim"}
    tuned = LabelPrompts(steps=3, batch=4, learning_rate=0.05, **sampling, **changes)
    tuned.fit(images, large)
    theirs = StableDiffusionXLPipeline.from_pretrained(large.weights("base"))
    if "lora_rank" in changes:
        theirs.load_lora_weights(large.folder / "lora")
    else:
        theirs.unet = UNet2DConditionModel.from_pretrained(large.folder / "unet")
    theirs.scheduler = DDIMScheduler.from_config(theirs.scheduler.config)
    prompts = [f"histology image of {images.classes[label]} tissue" for label in requests.labels]
    expected = theirs(
        prompts, latents=noise(requests.seeds, (4, 8, 8)), num_inference_steps=3, guidance_scale=2.0, output_type="np"
    ).images  # fmt: skip
    found = draw(tuned, requests, large).images
    assert np.abs(found - expected * 255).max() <= 1
    untrained = draw(OffTheShelf(**sampling), requests, replace(large, folder=tmp_path)).images
    assert np.abs(found.astype(int) - untrained).max() > 5
