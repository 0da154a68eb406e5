"""Training: what is learned from, what the epoch is chosen on, and that nothing else decides."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from benchmark import seeds
from benchmark.contracts.images import ArraySource
from benchmark.errors import UserError
from tasks.classifier import training
from tasks.classifier.network import Network
from tasks.classifier.training import Recipe, scores, tensors, train

RECIPE = Recipe(epochs=4, batch=8, learning_rate=3e-3, width=8, validation=0.2)


class Seen(NamedTuple):
    """One evaluation of the loss, as it was."""

    learning: bool
    pixels: torch.Tensor
    labels: torch.Tensor
    loss: float

    @property
    def names(self) -> list[int]:
        """The sum of each image's pixels, which no turn changes and no two images share."""
        return [round(float(value)) for value in ((self.pixels.double() + 1) * 127.5).sum(dim=(1, 2, 3))]


@pytest.fixture
def seen(monkeypatch):
    """All evaluations of the loss; the loss itself is the real one."""
    found: list[Seen] = []
    loss = training._loss

    def watched(network, pixels, labels):
        value = loss(network, pixels, labels)
        found.append(Seen(not torch.is_inference_mode_enabled(), pixels.clone(), labels.clone(), float(value.detach())))
        return value

    monkeypatch.setattr(training, "_loss", watched)
    return found


def bits(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(first, second):
    return all(torch.equal(tensor, second[name]) for name, tensor in first.items())


def area(images, test, *, seed=0):
    """The area under the curve on test images of a classifier trained on other images."""
    logits = scores(train(images, RECIPE, seed=seed, device="cpu"), test, device="cpu")
    return roc_auc_score(test.labels, logits[:, 1] - logits[:, 0])


def test_useful_labels_are_learned(patches):
    """Scores of fresh images tell the classes apart."""
    assert area(patches(80, 0), patches(100, 1)) > 0.95


def test_labels_that_mean_nothing_teach_nothing(patches):
    """One set of them may fall out either way; twelve average to one half, within what chance allows."""
    test = patches(100, 1)
    found = [area(patches(80, 10 + number, told=False), test, seed=number) for number in range(12)]
    assert np.mean(found) == pytest.approx(0.5, abs=3.1 * np.std(found, ddof=1) / 12**0.5)
    assert np.std(found, ddof=1) < 0.4


def test_validation_images_are_never_learned_from(patches, seen):
    """Every epoch shows each of the others once, and then the same fifth unturned."""
    images = patches(42, 0)
    train(images, RECIPE, seed=3, device="cpu")
    names = {name for one in seen for name in one.names}
    assert len(names) == 42
    held = set(next(one for one in seen if not one.learning).names)
    assert len(held) == round(0.2 * 42)
    epochs, shown = [], []
    for one in seen:
        if one.learning:
            assert len(one.names) <= 8
            shown += one.names
        else:
            assert set(one.names) == held
            epochs.append(shown)
            shown = []
    assert len(epochs) == 4
    assert shown == []
    for shown in epochs:
        assert sorted(shown) == sorted(names - held)
    assert len({tuple(shown) for shown in epochs}) == 4


def test_validation_and_training_split_at_random(patches, seen):
    """Another seed, another split: not the first rows, which may be of one class or slide."""
    images = patches(40, 0)
    held = []
    for seed in range(3):
        seen.clear()
        train(images, replace(RECIPE, epochs=1), seed=seed, device="cpu")
        held.append(frozenset(seen[-1].names))
    assert len(set(held)) == 3
    first = frozenset(Seen(False, tensors(images, "cpu")[0][:8], torch.zeros(8), 0.0).names)
    assert first not in held


def test_labels_stay_with_their_images(patches, seen):
    """In training batches and in validation."""
    images = patches(40, 0)
    pixels, labels = tensors(images, "cpu")
    label_of = dict(zip(Seen(False, pixels, labels, 0.0).names, labels.tolist(), strict=True))
    train(images, RECIPE, seed=0, device="cpu")
    for one in seen:
        assert one.labels.tolist() == [label_of[name] for name in one.names]


def test_batches_are_turned_and_mirrored_and_nothing_else(patches, seen):
    """All eight positions turn up; validation images are upright."""
    images = patches(40, 0)
    pixels, labels = tensors(images, "cpu")
    upright = dict(zip(Seen(False, pixels, labels, 0.0).names, pixels, strict=True))
    train(images, replace(RECIPE, epochs=12), seed=0, device="cpu")
    positions = set()
    for one in seen:
        original = torch.stack([upright[name] for name in one.names])
        matches = [
            (turns, mirrored)
            for turns in range(4)
            for mirrored in (False, True)
            if torch.equal(one.pixels, _turned(original, turns, mirrored))
        ]
        assert len(matches) == 1
        if one.learning:
            positions.add(matches[0])
        else:
            assert matches == [(0, False)]
    assert len(positions) == 8


def _turned(pixels, turns, mirrored):
    """The batch turned by NumPy: quarter turns of rows and columns, then columns reversed."""
    turned = np.rot90(pixels.numpy(), turns, axes=(2, 3))
    return torch.from_numpy(np.ascontiguousarray(turned[..., ::-1] if mirrored else turned))


def test_the_epoch_of_least_validation_loss_is_kept(patches, seen):
    """Not the last: with a rate this high the best epoch comes earlier, and its network comes back."""
    images = patches(40, 5, told=False)
    network = train(images, replace(RECIPE, epochs=10, learning_rate=0.05), seed=2, device="cpu")
    validation = [one for one in seen if not one.learning]
    losses = [one.loss for one in validation]
    assert int(np.argmin(losses)) < 9
    with torch.no_grad():
        found = torch.nn.functional.cross_entropy(network(validation[-1].pixels), validation[-1].labels)
    assert float(found) == pytest.approx(min(losses), rel=1e-6)
    assert losses[-1] > 1.01 * min(losses)


def test_steps_follow_one_cycle_of_adamw(patches, monkeypatch):
    """As many as batches of all epochs, the short one counted; the peak is the recipe's rate."""
    made, rates = [], []

    class Watched(torch.optim.lr_scheduler.OneCycleLR):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            made.append(self)

        def step(self, *arguments):
            super().step(*arguments)
            rates.append(self.get_last_lr()[0])

    monkeypatch.setattr(torch.optim.lr_scheduler, "OneCycleLR", Watched)
    train(patches(42, 0), replace(RECIPE, epochs=3), seed=0, device="cpu")
    (schedule,) = made
    assert isinstance(schedule.optimizer, torch.optim.AdamW)
    # 34 images in batches of 8, three times.
    assert schedule.last_epoch == schedule.total_steps == 15
    assert max(rates) == pytest.approx(3e-3, rel=0.05)
    # The rate set after the last step is never used.
    assert rates[-2] < 1e-2 * max(rates)


def test_one_epoch_is_what_it_would_be_step_by_step(patches, seen):
    """The batches that were shown, each with gradients of its own, from the weights that the seed gives."""
    images = patches(42, 0)
    found = train(images, replace(RECIPE, epochs=1), seed=4, device="cpu")
    generator = torch.Generator().manual_seed(seeds.derive(4, "classifier"))
    torch.randperm(42, generator=generator)
    network = Network(classes=2, width=8, generator=generator)
    batches = [one for one in seen if one.learning]
    weights = list(network.parameters())
    optimizer = torch.optim.AdamW(weights, lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=len(batches))
    for one in batches:
        loss = torch.nn.functional.cross_entropy(network(one.pixels), one.labels)
        for weight, gradient in zip(weights, torch.autograd.grad(loss, weights), strict=True):
            weight.grad = gradient
        optimizer.step()
        schedule.step()
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(found.state_dict()[name], tensor, rtol=1e-5, atol=1e-7)


def test_the_seed_decides_every_bit(patches):
    """Neither PyTorch's nor NumPy's global state does, nor is either moved."""
    images = patches(30, 0)
    recipe = replace(RECIPE, epochs=2)
    torch.manual_seed(1)
    before, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first = bits(train(images, recipe, seed=7, device="cpu"))
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
    torch.manual_seed(2)
    assert same(first, bits(train(images, recipe, seed=7, device="cpu")))
    assert not same(first, bits(train(images, recipe, seed=8, device="cpu")))


@pytest.mark.parametrize("name", ["epochs", "batch", "learning_rate", "width", "validation"])
def test_every_line_of_the_recipe_changes_something(name, patches):
    """No dead option."""
    images = patches(30, 0)
    recipe = Recipe(epochs=2, batch=8, learning_rate=3e-3, width=8, validation=0.2)
    other = replace(recipe, **{name: {"width": 4, "validation": 0.4}.get(name, 2 * getattr(recipe, name))})
    one, two = (scores(train(images, chosen, seed=0, device="cpu"), images, device="cpu") for chosen in (recipe, other))
    assert not np.array_equal(one, two)


@pytest.mark.parametrize(("count", "validation", "held"), [(10, 0.2, 2), (10, 0.26, 3), (10, 0.0, 1), (2, 0.2, 1)])
def test_one_image_at_least_is_held_out(count, validation, held, patches, seen):
    """Else there is nothing to choose on."""
    train(patches(count, 0), replace(RECIPE, epochs=1, validation=validation), seed=0, device="cpu")
    assert len(seen[-1].names) == held
    assert sum(len(one.names) for one in seen if one.learning) == count - held


@pytest.mark.parametrize(("count", "validation"), [(1, 0.2), (10, 1.0), (10, 0.96)])
def test_nothing_to_learn_from_is_refused(count, validation, patches):
    """Rather than a network of NaN."""
    said = rf"Of {count} training image\(s\) {count} are kept for choosing the epoch, none is left to learn from"
    with pytest.raises(UserError, match=said):
        train(patches(count, 0), replace(RECIPE, validation=validation), seed=0, device="cpu")


def test_as_many_outputs_as_classes(patches):
    """Also where some class has no image."""
    images = replace(patches(20, 0), classes=("a", "b", "c", "d"))
    network = train(images, replace(RECIPE, epochs=1), seed=0, device="cpu")
    assert scores(network, images, device="cpu").shape == (20, 4)


def test_tensors_are_the_pixels_between_minus_one_and_one(patches):
    """0 to -1, 255 to 1; channels first, rows and columns not swapped; labels as they are."""
    images = patches(4, 0)
    pixels = images.source.pixels.copy()
    pixels[1, 2, 5] = (0, 255, 51)
    found, labels = tensors(replace(images, source=ArraySource(pixels)), "cpu")
    assert found.dtype == torch.float32
    assert found.shape == (4, 3, 8, 8)
    assert found[1, :, 2, 5].tolist() == pytest.approx([-1.0, 1.0, -0.6])
    np.testing.assert_allclose(found.numpy(), pixels.transpose(0, 3, 1, 2) / 127.5 - 1, atol=1e-6)
    assert labels.tolist() == images.labels.tolist()


def test_tensors_follow_the_rows_of_the_images(patches):
    """A part, in its own order."""
    images = patches(600, 0)
    part = images.take(np.array([599, 3, 511, 512]), digest="part")
    whole, _ = tensors(images, "cpu")
    found, labels = tensors(part, "cpu")
    assert torch.equal(found, whole[[599, 3, 511, 512]])
    assert labels.tolist() == [1, 1, 1, 0]


class Counting:
    """Pixels in memory that note how many are asked for at once."""

    def __init__(self, pixels):
        self.pixels, self.asked = pixels, []

    def read(self, rows):
        self.asked.append(len(rows))
        return self.pixels[rows]


def test_scores_are_the_networks_logits_in_order(patches):
    """Float64, read in blocks, one row an image whatever the block it came in."""
    images = patches(1030, 0)
    source = Counting(images.source.pixels)
    network = Network(classes=2, width=4, generator=torch.Generator().manual_seed(0))
    found = scores(network, replace(images, source=source), device="cpu")
    assert found.dtype == np.float64
    assert found.shape == (1030, 2)
    assert source.asked == [512, 512, 6]
    with torch.no_grad():
        expected = network(tensors(images.take(np.array([0, 511, 512, 1029]), digest=""), "cpu")[0])
    np.testing.assert_allclose(found[[0, 511, 512, 1029]], expected.numpy(), rtol=1e-4, atol=1e-6)
