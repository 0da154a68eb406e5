"""Several processes that share a training's steps, through accelerate: this one leads, and starts the others."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmark import atomic
from benchmark.contracts.context import Context
from generators.stable_diffusion.recipe import Recipe

_SPEC = "processes.json"
_NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""Variables that tell accelerate of its fellows. Those of whoever started this process are none of a training's."""


@dataclass(frozen=True)
class Team:
    """The processes that share a step, as one of them sees them."""

    accelerator: Any
    """Of accelerate. It keeps processes in step; precision is the loop's own, so that it is the same on a CPU."""

    @property
    def leads(self) -> bool:
        """Tell whether this process reports and keeps what is learnt."""
        return bool(self.accelerator.is_main_process)

    def share(self, batch: int) -> slice:
        """Return the positions in a batch that this process works on."""
        size = batch // int(self.accelerator.num_processes)
        first = int(self.accelerator.process_index) * size
        return slice(first, first + size)

    def wrap(self, unet: Any) -> Any:
        """Return a UNet whose gradients are averaged over the team."""
        return self.accelerator.prepare_model(unet)

    def apart(self, wrapped: Any, *, last: bool) -> contextlib.AbstractContextManager[Any]:
        """Return a context in which gradients are averaged for the last part of a step alone."""
        return contextlib.nullcontext() if last else self.accelerator.no_sync(wrapped)

    def mean(self, value: Tensor) -> Tensor:
        """Return the mean of a value over the team."""
        found: Tensor = self.accelerator.reduce(value, "mean")
        return found

    def meet(self) -> None:
        """Wait for all."""
        self.accelerator.wait_for_everyone()


@contextlib.contextmanager
def led(recipe: Recipe, context: Context, base: Path) -> Iterator[Team]:
    """Yield the team that this process leads; the others are gone when it is left, however that comes about.

    Args:
        recipe: How many.
        context: Scratch folder, which all read, and the device's type.
        base: Folder of the pipeline.
    """
    port, spec = _free_port(), context.scratch / _SPEC
    if recipe.processes > 1:
        about = {"base": str(base), "device": context.device, "seed": context.seed, "recipe": asdict(recipe)}
        atomic.write_json(spec, {**about, "port": port, "threads": max(1, torch.get_num_threads() // recipe.processes)})
    fellows = [_start(spec, rank) for rank in range(1, recipe.processes)]
    try:
        with joined(0, recipe.processes, port, context.device) as team:
            yield team
        for fellow in fellows:
            fellow.wait(timeout=60)
    finally:
        for fellow in fellows:
            # Each watches its standard input, which closes too when this process is killed.
            if fellow.stdin is not None:
                fellow.stdin.close()
            fellow.kill()
            fellow.wait()


@contextlib.contextmanager
def joined(rank: int, count: int, port: int, device: str) -> Iterator[Team]:
    """Yield the team as one of its processes sees it; afterwards this process is as it was before.

    Args:
        rank: Number of this process.
        count: Number of all.
        port: Where the first listens.
        device: ``cpu`` or ``cuda``.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    told = {} if count == 1 else _told(rank, count, port)
    with _environment(told):
        # It keeps one state a process, which the training before has left.
        AcceleratorState._reset_state(reset_partial_state=True)
        try:
            yield Team(Accelerator(cpu=device == "cpu", mixed_precision="no"))
        finally:
            if torch.distributed.is_initialized():
                torch.distributed.destroy_process_group()
            AcceleratorState._reset_state(reset_partial_state=True)


def _told(rank: int, count: int, port: int) -> dict[str, str]:
    return {
        "RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count), "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        # Or accelerate would set the number of threads, and with it this process's bits.
        "OMP_NUM_THREADS": str(torch.get_num_threads()),
    }  # fmt: skip


def _start(spec: Path, rank: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "generators.stable_diffusion.fellow", str(spec), str(rank)]
    threads = str(json.loads(spec.read_text())["threads"])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": threads}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment)


@contextlib.contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in {*_NAMES, *values}}
    for name in before:
        os.environ.pop(name, None) if name in _NAMES else None
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
