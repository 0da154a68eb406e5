"""SIGKILL at random moments of sampling: the images of every shard are those of a run that nobody kills, bit for bit."""

from __future__ import annotations

import contextlib
import json
import random
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from toybench import pipeline

IMAGES = 260
"""A whole shard and a short one."""


def test_five_kills_change_no_image(
    start_with_torch: Any, wait_until: Any, command: Sequence[object], images_of: Any, records_of: Any, tmp_path: Path
) -> None:
    """Also where a shard was killed with most of its images drawn; a sampler that draws noise on its way."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert start_with_torch(*command, "--store", whole).wait().code == 0
    draw = random.Random(3)
    for _ in range(5):
        running = start_with_torch(*command, "--store", cut)
        come = sampling(draw.randint(0, 12))
        wait_until(lambda come=come, running=running: come(cut) or running.poll() is not None)
        assert running.poll() is None, "it ended before it could be killed"
        running.send(signal.SIGKILL)
        assert running.wait().code == -signal.SIGKILL
    assert start_with_torch(*command, "--store", cut).wait().code == 0
    assert len(images_of(whole)) == 2
    assert images_of(cut) == images_of(whole)
    assert records_of(cut) == records_of(whole)
    assert list((cut / "work").iterdir()) == []


def sampling(looks: int) -> Callable[[Path], bool]:
    """Return a moment: after so many looks at a run that is drawing a shard."""
    left = iter(range(looks))

    def come(store: Path) -> bool:
        # Every run has a log of its own; a log that was just opened has no line yet.
        logs = sorted(store.glob("events/*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        lines = logs[-1].read_text().splitlines()[-1:] if logs else []
        with contextlib.suppress(json.JSONDecodeError):
            last = json.loads(lines[0]) if lines else {}
            if last.get("kind") == "step_started" and last.get("stage") == "sample":
                return next(left, None) is None
        return False

    return come


@pytest.fixture
def images_of() -> Callable[[Path], dict[str, tuple[bytes, str]]]:
    """The pixels and the manifest of every shard of a store, by its key."""

    def read(store: Path) -> dict[str, tuple[bytes, str]]:
        return {
            path.parent.name: (path.read_bytes(), path.with_name("manifest.csv").read_text())
            for path in store.glob("objects/sample/**/images.npy")
        }

    return read


@pytest.fixture
def command(suite_file: Callable[..., Path], tmp_path: Path) -> list[object]:
    """A run of a pipeline off the shelf."""
    entry = {
        "generator": "generators.stable_diffusion.off_the_shelf:OffTheShelf", "summary": "Toy.",
        "weights": {"base": str(pipeline.save(tmp_path))},
        "params": {"sampling_steps": 4, "guidance": 2.0, "sampling_batch": 4, "scheduler": "euler-ancestral"},
    }  # fmt: skip
    registry = tmp_path / "registry.yaml"
    registry.write_text(yaml.safe_dump({"shelf": entry}))
    suite = suite_file("kills", variants=["shelf"], primary=[], n=IMAGES)
    return ["run", "--suite", suite, "--registry", registry]
