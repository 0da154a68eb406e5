"""Estimates, from steps that were measured."""

from __future__ import annotations

import os

import pytest

from benchmark.plan.platform import Platform
from benchmark.plan.specs import ExtractorSpec, GeneratorSpec, PromptsSpec, TaskSpec
from benchmark.plan.steps import EmbedConfig, FitConfig, PromptsConfig, SampleConfig, Step, TaskConfig
from benchmark.protocol.definition import Protocol
from benchmark.store.throughput import Throughput
from benchmark.suite.schema import RoleEntry

CPU = Platform(device="cpu", torch="2.11", diffusers="0.38")
TRAIN = RoleEntry(split="train")


def sample(tmp_path, start=0, stop=10, *, seed=0, platform=CPU, **changes) -> Step:
    """A shard of a variant."""
    fields = {"name": "mine", "target": "mod:Mine", "version": 1, "params": {"steps": 4}, "folder": tmp_path}
    config = SampleConfig(
        generator=GeneratorSpec(**(fields | changes)), train=TRAIN, roles={}, seed=seed, start=start, stop=stop
    )
    return Step(kind="sample", title="a shard", config=config, platform=platform)


def embed(name: str, role: RoleEntry | None, *shards: Step) -> Step:
    """An embedding of a role, or of shards."""
    spec = ExtractorSpec(name=name, target=f"mod:{name}", version=1)
    config = EmbedConfig(extractor=spec, protocol=Protocol(size=8), role=role)
    inputs = {f"shard/{number:05d}": shard for number, shard in enumerate(shards)}
    return Step("embed", "an embedding", config, CPU, inputs)


@pytest.fixture
def made(store, finish):
    """Finishes a step that took some seconds."""

    def run(step: Step, seconds: float):
        return finish(store, kind=step.kind, recipe=step.recipe, wall_s=seconds)

    return run


def test_what_was_never_measured_is_not_known(store, tmp_path):
    """None, never a guess."""
    assert Throughput(store).seconds(sample(tmp_path)) is None


def test_seconds_go_with_the_images(store, made, tmp_path):
    """Ten in five seconds: 250 in 125, whichever they are and whatever the seed."""
    made(sample(tmp_path, 0, 10), 5.0)
    measured = Throughput(store)
    assert measured.seconds(sample(tmp_path, 0, 10)) == pytest.approx(5.0)
    assert measured.seconds(sample(tmp_path, 500, 750, seed=3)) == pytest.approx(125.0)


def test_several_measurements_are_averaged_per_image(store, made, tmp_path):
    """One second and three seconds an image: two."""
    made(sample(tmp_path, 0, 10), 10.0)
    made(sample(tmp_path, 10, 12), 6.0)
    assert Throughput(store).seconds(sample(tmp_path, 12, 17)) == pytest.approx(10.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"target": "mod:Other"},
        {"version": 2},
        {"params": {"steps": 50}},
        {"platform": Platform(device="cuda", torch="2.11", diffusers="0.38")},
        {"platform": Platform(device="cpu", torch="2.12", diffusers="0.38")},
    ],
)
def test_what_decides_the_speed_must_be_equal(store, made, tmp_path, changes):
    """Class, version, parameters, device and packages."""
    made(sample(tmp_path), 5.0)
    assert Throughput(store).seconds(sample(tmp_path, **changes)) is None


def test_a_name_decides_nothing(store, made, tmp_path):
    """The same class and parameters under a second name."""
    made(sample(tmp_path), 5.0)
    assert Throughput(store).seconds(sample(tmp_path, name="twin")) == pytest.approx(5.0)


def test_stages_of_one_variant_are_told_apart(store, made, tmp_path):
    """A fit says nothing of a sampling, and is measured as a whole."""
    shard = sample(tmp_path)
    fit = Step("fit", "a fit", FitConfig(generator=shard.config.generator, on=TRAIN, seed=0), CPU)
    made(fit, 7.0)
    measured = Throughput(store)
    assert measured.seconds(shard) is None
    assert measured.seconds(fit) == pytest.approx(7.0)


def test_embedding_goes_by_the_image(store, made, tmp_path):
    """Twenty in four seconds, whoever drew them: a hundred in twenty. Of another extractor nothing is known."""
    shards = [sample(tmp_path, 0, 10), sample(tmp_path, 10, 20)]
    for shard in shards:
        made(shard, 1.0)
    made(embed("one", None, *shards), 4.0)
    others = [sample(tmp_path, start, start + 50, target="mod:Other") for start in (0, 50)]
    measured = Throughput(store)
    assert measured.seconds(embed("one", None, *others)) == pytest.approx(20.0)
    assert measured.seconds(embed("two", None, *others)) is None


def test_of_real_images_the_same_role_alone_takes_as_long(store, made, tmp_path):
    """How many play another, or were drawn, is another number."""
    made(embed("one", TRAIN), 3.0)
    measured = Throughput(store)
    assert measured.seconds(embed("one", TRAIN)) == pytest.approx(3.0)
    assert measured.seconds(embed("one", RoleEntry(split="train", n=7))) is None
    assert measured.seconds(embed("one", None, sample(tmp_path))) is None


def test_a_task_takes_as_long_for_as_many_images_alone(store, made, tmp_path):
    """Kernels go with the square, classifiers do not: no sum is made of either."""

    def measure(*shards: Step, seed: int = 0) -> Step:
        task = TaskSpec(name="t", target="mod:Task", version=1)
        config = TaskConfig(task=task, protocol=Protocol(size=8), images={"synthetic": None}, seed=seed)
        return Step("measure", "a task", config, CPU, {"features/one/synthetic": embed("one", None, *shards)})

    few, many = [sample(tmp_path, 0, 10)], [sample(tmp_path, 0, 10), sample(tmp_path, 10, 20)]
    for step in (*few, measure(*few).inputs["features/one/synthetic"]):
        made(step, 1.0)
    made(measure(*few), 5.0)
    measured = Throughput(store)
    assert measured.seconds(measure(*few, seed=1)) == pytest.approx(5.0)
    assert measured.seconds(measure(*many)) is None


def test_prompts_take_as_long_by_one_builder_on_one_role_alone(store, made, tmp_path):
    """A builder with other parameters, or that looks at more images, was not measured."""

    def prompts(k: int, role: RoleEntry) -> Step:
        builder = PromptsSpec(name="b", target="mod:Build", version=1, params={"k": k}, folder=tmp_path)
        return Step("prompts", "prompts", PromptsConfig(builder=builder, on=role), CPU)

    made(prompts(12, TRAIN), 2.0)
    measured = Throughput(store)
    assert measured.seconds(prompts(12, TRAIN)) == pytest.approx(2.0)
    assert measured.seconds(prompts(33, TRAIN)) is None
    assert measured.seconds(prompts(12, RoleEntry(split="train", n=5))) is None


@pytest.mark.parametrize("damage", [b"", b"\xff", None])
def test_a_damaged_step_is_done_without(store, made, tmp_path, damage):
    """What is sound still counts."""
    made(sample(tmp_path, 0, 10), 5.0)
    broken = made(sample(tmp_path, 10, 20), 500.0).folder / "step.json"
    if damage is None:
        broken.unlink()
    else:
        broken.write_bytes(damage)
    assert Throughput(store).seconds(sample(tmp_path)) == pytest.approx(5.0)


def test_an_altered_step_is_done_without(store, made, tmp_path):
    """Its recipe is not to be trusted, and may lack what is read."""
    made(sample(tmp_path, 0, 10), 5.0)
    altered = made(sample(tmp_path, 10, 20), 500.0).folder / "step.json"
    text = altered.read_text()
    for old, new in (('"stop": 20', '"stop": 11'), ('"config"', '"konfig"')):
        assert old in text
        altered.write_text(text.replace(old, new))
        assert Throughput(store).seconds(sample(tmp_path)) == pytest.approx(5.0)
    os.truncate(altered, 10)
    assert Throughput(store).seconds(sample(tmp_path)) == pytest.approx(5.0)


def test_features_that_were_copied_tell_nothing_of_features_that_are_made(store, made):
    """A reference is read in no time."""
    spec = ExtractorSpec(name="net", target="mod:Net", version=1)
    given = {"extractor": spec, "protocol": Protocol(size=8), "role": TRAIN}
    steps = [
        Step(kind="embed", title="", config=EmbedConfig(**given, **more), platform=CPU)
        for more in ({}, {"reference": "r" * 64})
    ]
    made(steps[1], 0.01)
    assert Throughput(store).seconds(steps[0]) is None
    made(steps[0], 40.0)
    assert [Throughput(store).seconds(step) for step in steps] == [40.0, 0.01]
