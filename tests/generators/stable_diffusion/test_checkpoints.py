"""Checkpoints: what comes back is what was put in, bit for bit, or what was there before."""

from __future__ import annotations

import json

import pytest
import safetensors
import torch
from diffusers import UNet2DConditionModel

from generators.stable_diffusion import checkpoints


def build(toy_pipeline):
    """A network with its optimizer and an average, as a training begins."""
    unet = UNet2DConditionModel.from_pretrained(toy_pipeline / "unet").train()
    optimizer = torch.optim.AdamW(unet.parameters(), lr=1e-3, weight_decay=0.01)
    return unet, optimizer, {name: tensor.clone() for name, tensor in unet.state_dict().items()}


def step(unet, optimizer, average, number):
    """Take one optimizer step on inputs of that number; let the average follow."""
    generator = torch.Generator().manual_seed(number)
    noisy, text = torch.randn(2, 4, 8, 8, generator=generator), torch.randn(2, 5, 16, generator=generator)
    optimizer.zero_grad()
    unet(noisy, torch.tensor([3, 700]), text).sample.square().mean().backward()
    optimizer.step()
    for name, tensor in unet.state_dict().items():
        average[name].lerp_(tensor, 0.25)


def everything(unet, optimizer, average):
    """All that a training goes on from, by name."""
    state = {f"unet/{name}": tensor.clone() for name, tensor in unet.state_dict().items()}
    state |= {f"average/{name}": tensor.clone() for name, tensor in average.items()}
    for number, moments in optimizer.state_dict()["state"].items():
        state |= {f"{number}/{name}": tensor.clone() for name, tensor in moments.items()}
    return state


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def stopped(toy_pipeline, tmp_path):
    """A training of three steps with a checkpoint after the third."""
    training = build(toy_pipeline)
    for number in range(3):
        step(*training, number)
    checkpoints.save(tmp_path, *training, 3)
    return training


def test_all_comes_back(stopped, toy_pipeline, tmp_path):
    """Weights, average, both moments and the count of AdamW, and the number of steps."""
    again = build(toy_pipeline)
    before = everything(*again)
    assert checkpoints.restore(tmp_path, *again) == 3
    assert same(everything(*stopped), everything(*again))
    kinds = {name.rpartition("/")[2] for name in everything(*again).keys() - before.keys()}
    assert kinds == {"step", "exp_avg", "exp_avg_sq"}
    assert not same(before, everything(*again))


def test_what_follows_is_what_would_have_followed(stopped, toy_pipeline, tmp_path):
    """Two more steps end in the same bits."""
    again = build(toy_pipeline)
    checkpoints.restore(tmp_path, *again)
    for training in (stopped, again):
        for number in (3, 4):
            step(*training, number)
    assert same(everything(*stopped), everything(*again))


def test_without_a_checkpoint_nothing_changes(toy_pipeline, tmp_path):
    """No step is done, and everything is as it was; what a killed save left aside is no checkpoint."""
    (tmp_path / "training.safetensors.part").write_bytes(b"half")
    training = build(toy_pipeline)
    before = everything(*training)
    assert checkpoints.restore(tmp_path, *training) == 0
    assert same(before, everything(*training))


def test_the_last_checkpoint_counts(stopped, toy_pipeline, tmp_path):
    """It takes the place of the one before; nothing lies beside it."""
    step(*stopped, 3)
    checkpoints.save(tmp_path, *stopped, 4)
    again = build(toy_pipeline)
    assert checkpoints.restore(tmp_path, *again) == 4
    assert same(everything(*stopped), everything(*again))
    assert [path.name for path in tmp_path.iterdir()] == ["training.safetensors"]


@pytest.mark.parametrize("where", ["save_file", "sync"])
def test_a_save_that_is_killed_leaves_the_one_before(stopped, toy_pipeline, tmp_path, monkeypatch, where):
    """While it is written, and before it is on the disk."""
    expected = everything(*stopped)
    step(*stopped, 3)

    def killed(*arguments):
        if where == "save_file":
            arguments[1].write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoints if where == "save_file" else checkpoints.atomic, where, killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(tmp_path, *stopped, 4)
    again = build(toy_pipeline)
    assert checkpoints.restore(tmp_path, *again) == 3
    assert same(expected, everything(*again))


def test_it_is_plain_safetensors(stopped, tmp_path):
    """Tensors by name and the step as text: no pickle."""
    with safetensors.safe_open(tmp_path / "training.safetensors", "pt") as stored:
        assert json.loads(stored.metadata()["step"]) == 3
        names = set(stored.keys())
    parameters = len(stopped[0].state_dict())
    assert {name.partition("/")[0] for name in names} == {"unet", "average", "optimizer"}
    assert len(names) == 2 * parameters + 3 * len(list(stopped[0].parameters()))


def test_weights_that_are_not_contiguous_are_kept(toy_pipeline, tmp_path):
    """Channels last, as faster kernels like them."""
    training = build(toy_pipeline)
    training[0].to(memory_format=torch.channels_last)
    step(*training, 0)
    checkpoints.save(tmp_path, *training, 1)
    again = build(toy_pipeline)
    assert checkpoints.restore(tmp_path, *again) == 1
    assert same(everything(*training), everything(*again))
