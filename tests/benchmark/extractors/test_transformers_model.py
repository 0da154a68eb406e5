"""Vision transformers from a folder: real classes of transformers at toy size, weights made here."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import transformers

from benchmark.errors import UserError
from benchmark.extractors.transformers_model import TransformersModel

SIZE = 28


def saved(folder, model, draw):
    """A folder as the hub has them: configuration, image processor, tensors."""
    draw(model).eval().save_pretrained(folder)
    transformers.ViTImageProcessor(
        size={"height": SIZE, "width": SIZE}, resample=3, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]
    ).save_pretrained(folder)  # fmt: skip
    return folder


SMALL = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIZE, "patch_size": 7}


@pytest.fixture(scope="module")
def vit(draw, tmp_path_factory):
    """A DINO-like ViT without a pooler, as facebook/dino-vitb8 is."""
    model = transformers.ViTModel(
        transformers.ViTConfig(**SMALL, intermediate_size=48), add_pooling_layer=False
    )  # fmt: skip
    return saved(tmp_path_factory.mktemp("vit"), model, draw)


@pytest.fixture(scope="module")
def registers(draw, tmp_path_factory):
    """A DINOv2 with register tokens."""
    config = transformers.Dinov2WithRegistersConfig(**SMALL, mlp_ratio=2, num_register_tokens=3)
    return saved(tmp_path_factory.mktemp("dinov2"), transformers.Dinov2WithRegistersModel(config), draw)


@pytest.fixture(scope="module")
def clip(draw, tmp_path_factory):
    """A CLIP with its two halves, as openai/clip-vit-large-patch14-336 is."""
    vision = {**SMALL, "intermediate_size": 48, "projection_dim": 10}
    text = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "vocab_size": 50,
    }
    config = transformers.CLIPConfig(vision_config=vision, text_config=text, projection_dim=10)
    return saved(tmp_path_factory.mktemp("clip"), transformers.CLIPModel(config), draw)


def expected_of(folder, images, pick):
    """Features by transformers itself, as its documentation has it."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        return pick(model, processor(images=list(images), return_tensors="pt")["pixel_values"]).numpy()


def test_class_tokens_are_those_of_transformers(vit, tissue):
    """Of the last hidden state; images of any size go through the model's own processor."""
    images = tissue(3, 40)
    extractor = TransformersModel(vit)
    found = extractor.embed(images)
    wanted = expected_of(vit, images, lambda model, pixels: model(pixels).last_hidden_state[:, 0])
    assert found.shape == (3, extractor.width) == (3, 24)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert np.abs(wanted[0] - wanted[1]).max() > 0.05


def test_a_mean_of_patches_leaves_registers_out(registers, tissue):
    """They stand between the class token and the patches."""
    images = tissue(2, 28)
    found = TransformersModel(registers, output="mean-of-patches").embed(images)
    wanted = expected_of(registers, images, lambda model, pixels: model(pixels).last_hidden_state[:, 4:].mean(dim=1))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_an_image_embedding_is_clips_projection(clip, tissue):
    """What CMMD is defined on; the half for images alone, and its class token, can be had too."""
    images = tissue(2, 28)
    extractor = TransformersModel(clip, output="image-embedding")
    found = extractor.embed(images)
    assert extractor.width == 10
    embeds = transformers.CLIPVisionModelWithProjection.from_pretrained(clip).eval()
    processor = transformers.AutoImageProcessor.from_pretrained(clip)
    with torch.inference_mode():
        wanted = embeds(**processor(images=list(images), return_tensors="pt")).image_embeds.numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    with torch.inference_mode():
        pooled = embeds.vision_model(**processor(images=list(images), return_tensors="pt")).pooler_output.numpy()
    np.testing.assert_allclose(TransformersModel(clip).embed(images), pooled, rtol=1e-4, atol=1e-5)


def test_a_model_that_has_no_class_token_is_refused(draw, tissue, tmp_path):
    """SigLIP begins with a patch."""
    vision = {**SMALL, "intermediate_size": 48}
    model = transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**vision))
    with pytest.raises(UserError, match="a model of type 'siglip_vision_model' is not known to have a class token"):
        TransformersModel(saved(tmp_path, model, draw)).embed(tissue(1, 28))


def test_pixels_are_scaled_once(vit, tissue):
    """Scaled twice, images become nearly constant and features nearly equal: what the study's code did."""
    extractor = TransformersModel(vit)
    extractor.embed(tissue(1, 28))
    inputs = extractor._prepare(tissue(4, 28))
    assert inputs.std() > 0.3


@pytest.mark.parametrize(
    ("changed", "fed"),
    [
        (
            {"rescale_factor": 1 / 255**2},
            r"\(-2.1, -2.02, -1.79\), expected \(-2.12, -2.04, -1.8\) and \(2.25, 2.43, 2.64\)",
        ),
        ({"do_rescale": False}, r"\(1.11e\+03, 1.14e\+03, 1.13e\+03\), expected"),
        ({"rescale_factor": 1 / 255**2, "do_normalize": False}, r"\(0.00392, 0.00392, 0.00392\), expected"),
    ],
)
def test_pixels_that_would_be_scaled_twice_or_never_are_refused(vit, tissue, tmp_path, changed, fed):
    """The processor is asked what becomes of black and white before any image goes through the network."""
    for file in vit.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "preprocessor_config.json").read_text())
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config | changed))
    with pytest.raises(UserError, match=f"black and white pixels would reach the network as .* and {fed}"):
        TransformersModel(tmp_path).embed(tissue(1, 28))


def test_a_processor_that_does_not_normalize_is_no_mistake(vit, tissue, tmp_path):
    """Its network sees [0, 1]."""
    for file in vit.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "preprocessor_config.json").read_text())
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config | {"do_normalize": False}))
    assert TransformersModel(tmp_path).embed(tissue(1, 28)).shape == (1, 24)


def test_features_of_random_weights_are_not_computed(vit, tissue, tmp_path, draw):
    """A file that lacks tensors is refused; transformers alone would draw them and warn."""
    for name in ("config.json", "preprocessor_config.json"):
        (tmp_path / name).write_bytes((vit / name).read_bytes())
    from safetensors.torch import load_file, save_file

    tensors = load_file(vit / "model.safetensors")
    cut = {key: value for key, value in tensors.items() if "layernorm.bias" not in key}
    assert len(cut) == len(tensors) - 1
    save_file(cut, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"the file lacks 'layernorm\.bias' and 0 more; features of random weights"):
        TransformersModel(tmp_path).embed(tissue(1, 28))


def test_a_folder_that_is_none_of_transformers_is_named(tmp_path, tissue):
    """With the reason that transformers gives."""
    with pytest.raises(UserError, match=f"transformers cannot load the network in {tmp_path}"):
        TransformersModel(tmp_path).embed(tissue(1, 28))


def test_loading_says_nothing(vit, capfd):
    """A library's progress bars and its report of a pooler that is not used would stand in the midst of a run's."""
    opened = TransformersModel(vit)
    opened.to("cpu")
    opened.embed(np.zeros((1, 32, 32, 3), np.uint8))
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")
