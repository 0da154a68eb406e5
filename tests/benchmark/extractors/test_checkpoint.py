"""Tensors from files: safetensors, or a PyTorch file that holds nothing else."""

from __future__ import annotations

import pickle

import pytest
import safetensors.torch
import torch
from torch import nn

from benchmark.errors import UserError
from benchmark.extractors import checkpoint


class Bomb:
    """Runs a command where a pickle is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def net():
    """A small network."""
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))


@pytest.mark.parametrize("suffix", [".safetensors", ".pth", ".bin"])
def test_both_formats_hold_the_same(tmp_path, suffix):
    """What is read is what was written, and a network computes with it."""
    source, path = net(), tmp_path / f"w{suffix}"
    (safetensors.torch.save_file if suffix == ".safetensors" else torch.save)(source.state_dict(), path)
    target = net()
    checkpoint.load(target, checkpoint.read(path), path=path)
    inputs = torch.ones(1, 2)
    assert torch.equal(target(inputs), source(inputs))


def test_code_in_a_file_is_not_run(tmp_path):
    """A pickle is refused, and what it would have done is not done."""
    path, trace = tmp_path / "w.pth", tmp_path / "trace"
    torch.save({"weight": Bomb(trace)}, path)
    with pytest.raises(UserError, match=r"w\.pth holds more than tensors, and code from a file is not run"):
        checkpoint.read(path)
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(UserError, match=r"plain\.pth"):
        checkpoint.read(tmp_path / "plain.pth")
    assert not trace.exists()


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_damaged_file_is_named(tmp_path, suffix):
    """Cut short, or not there."""
    path = tmp_path / f"w{suffix}"
    with pytest.raises(UserError, match=f"w{suffix} cannot be read as weights"):
        checkpoint.read(path)
    (safetensors.torch.save_file if suffix == ".safetensors" else torch.save)(net().state_dict(), path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UserError, match=f"w{suffix}"):
        checkpoint.read(path)


def test_what_is_no_dictionary_of_tensors_is_refused(tmp_path):
    """A list of tensors has no names."""
    torch.save([torch.ones(1)], tmp_path / "w.pth")
    with pytest.raises(UserError, match="expected a dictionary of tensors"):
        checkpoint.read(tmp_path / "w.pth")


def test_no_parameter_keeps_its_random_start(tmp_path):
    """A missing, a surplus and an ill-shaped tensor are refused by name; surplus ones may be declared."""
    tensors = net().state_dict()
    where = {"path": tmp_path / "w.pth"}
    with pytest.raises(UserError, match=r"w\.pth does not fit this network: it lacks '1\.bias'"):
        checkpoint.load(net(), {key: value for key, value in tensors.items() if key != "1.bias"}, **where)
    more = {**tensors, "head.weight": torch.ones(1), "head.bias": torch.ones(1)}
    with pytest.raises(UserError, match=r"it also has 'head\.weight' and 1 more"):
        checkpoint.load(net(), more, **where)
    checkpoint.load(net(), more, unused=("head.",), **where)
    with pytest.raises(UserError, match="does not fit this network: size mismatch for 0.weight"):
        checkpoint.load(net(), {**tensors, "0.weight": torch.ones(9, 9)}, **where)
