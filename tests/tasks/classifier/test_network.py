"""The classifier's network: its weights come from its generator alone, and each image is scored alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tasks.classifier.network import Network


def made(*, classes=2, width=8, seed=0):
    return Network(classes=classes, width=width, generator=torch.Generator().manual_seed(seed))


def images(count, size=16, seed=1):
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("classes", [1, 2, 5])
@pytest.mark.parametrize("size", [8, 16, 31, 96])
def test_one_logit_a_class_whatever_the_size(classes, size):
    """Of patches of eight pixels and more."""
    found = made(classes=classes)(images(4, size))
    assert found.shape == (4, classes)
    assert torch.isfinite(found).all()


def test_an_image_is_scored_alone():
    """The others of its batch do not matter: group normalization, not batch normalization, in training mode too."""
    network, batch = made(), images(6)
    with torch.no_grad():
        together = network(batch)
        alone = torch.cat([network(image[None]) for image in batch])
        beside_others = network(torch.cat([batch[:2], 30 * images(9, seed=2)]))[:2]
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(beside_others, alone[:2], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("size", [8, 32, 96])
def test_no_side_of_an_image_is_favored(size):
    """With kernels that are alike from all sides, an image turned or mirrored has the same score."""
    network = made()
    with torch.no_grad():
        for stage in network.stages:
            kernels = stage[0].weight
            turned = [torch.rot90(kernels, turns, dims=(2, 3)) for turns in range(4)]
            kernels.copy_(sum([*turned, *(kernel.flip(3) for kernel in turned)]) / 8)
        batch = images(3, size)
        for other in (torch.rot90(batch, 1, dims=(2, 3)), batch.flip(2), batch.flip(3)):
            torch.testing.assert_close(network(other), network(batch), rtol=1e-4, atol=1e-6)


def test_images_differ_in_their_scores():
    """No two of eight alike: the head is not all there is."""
    with torch.no_grad():
        found = made()(images(8))
    assert len({tuple(row) for row in found.tolist()}) == 8


def test_the_generator_decides_the_weights():
    """Equal seeds, equal bits; the next network from the same generator is another."""
    one, again, other = made(), made(), made(seed=1)
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, again.state_dict()[name])
    assert not torch.equal(one.stages[0][0].weight, other.stages[0][0].weight)
    generator = torch.Generator().manual_seed(0)
    first, second = (Network(classes=2, width=8, generator=generator) for _ in range(2))
    assert not torch.equal(first.stages[2][0].weight, second.stages[2][0].weight)


def test_the_global_generator_is_neither_used_nor_moved():
    """Whatever it stands at."""
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one = made()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert torch.equal(made().head.weight, one.head.weight)


def test_weights_are_drawn_as_he_et_al_draw_them():
    """Normal of variance 2 / fan-in; the head a tenth of that, its bias 0, so that training starts at even odds."""
    network = made(width=32, classes=50)
    fan_in = {"stages.0.0": 3 * 16, "stages.1.0": 32 * 16, "stages.2.0": 64 * 16}
    for name, count in fan_in.items():
        weight = network.get_submodule(name).weight.detach().numpy()
        assert weight.std() == pytest.approx((2 / count) ** 0.5, rel=0.08)
        assert abs(weight.mean()) < 4 * weight.std() / weight.size**0.5
        assert np.mean(np.abs(weight) < weight.std()) == pytest.approx(0.683, abs=0.05)
    assert network.head.weight.detach().numpy().std() == pytest.approx(0.1 * (2 / 128) ** 0.5, rel=0.08)
    assert torch.count_nonzero(network.head.bias) == 0


@pytest.mark.parametrize("width", [*range(1, 25), 33, 44])
def test_any_width_makes_a_network(width):
    """Each stage has twice the channels of the one before; the number of weights follows."""
    network = made(width=width, classes=3)
    assert [stage[0].out_channels for stage in network.stages] == [width, 2 * width, 4 * width]
    weights = 48 * width + 32 * width**2 + 128 * width**2 + 2 * 7 * width + 4 * width * 3 + 3
    assert sum(parameter.numel() for parameter in network.parameters()) == weights
    assert torch.isfinite(network(images(2, 8))).all()


@pytest.mark.parametrize(("width", "groups"), [(8, [1, 2, 4]), (16, [2, 4, 8]), (4, [1, 1, 2]), (7, [1, 1, 1])])
def test_channels_are_normalized_in_eights_where_they_divide(width, groups):
    """All together where they don't."""
    assert [stage[1].num_groups for stage in made(width=width).stages] == groups


def test_every_weight_learns():
    """A gradient reaches each."""
    network = made()
    torch.nn.functional.cross_entropy(network(images(8)), torch.arange(8) % 2).backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())
