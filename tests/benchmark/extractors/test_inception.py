"""The Inception network of FID: torch-fidelity's features, from the same file, at sizes where resizers differ."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch_fidelity
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from benchmark.errors import UserError
from benchmark.extractors import inception
from benchmark.extractors.inception import InceptionV3
from tasks.metrics import frechet, kernel_subsets

LAYERS = ["64", "192", "768", "2048", "logits_unbiased"]


@pytest.fixture(scope="module")
def peer(inception_weights):
    """torch-fidelity's extractor, the same weights in it, all layers in one pass."""
    path = str(inception_weights / "random.pth")
    return FeatureExtractorInceptionV3("peer", LAYERS, feature_extractor_weights_path=path)


def peer_features(peer, images):
    """torch-fidelity's features of images, by layer."""
    with torch.inference_mode():
        found = peer(torch.from_numpy(images).permute(0, 3, 1, 2))
    return {layer: one.numpy() for layer, one in zip(LAYERS, found, strict=True)}


@pytest.mark.parametrize("side", [32, 96, 224, 512])
def test_features_are_those_of_torch_fidelity(peer, inception_weights, tissue, side):
    """At sizes other than the network's own, where every resizer agrees and a test proves nothing."""
    images = tissue(3, side)
    expected = peer_features(peer, images)["2048"]
    found = InceptionV3(inception_weights).embed(images)
    assert found.shape == (3, 2048)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()
    # Images differ enough that a swap of two would be seen.
    assert np.abs(expected[0] - expected[1]).max() > 1e-2 * np.abs(expected).max()


def test_every_layer_is_its_own(peer, inception_weights, tissue):
    """By torch-fidelity's names; layers before the last need no more of the network than leads to them."""
    images = tissue(2, 48)
    for layer, expected in peer_features(peer, images).items():
        extractor = InceptionV3(inception_weights, layer=layer)
        found = extractor.embed(images)
        assert found.shape[1] == extractor.width == expected.shape[1]
        assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max(), layer


def test_another_resizer_would_be_seen(peer, inception_weights, tissue):
    """Antialiased resizing first moves the features of 96 pixels by far more than the tolerance."""
    images = tissue(2, 96)
    expected = peer_features(peer, images)["2048"]
    tensor = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    larger = torch.nn.functional.interpolate(tensor, size=299, mode="bilinear", antialias=True)
    rounded = larger.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    found = InceptionV3(inception_weights).embed(rounded)
    assert np.abs(found - expected).max() > 1e-3 * np.abs(expected).max()


def test_distances_from_images_are_those_of_torch_fidelity(inception_weights, tissue):
    """FID and KID of two sets of images, from pixels to the number, each library on its own path.

    At a narrow layer: the path is the same, and torch-fidelity's eigenvalues of 2,048 columns take half a minute.
    """
    real, synthetic = tissue(8, 40), 255 - tissue(7, 40)
    theirs = torch_fidelity.calculate_metrics(
        input1=Pictures(synthetic), input2=Pictures(real), fid=True, kid=True, kid_subsets=3, kid_subset_size=6,
        feature_extractor_weights_path=str(inception_weights / "random.pth"), cuda=False, verbose=False, batch_size=8,
        save_cpu_ram=True, feature_layer_fid="192", feature_layer_kid="192",
    )  # fmt: skip
    extractor = InceptionV3(inception_weights, layer="192")
    features = {"real": extractor.embed(real), "synthetic": extractor.embed(synthetic)}
    traces = sum(float(np.trace(np.cov(one, rowvar=False))) for one in features.values())
    distance = frechet.frechet_distance(**features)
    assert abs(distance - theirs["frechet_inception_distance"]) <= 1e-5 * traces
    subsets = kernel_subsets.kernel_subset_protocol(**features, subsets=3, subset_size=6)
    assert subsets.mean == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-4)


class Pictures(torch.utils.data.Dataset):
    """Images as torch-fidelity takes them."""

    def __init__(self, images):
        self.images = images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, position):
        return torch.from_numpy(self.images[position]).permute(2, 0, 1)


def test_lower_precision_drifts_a_little(inception_weights, tissue):
    """bfloat16 has eight bits: about half a per cent here, float32 out either way."""
    images = tissue(2, 64)
    low = InceptionV3(inception_weights, dtype="bfloat16")
    exact = low.in_float32().embed(images)
    found = low.embed(images)
    assert found.dtype == np.float32
    drift = np.abs(found - exact).max() / np.abs(exact).max()
    assert 1e-4 < drift < 3e-2
    assert np.array_equal(exact, InceptionV3(inception_weights).embed(images))


def test_weights_of_another_network_are_refused(tmp_path, inception_weights, tissue):
    """What the file lacks is named; no layer keeps its random start."""
    tensors = torch.load(inception_weights / "random.pth", weights_only=True)
    del tensors["Mixed_7c.branch_pool.conv.weight"]
    torch.save(tensors, tmp_path / "cut.pth")
    with pytest.raises(UserError, match=r"cut\.pth does not fit this network: it lacks 'Mixed_7c\.branch_pool\.conv"):
        InceptionV3(tmp_path).embed(tissue(1, 32))


def test_a_folder_with_two_networks_or_none_is_refused(tmp_path, tissue):
    """Which of them is meant is not guessed."""
    with pytest.raises(UserError, match="expected one file of weights .* found none"):
        InceptionV3(tmp_path).embed(tissue(1, 32))
    for name in ("a.pth", "b.pth"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(UserError, match=r"found a\.pth, b\.pth"):
        InceptionV3(tmp_path).embed(tissue(1, 32))


def test_folding_changes_no_feature(draw, tissue):
    """Batch normalization folded into convolutions is the same function."""
    network = draw(inception.Trunk("192")).eval()
    inputs = torch.randn(2, 3, 80, 80, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        before = network(inputs)
        after = inception.fold(network)(inputs)
    assert not any(isinstance(one, torch.nn.BatchNorm2d) for one in network.modules())
    torch.testing.assert_close(after, before, rtol=1e-5, atol=1e-5)
