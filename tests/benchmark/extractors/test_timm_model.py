"""Networks of timm from a folder: real architectures at toy size, weights made here."""

from __future__ import annotations

import json

import numpy as np
import pytest
import timm
import torch
from PIL import Image
from safetensors.torch import save_file

from benchmark.errors import UserError
from benchmark.extractors.timm_model import TimmModel

VIT = {"img_size": 28, "patch_size": 7, "embed_dim": 24, "depth": 2, "num_heads": 2, "reg_tokens": 2}


@pytest.fixture(scope="module")
def vit(draw, tmp_path_factory):
    """A folder with a small ViT that has register tokens, its classifier among the tensors."""
    folder = tmp_path_factory.mktemp("timm")
    save_file(draw(timm.create_model("vit_tiny_patch16_224", **VIT)).state_dict(), folder / "model.safetensors")
    return folder


def expected_of(folder, images, pick, **config):
    """Features by timm itself, as its documentation has it."""
    model = timm.create_model("vit_tiny_patch16_224", num_classes=0, **VIT).eval()
    timm.models.load_checkpoint(model, str(folder / "model.safetensors"), strict=False)
    wanted = {**timm.data.resolve_model_data_config(model), "input_size": (3, 28, 28), **config}
    transform = timm.data.create_transform(**wanted, is_training=False)
    with torch.inference_mode():
        return pick(model, torch.stack([transform(Image.fromarray(image)) for image in images])).numpy()


PICKS = {
    "pooled": lambda model, pixels: model(pixels),
    "class-token": lambda model, pixels: model.forward_features(pixels)[:, 0],
    "class-and-patches": lambda model, pixels: torch.cat(
        [model.forward_features(pixels)[:, 0], model.forward_features(pixels)[:, 3:].mean(dim=1)], dim=1
    ),
}


@pytest.mark.parametrize("output", PICKS)
def test_features_are_those_of_timm(vit, tissue, output):
    """Through timm's own evaluation transform; register tokens are no patches."""
    images = tissue(3, 40)
    extractor = TimmModel(vit, model="vit_tiny_patch16_224", arguments=VIT, output=output)
    found = extractor.embed(images)
    wanted = expected_of(vit, images, PICKS[output])
    assert found.shape == (3, extractor.width)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert np.abs(wanted[0] - wanted[1]).max() > 0.05


def test_a_normalization_of_ones_own_is_used(vit, tissue):
    """As some pathology encoders want another than their configuration says."""
    images = tissue(2, 28)
    own = {"mean": (0.7, 0.58, 0.7), "std": (0.21, 0.23, 0.18)}
    found = TimmModel(vit, model="vit_tiny_patch16_224", arguments=VIT, **own).embed(images)
    np.testing.assert_allclose(found, expected_of(vit, images, PICKS["pooled"], **own), rtol=1e-4, atol=1e-5)
    assert np.abs(found - expected_of(vit, images, PICKS["pooled"])).max() > 0.01


def test_a_folder_may_say_its_architecture(draw, tissue, tmp_path):
    """As a repository of the hub does in config.json; a convolutional network's features are pooled."""
    model = timm.create_model("resnet10t", num_classes=3)
    torch.save(draw(model).state_dict(), tmp_path / "pytorch_model.bin")
    config = {
        "architecture": "resnet10t",
        "num_classes": 3,
        "pretrained_cfg": {"input_size": [3, 32, 32], "classifier": "fc"},
    }
    (tmp_path / "config.json").write_text(json.dumps(config))
    extractor = TimmModel(tmp_path)
    found = extractor.embed(tissue(2, 32))
    assert found.shape == (2, extractor.width) == (2, 512)
    with pytest.raises(UserError, match="this network has no class token. Choose 'pooled'"):
        TimmModel(tmp_path, output="class-token").embed(tissue(1, 32))


def test_the_folders_configuration_says_how_images_go_in(vit, tissue, tmp_path):
    """Not the architecture's usual one; a parameter that names another architecture is refused."""
    (tmp_path / "model.safetensors").write_bytes((vit / "model.safetensors").read_bytes())
    own = {
        "input_size": [3, 28, 28],
        "mean": [0.7, 0.6, 0.7],
        "std": [0.2, 0.2, 0.2],
        "interpolation": "bilinear",
        "crop_pct": 1.0,
    }
    config = {"architecture": "vit_tiny_patch16_224", "num_classes": 0, "pretrained_cfg": {**own, "classifier": "head"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    images = tissue(2, 40)
    wanted = expected_of(vit, images, PICKS["pooled"], **{**own, "input_size": (3, 28, 28)})
    for model in (None, "vit_tiny_patch16_224"):
        found = TimmModel(tmp_path, model=model, arguments=VIT).embed(images)
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    with pytest.raises(UserError, match="is of 'vit_tiny_patch16_224', 'model' is 'resnet10t'. Leave one out"):
        TimmModel(tmp_path, model="resnet10t").embed(images)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="is no configuration of timm"):
        TimmModel(tmp_path).embed(images)


def test_a_network_without_a_class_token_gives_none(draw, tissue, tmp_path):
    """Its first token is a patch."""
    bare = {**VIT, "class_token": False, "reg_tokens": 0, "global_pool": "avg"}
    save_file(draw(timm.create_model("vit_tiny_patch16_224", **bare)).state_dict(), tmp_path / "model.safetensors")
    given = {"model": "vit_tiny_patch16_224", "arguments": bare}
    assert TimmModel(tmp_path, **given).embed(tissue(1, 28)).shape == (1, 24)
    for output in ("class-token", "class-and-patches"):
        with pytest.raises(UserError, match="this network has no class token"):
            TimmModel(tmp_path, output=output, **given).embed(tissue(1, 28))


def test_layers_may_be_named(draw, tissue, tmp_path):
    """As UNI2-h and Virchow2 need: a gated feed-forward layer, and its activation."""
    named = {**VIT, "mlp_layer": "SwiGLUPacked", "act_layer": "SiLU", "mlp_ratio": 5.33334, "init_values": 1e-5}
    meant = {**named, "mlp_layer": timm.layers.SwiGLUPacked, "act_layer": torch.nn.SiLU}
    save_file(draw(timm.create_model("vit_tiny_patch16_224", **meant)).state_dict(), tmp_path / "model.safetensors")
    extractor = TimmModel(tmp_path, model="vit_tiny_patch16_224", arguments=named)
    assert np.isfinite(extractor.embed(tissue(1, 28))).all()
    assert isinstance(extractor.module.blocks[0].mlp, timm.layers.GluMlp)


def test_what_does_not_fit_is_named(vit, tissue, tmp_path):
    """No file, an unknown architecture, tensors of another network."""
    with pytest.raises(UserError, match=r"expected model\.safetensors or pytorch_model\.bin"):
        TimmModel(tmp_path, model="resnet10t").embed(tissue(1, 28))
    with pytest.raises(UserError, match="timm cannot build 'resnet10tt'"):
        TimmModel(vit, model="resnet10tt").embed(tissue(1, 28))
    with pytest.raises(UserError, match=r"model\.safetensors does not fit this network"):
        TimmModel(vit, model="vit_tiny_patch16_224", arguments={**VIT, "depth": 3}).embed(tissue(1, 28))
    with pytest.raises(UserError, match="timm cannot build"):
        TimmModel(vit, model="vit_tiny_patch16_224", arguments={"dpth": 3}).embed(tissue(1, 28))
