"""The first synthetic images of each label."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize
from benchmark.protocol.operations import Store as Store_
from benchmark.records.schema import StepEntry
from benchmark.store.store import Store
from leaderboard.pictures import samples

KEYS = ("a" * 64, "b" * 64)


def test_the_least_seed_with_all_its_shards(made, store, record) -> None:
    """Seeds are not mixed, though the record of each lists its own shards."""
    made.shard(store, KEYS[0], 0, 2)
    made.shard(store, KEYS[1], 2, 5)
    found = samples.read(store, [record(KEYS[1], seed=4), record(KEYS[0], seed=2)], most=9)
    assert found.seed == 2
    assert [(one.label, one.total) for one in found.labels] == [("normal", 1), ("tumor", 1)]


def test_records_of_one_seed_are_one_set(made, store, record) -> None:
    """Two tasks stand on the same shards; each is read once, and in the order of the requests."""
    made.shard(store, KEYS[0], 3, 5)
    made.shard(store, KEYS[1], 0, 3)
    records = [record(KEYS[0], KEYS[1]), record(KEYS[0], KEYS[1], task="coverage"), record(KEYS[0], task="tstr")]
    found = samples.read(store, records, most=9)
    assert [(one.label, one.total) for one in found.labels] == [("normal", 2), ("tumor", 3)]
    assert [image.max() for image in found.labels[1].images] == [0, 20, 30]
    assert found.labels[1].images.shape == (3, 32, 32, 3)  # The protocol's common size; they were made at 4.
    assert found.labels[1].images.dtype == np.uint8


@pytest.mark.parametrize(("path", "side"), [((), 4), ((Store_(codec="png"),), 4), ((Resize(resize=8),), 8)])
def test_without_a_common_size_images_are_shown_as_they_reach_the_extractor(made, store, record, path, side) -> None:
    """At the side their own path leaves them at, which may be the one they were made at."""
    made.shard(store, KEYS[0], 0, 5)
    shown = record(KEYS[0]).model_copy(update={"protocol": Protocol(real=(), synthetic=path)})
    assert samples.read(store, [shown], most=9).labels[1].images.shape == (3, side, side, 3)


@pytest.mark.parametrize(("most", "expected"), [(0, []), (1, [0]), (2, [0, 20]), (3, [0, 20, 30]), (50, [0, 20, 30])])
def test_at_most_as_many_as_asked_for_and_always_the_first(made, store, record, most, expected) -> None:
    """All are counted, whatever is shown."""
    made.shard(store, KEYS[0], 0, 5)
    tumor = samples.read(store, [record(KEYS[0])], most=most).labels[1]
    assert [image.max() for image in tumor.images] == expected
    assert tumor.total == 3


def test_part_of_a_set_is_shown_as_far_as_it_is_there(made, store, record) -> None:
    """One shard was cleaned up; the total is of what is left."""
    made.shard(store, KEYS[0], 2, 5)
    found = samples.read(store, [record(KEYS[0], "gone")], most=9)
    assert [(one.label, one.total) for one in found.labels] == [("normal", 1), ("tumor", 2)]


def test_an_unfinished_shard_is_not_shown(made, store, record) -> None:
    """Its files are there, its manifest is not."""
    (made.shard(store, KEYS[0], 0, 5) / "step.json").unlink()
    assert samples.read(store, [record(KEYS[0])], most=9) is None


def test_only_what_was_sampled_counts(made, store) -> None:
    """A step of another stage with the same key is no image set."""
    made.shard(store, KEYS[0], 0, 5)
    step = StepEntry(kind="fit", title="a fit", key=KEYS[0], digest="0" * 64)
    assert samples.read(store, [made.record("label-prompts", steps=(step,))], most=9) is None
    assert samples.read(store, [], most=9) is None


def test_prompts_are_counted_the_commonest_first(made, store, record) -> None:
    """Equally common ones by name; images without a prompt are passed over."""
    _prompt(made.shard(store, KEYS[0], 0, 5), ["dark", "", "pale", "pale", ""])
    normal, tumor = samples.read(store, [record(KEYS[0])], most=9).labels
    assert normal.prompts == ()
    assert tumor.prompts == (("pale", 2), ("dark", 1))
    _prompt(made.shard(store, KEYS[1], 0, 5), ["c", "x", "a", "b", "x"])
    normal, tumor = samples.read(store, [record(KEYS[1])], most=0).labels
    assert normal.prompts == (("x", 2),)
    assert tumor.prompts == (("a", 1), ("b", 1), ("c", 1))


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "images.npy").unlink(),
        lambda folder: (folder / "images.npy").write_bytes(b"no array"),
        lambda folder: np.save(folder / "images.npy", np.zeros((2, 4, 4, 3), np.uint8)),
        lambda folder: (folder / "manifest.csv").unlink(),
        lambda folder: (folder / "manifest.csv").write_text("index,label\n0,tumor\n"),
        lambda folder: (folder / "manifest.csv").write_text("index,label,seed,prompt,sha256\n0,tumor\n"),
        lambda folder: (folder / "manifest.csv").write_text("index,label,seed,prompt,sha256\nx,tumor,0,,0\n"),
        lambda folder: (folder / "manifest.csv").write_bytes(b"index,label,seed,prompt,sha256\n0,\xff,0,,0\n"),
    ],
    ids=["no pixels", "no array", "too few pixels", "no manifest", "no columns", "cut short", "no number", "no text"],
)
def test_a_damaged_set_gives_way_to_the_next_seed(made, store, record, damage) -> None:
    """Whatever is wrong with it, a board is still written."""
    damage(made.shard(store, KEYS[0], 0, 5))
    assert samples.read(store, [record(KEYS[0])], most=9) is None
    made.shard(store, KEYS[1], 0, 5)
    found = samples.read(store, [record(KEYS[0]), record(KEYS[1], seed=1)], most=9)
    assert found.seed == 1


def _prompt(folder, prompts) -> None:
    """Let the images of a shard have been asked for with other prompts."""
    head, *lines = (folder / "manifest.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    texts = [",".join([*row[:3], prompt, row[4]]) for row, prompt in zip(rows, prompts, strict=True)]
    (folder / "manifest.csv").write_text("\n".join([head, *texts]) + "\n")


@pytest.fixture
def store(tmp_path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def record(made):
    """A record that stands on the sampling steps of some keys."""

    def make(*keys, **changes):
        steps = tuple(StepEntry(kind="sample", title="a sampling", key=key, digest="0" * 64) for key in keys)
        return made.record("label-prompts", steps=steps, **changes)

    return make
