"""Checkpoints: what comes back is what was put in, bit for bit, or what was there before."""

from __future__ import annotations

import json

import pytest
import safetensors
import torch
from diffusers import UNet2DConditionModel

from generators.stable_diffusion import checkpoints
from generators.stable_diffusion.checkpoints import State


def build(toy_pipeline):
    """A network with its state, as a training begins."""
    unet = UNet2DConditionModel.from_pretrained(toy_pipeline / "unet").train()
    weights = dict(unet.named_parameters())
    return unet, State(
        weights=weights, average={name: tensor.detach().clone() for name, tensor in weights.items()},
        optimizer=torch.optim.AdamW(unet.parameters(), lr=1e-3, weight_decay=0.01),
        scaler=torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=2),
    )  # fmt: skip


def step(unet, state, number):
    """Take one optimizer step on inputs of that number; let scale and average follow."""
    generator = torch.Generator().manual_seed(number)
    noisy, text = torch.randn(2, 4, 8, 8, generator=generator), torch.randn(2, 5, 16, generator=generator)
    state.optimizer.zero_grad()
    state.scaler.scale(unet(noisy, torch.tensor([3, 700]), text).sample.square().mean()).backward()
    state.scaler.step(state.optimizer)
    state.scaler.update()
    for name, tensor in state.weights.items():
        state.average[name].lerp_(tensor.detach(), 0.25)
    state.step, state.skipped = number + 1, 2 * number


def everything(unet, state):
    """All that a training goes on from, by name."""
    found = {f"weights/{name}": tensor.clone() for name, tensor in unet.state_dict().items()}
    found |= {f"average/{name}": tensor.clone() for name, tensor in state.average.items()}
    for number, moments in state.optimizer.state_dict()["state"].items():
        found |= {f"{number}/{name}": tensor.clone() for name, tensor in moments.items()}
    scaler = state.scaler.state_dict()
    plain = {"done": state.step, "skipped": state.skipped, "scale": scaler["scale"], "sound": scaler["_growth_tracker"]}
    return found | {f"plain/{name}": torch.tensor(value) for name, value in plain.items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def stopped(toy_pipeline, tmp_path):
    """A training of three steps with a checkpoint after the third."""
    training = build(toy_pipeline)
    for number in range(3):
        step(*training, number)
    checkpoints.save(tmp_path, training[1])
    return training


def test_all_comes_back(stopped, toy_pipeline, tmp_path):
    """Weights, average, both moments and the count of AdamW, and the number of steps."""
    again = build(toy_pipeline)
    before = everything(*again)
    checkpoints.restore(tmp_path, again[1])
    assert again[1].step == 3
    assert same(everything(*stopped), everything(*again))
    kinds = {name.rpartition("/")[2] for name in everything(*again).keys() - before.keys()}
    assert kinds == {"step", "exp_avg", "exp_avg_sq"}
    # Two sound steps, and the scale has grown.
    assert again[1].scaler.get_scale() == 2048.0
    assert not same(before, everything(*again))


def test_what_follows_is_what_would_have_followed(stopped, toy_pipeline, tmp_path):
    """Two more steps end in the same bits."""
    again = build(toy_pipeline)
    checkpoints.restore(tmp_path, again[1])
    for training in (stopped, again):
        for number in (3, 4):
            step(*training, number)
    assert same(everything(*stopped), everything(*again))


def test_without_a_checkpoint_nothing_changes(toy_pipeline, tmp_path):
    """No step is done, and everything is as it was; what a killed save left aside is no checkpoint."""
    (tmp_path / "training.safetensors.part").write_bytes(b"half")
    training = build(toy_pipeline)
    before = everything(*training)
    checkpoints.restore(tmp_path, training[1])
    assert training[1].step == 0
    assert same(before, everything(*training))


def test_the_last_checkpoint_counts(stopped, toy_pipeline, tmp_path):
    """It takes the place of the one before; nothing lies beside it."""
    step(*stopped, 3)
    checkpoints.save(tmp_path, stopped[1])
    again = build(toy_pipeline)
    checkpoints.restore(tmp_path, again[1])
    assert again[1].step == 4
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
        checkpoints.save(tmp_path, stopped[1])
    again = build(toy_pipeline)
    checkpoints.restore(tmp_path, again[1])
    assert again[1].step == 3
    assert same(expected, everything(*again))


def test_it_is_plain_safetensors(stopped, tmp_path):
    """Tensors by name and the step as text: no pickle."""
    with safetensors.safe_open(tmp_path / "training.safetensors", "pt") as stored:
        assert json.loads(stored.metadata()["about"])["step"] == 3
        names = set(stored.keys())
    parameters = len(stopped[0].state_dict())
    assert {name.partition("/")[0] for name in names} == {"weights", "average", "optimizer"}
    assert len(names) == 2 * parameters + 3 * len(list(stopped[0].parameters()))


def test_weights_that_are_not_contiguous_are_kept(toy_pipeline, tmp_path):
    """Channels last, as faster kernels like them."""
    training = build(toy_pipeline)
    training[0].to(memory_format=torch.channels_last)
    step(*training, 0)
    checkpoints.save(tmp_path, training[1])
    again = build(toy_pipeline)
    checkpoints.restore(tmp_path, again[1])
    assert again[1].step == 1
    assert same(everything(*training), everything(*again))


class Counting(torch.optim.Optimizer):
    """Keeps what an optimizer of 8 bits does: whole numbers, bytes, and a table that all weights share."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": 0.1})
        self.table = torch.arange(4.0)

    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                kept = self.state[parameter]
                kept["step"] = kept.get("step", 0) + 1
                kept["qmap1"] = self.table
                kept["state1"] = torch.full_like(parameter, kept["step"], dtype=torch.uint8)


def test_an_optimizer_of_eight_bits_comes_back(tmp_path):
    """Numbers stay numbers and bytes bytes, whatever shares memory."""

    def begun():
        weights = {name: torch.nn.Parameter(torch.ones(3)) for name in "ab"}
        state = State(weights, {}, Counting(weights.values()), SCALER)
        return weights, state

    _, state = begun()
    state.optimizer.step()
    state.optimizer.step()
    state.step = 2
    checkpoints.save(tmp_path, state)
    _, again = begun()
    checkpoints.restore(tmp_path, again)
    for kept in again.optimizer.state.values():
        assert kept["step"] == 2
        assert isinstance(kept["step"], int)
        assert kept["qmap1"].tolist() == [0, 1, 2, 3]
    raw = again.optimizer.state_dict()["state"]
    assert [one["state1"].tolist() for one in raw.values()] == [[2, 2, 2]] * 2
    assert again.average == {}


SCALER = torch.amp.GradScaler("cpu", enabled=False)
