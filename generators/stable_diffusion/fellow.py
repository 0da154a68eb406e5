"""One of the processes that share a training with the one that started it: ``python -m ... SPEC RANK``."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

from diffusers import DDPMScheduler

from benchmark.contracts.context import Context
from generators.stable_diffusion import examples, lora, processes
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion.recipe import Recipe
from generators.stable_diffusion.training import train


def main(spec: Path, rank: int) -> None:
    """Take the steps of a training with the others, and keep nothing."""
    threading.Thread(target=_watch, daemon=True).start()
    told = json.loads(spec.read_text())
    recipe = Recipe(**{**told["recipe"], "lora_targets": tuple(told["recipe"]["lora_targets"])})
    device = told["device"] if told["device"] == "cpu" else f"cuda:{rank}"
    pipeline = pipelines.load(Path(told["base"]), device=device)
    if recipe.lora_rank:
        lora.add(pipeline.unet, recipe, told["seed"])
    scratch = spec.parent
    context = Context(told["seed"], told["device"], folder=scratch, scratch=scratch, classes=())
    with processes.joined(rank, recipe.processes, told["port"], told["device"]) as team:
        given = examples.opened(pipeline, recipe, scratch)
        train(pipeline.unet, DDPMScheduler.from_config(pipeline.scheduler.config), given, recipe, context, team=team)


def _watch() -> None:
    """End with the process that started this one: waiting for it within a step would last for minutes."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
