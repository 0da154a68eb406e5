"""SIGKILL at any moment of fitting and sampling Stable Diffusion: the same command goes on, and no record differs."""

from __future__ import annotations

import contextlib
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from toybench import pipeline

Moment = Callable[[Path], bool]

CODE = '''
"""The project's own generators, with a checkpoint every step, so that a test can hit them."""

from generators.stable_diffusion.label_prompts import LabelPrompts
from generators.stable_diffusion.morphology_prompts import MorphologyPrompts


def often():
    from generators.stable_diffusion import training

    training.CHECKPOINT_S = 0.0


class Labels(LabelPrompts):
    def fit(self, train, context):
        often()
        super().fit(train, context)


class Morphology(MorphologyPrompts):
    def fit(self, train, context):
        often()
        super().fit(train, context)
'''


def test_three_kills_change_no_record(
    start_with_torch: Any, command: Sequence[object], tmp_path: Path, assert_unmoved_by: Any
) -> None:
    """The first at a checkpoint, the second at one of the training that went on from it, the third while sampling."""
    draw = random.Random(7)
    assert_unmoved_by([checkpointed(), checkpointed(), sampling(draw.random())])


@pytest.mark.slow
def test_ten_kills_change_no_record(assert_unmoved_by: Any) -> None:
    """Each after some signs of life, how many is drawn."""
    draw = random.Random(8)
    assert_unmoved_by([signs(draw.randint(1, 8)) for _ in range(10)])


def checkpointed() -> Moment:
    """Return a moment: a training has written a checkpoint that was not there before."""
    before: list[set[int]] = []

    def come(store: Path) -> bool:
        found = {inode for _, _, inode in states_of(store.glob("work/*/scratch/training.safetensors"))}
        before[:] = before or [found]
        return bool(found - before[0])

    return come


def sampling(share: float) -> Moment:
    """Return a moment: a shard is being drawn, for as many looks as a share of twenty."""
    looks = iter(range(int(20 * share)))

    def come(store: Path) -> bool:
        # A log that was just opened has no line yet.
        lines = [line for path in store.glob("events/*.jsonl") for line in path.read_text().splitlines()[-1:]]
        at_it = any('"step_started"' in line and '"stage": "sample"' in line for line in lines)
        return at_it and next(looks, None) is None

    return come


def signs(count: int) -> Moment:
    """Return a moment: so many times the event logs or a checkpoint have changed."""
    seen: list[object] = []

    def come(store: Path) -> bool:
        state = states_of([*store.glob("events/*.jsonl"), *store.glob("work/*/scratch/*.safetensors")])
        if state not in seen:
            seen.append(state)
        return len(seen) > count

    return come


def states_of(files: Iterable[Path]) -> list[tuple[str, int, int]]:
    """Return name, bytes and inode of the files that are still there: the run that is watched goes on meanwhile."""
    found = []
    for path in files:
        with contextlib.suppress(FileNotFoundError):
            state = path.stat()
            found.append((path.name, state.st_size, state.st_ino))
    return sorted(found)


@pytest.fixture
def assert_unmoved_by(
    start_with_torch: Any, wait_until: Any, bench: Any, records_of: Any, events_of: Any, command: list[object],
    tmp_path: Path,
) -> Callable[[list[Moment]], None]:  # fmt: skip
    """Kills a run's whole process group at moments, lets it end, and compares with a run that nobody kills."""

    def check(moments: list[Moment]) -> None:
        whole, cut = tmp_path / "whole", tmp_path / "cut"
        assert start_with_torch(*command, "--store", whole).wait().code == 0
        for come in moments:
            running = start_with_torch(*command, "--store", cut)
            wait_until(lambda come=come, running=running: come(cut) or running.poll() is not None)
            assert running.poll() is None, "it ended before it could be killed"
            running.send(signal.SIGKILL)
            assert running.wait().code == -signal.SIGKILL
        ended = start_with_torch(*command, "--store", cut).wait()
        assert (ended.code, ended.err) == (0, "")
        assert len(records_of(whole)) == 3
        assert records_of(cut) == records_of(whole)
        assert bench("store", "verify", "--store", cut).code == 0
        assert list((cut / "work").iterdir()) == []
        logs = events_of(cut)
        finished = Counter(event["key"] for log in logs for event in log if event["kind"] == "step_finished")
        assert set(finished.values()) == {1}, "something was made twice"
        first = [next((event["at"] for event in log if event["kind"] == "curve"), 0) for log in logs]
        assert max(first[1:]) > 0, "no training went on from a checkpoint"

    return check


@pytest.fixture
def command(suite_file: Callable[..., Path], _pipeline: Path, tmp_path: Path) -> list[object]:
    """A run of both fine-tuned generators and a control, on the toy pipeline."""
    (tmp_path / "often.py").write_text(CODE)
    params = {"steps": 40, "batch": 4, "learning_rate": 1e-3, "ema": 0.9}
    labels = {
        "generator": "often.py:Labels", "summary": "Labels.", "fits_on": "train", "weights": {"base": str(_pipeline)},
        "params": {**params, "sampling_steps": 4, "guidance": 2.0, "sampling_batch": 4},
    }  # fmt: skip
    morphology = {
        "extends": "labels", "generator": "often.py:Morphology", "prompts": {
            "builder": "generators.morphology.builder:MorphologyPrompts", "guided_by": ["texture-statistics"],
            "params": {"k": 3, "encoder": "texture-statistics", "encoder_side": 16, "kmeans_starts": 2},
        },
    }  # fmt: skip
    registry = tmp_path / "registry.yaml"
    registry.write_text(yaml.safe_dump({"labels": labels, "morphology": morphology}))
    suite = suite_file(
        "kills", dataset={"name": "toy", "params": {"count": 40}}, variants=["labels", "morphology", "toy-real"],
        primary=[], n=12,
    )  # fmt: skip
    return ["run", "--suite", suite, "--registry", registry]


@pytest.fixture(scope="session")
def _pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Stable Diffusion."""
    return pipeline.save(tmp_path_factory.mktemp("toy-sd"))
