"""Processes that share a training's steps."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from generators.stable_diffusion import fine_tuning, processes
from generators.stable_diffusion.fine_tuning import fine_tune
from generators.stable_diffusion.recipe import Recipe

PROMPTS = ["of tissue a", "of tissue b"] * 20
# An epsilon that is large beside the gradient: a step is as good as proportional to it, and rounding stays rounding.
RECIPE = Recipe(steps=3, batch=8, learning_rate=1.0, epsilon=1.0, ema=0.5, at_once=2)


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"lora_rank": 2}])
def test_two_processes_do_what_one_does(images, context, tmp_path, changes):
    """Losses, gradient norms and weights at the same batch, to rounding; torch's threads and surroundings stay."""
    found = {}
    before, threads = dict(os.environ), torch.get_num_threads()
    for count in (1, 2):
        logged = {}
        for part in (f"{count}", f"{count}-scratch"):
            (tmp_path / part).mkdir()
        place = replace(
            context, folder=tmp_path / f"{count}", scratch=tmp_path / f"{count}-scratch",
            log=lambda name, value, step, logged=logged: logged.setdefault(name, []).append(value),
        )  # fmt: skip
        fine_tune(images, PROMPTS, replace(RECIPE, processes=count, **changes), place)
        found[count] = load_file(next((tmp_path / f"{count}").rglob("*.safetensors"))), logged
    assert (dict(os.environ), torch.get_num_threads()) == (before, threads)
    assert not torch.distributed.is_initialized()
    (one, first), (two, second) = found[1], found[2]
    assert second["loss"] == pytest.approx(first["loss"], rel=1e-5)
    assert second["gradient_norm"] == pytest.approx(first["gradient_norm"], rel=1e-4)
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=0, atol=1e-5)


@pytest.mark.slow
def test_a_team_that_is_stopped_leaves_no_process(images, context, monkeypatch):
    """And what it had is gone on from."""
    monkeypatch.setattr(fine_tuning.processes, "_start", started := Started(processes._start))

    def halt(done, total, note=""):
        if (done, note) == (2, "training steps"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(images, PROMPTS, replace(RECIPE, processes=2), replace(context, progress=halt))
    (fellow,) = started.processes
    assert fellow.poll() is not None


class Started:
    """Starts processes and remembers them."""

    def __init__(self, start):
        self.start, self.processes = start, []

    def __call__(self, *arguments):
        self.processes.append(self.start(*arguments))
        return self.processes[-1]


def test_alone_nothing_is_waited_for(context):
    """A team of one has all of a batch, and whatever started this process, torchrun say, is not its fellow."""
    os.environ["WORLD_SIZE"] = "7"
    try:
        with processes.joined(0, 1, 0, "cpu") as team:
            assert team.leads
            assert team.share(6) == slice(0, 6)
            assert "WORLD_SIZE" not in os.environ
            team.meet()
        assert os.environ["WORLD_SIZE"] == "7"
    finally:
        del os.environ["WORLD_SIZE"]


def test_a_batch_is_dealt_out_in_order():
    """Each process has its part, none has another's."""
    shares = [processes.Team(Place(rank, 3)).share(12) for rank in range(3)]
    assert shares == [slice(0, 4), slice(4, 8), slice(8, 12)]


class Place:
    """What accelerate says of a process."""

    def __init__(self, rank, count):
        self.process_index, self.num_processes = rank, count
