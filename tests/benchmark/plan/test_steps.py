"""Keys: fixed for a fixed recipe, changed by every part of it, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmark.plan import steps
from benchmark.plan.platform import Platform
from benchmark.plan.specs import (
    DatasetSpec,
    ExtractorSpec,
    GeneratorSpec,
    PromptsSpec,
    ReferenceSpec,
    TaskSpec,
    WeightsSpec,
)
from benchmark.plan.steps import DataConfig, EmbedConfig, FitConfig, PromptsConfig, SampleConfig, Step, TaskConfig
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize
from benchmark.suite.schema import RoleEntry

PLATFORM = Platform(device="cpu", torch="2.14", diffusers="0.42")
GENERATOR = GeneratorSpec(
    name="gen", target="pack.mod:Gen", version=1, params={"k": 12, "lr": 1e-4}, folder=Path("/a"), source="f" * 64,
    guided_by=(ExtractorSpec(name="guide", target="pack.mod:Guide", version=1),),
    weights={"unet": WeightsSpec(folder=Path("/w"), digest="d" * 64)},
)  # fmt: skip
TRAIN = RoleEntry(split="train", part=(0.0, 0.9), n=100)
GOLDEN = (
    "a14330aa038291c0c316d27fae9727328ee0190b16e5d9a73fbffaae746fb22d",
    "593395fc902b38354fd8c16013dda34473fbf97bbcf2584bcb336baa06bfaaa4",
    "04022c81f5f1f594f924d14cb1c10be4716489caa350e047d9f7f2d0df55ecb2",
)


@pytest.fixture
def data() -> Step:
    """The toy dataset."""
    spec = DatasetSpec(name="toy", target="toybench.data:Toy", version=1, params={"count": 80})
    return Step(kind="data", title="dataset toy", config=DataConfig(dataset=spec), platform=PLATFORM)


@pytest.fixture
def fit(data: Step) -> Step:
    """A fit on it."""
    config = FitConfig(generator=GENERATOR, on=TRAIN, seed=0)
    return Step(kind="fit", title="fit", config=config, platform=PLATFORM, inputs={"data": data})


@pytest.fixture
def sample(data: Step, fit: Step) -> Step:
    """A shard of it."""
    config = SampleConfig(
        generator=GENERATOR, train=TRAIN, roles={"floor": RoleEntry(split="valid")}, seed=0, start=0, stop=40
    )
    return Step(kind="sample", title="sample", config=config, platform=PLATFORM, inputs={"data": data, "fit": fit})


def test_golden_keys(data: Step, fit: Step, sample: Step):
    """A store holds weeks of work under keys like these. A change of them must be meant, and raise a version."""
    assert (data.key, fit.key, sample.key) == GOLDEN
    versions = {"data": 2, "prompts": 1, "fit": 1, "sample": 2, "embed": 1, "baseline": 1, "measure": 2}
    assert dict(steps.VERSIONS) == versions


CHANGES: dict[str, Callable[[Step], Step]] = {
    "kind": lambda step: replace(step, kind="embed"),
    "seed": lambda step: _configured(step, seed=1),
    "first image": lambda step: _configured(step, start=1),
    "last image": lambda step: _configured(step, stop=41),
    "label role": lambda step: _configured(step, train=RoleEntry(split="train")),
    "readable roles": lambda step: _configured(step, roles={}),
    "shares of labels": lambda step: _configured(step, labels="equal"),
    "stored size": lambda step: _configured(step, stored=Resize(resize=96)),
    "class": lambda step: _generator(step, target="pack.mod:Other"),
    "class version": lambda step: _generator(step, version=2),
    "parameter": lambda step: _generator(step, params={"k": 13, "lr": 1e-4}),
    "type of a parameter": lambda step: _generator(step, params={"k": 12.0, "lr": 1e-4}),
    "parameter left out": lambda step: _generator(step, params={"k": 12}),
    "source text": lambda step: _generator(step, source="e" * 64),
    "what it reads": lambda step: _generator(step, reads=("floor",)),
    "guide": lambda step: _generator(step, guided_by=()),
    "guide's version": lambda step: _generator(
        step, guided_by=(ExtractorSpec(name="guide", target="pack.mod:Guide", version=2),)
    ),
    "weights": lambda step: _generator(step, weights={"unet": WeightsSpec(folder=Path("/w"), digest="e" * 64)}),
    "weights' name": lambda step: _generator(step, weights={"vae": WeightsSpec(folder=Path("/w"), digest="d" * 64)}),
    "device": lambda step: replace(step, platform=Platform(device="cuda", torch="2.14", diffusers="0.42")),
    "torch": lambda step: replace(step, platform=Platform(device="cpu", torch="2.15", diffusers="0.42")),
    "diffusers": lambda step: replace(step, platform=Platform(device="cpu", torch="2.14", diffusers="0.43")),
    "no input": lambda step: replace(step, inputs={"data": step.inputs["data"]}),
    "inputs swapped": lambda step: replace(step, inputs={"data": step.inputs["fit"], "fit": step.inputs["data"]}),
    "input of another seed": lambda step: replace(
        step, inputs={**step.inputs, "fit": _configured(step.inputs["fit"], seed=1)}
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_part_of_the_recipe_changes_the_key(sample: Step, change: str):
    """Or a result would be taken for that of another recipe."""
    assert CHANGES[change](sample).key != sample.key


SAME: dict[str, Callable[[Step], Step]] = {
    "title": lambda step: replace(step, title="another"),
    "estimates": lambda step: replace(step, bytes=5, images=7, scratch=9),
    "variant's name": lambda step: _generator(step, name="another"),
    "registry's folder": lambda step: _generator(step, folder=Path("/b")),
    "weights' folder": lambda step: _generator(
        step, weights={"unet": WeightsSpec(folder=Path("/elsewhere"), digest="d" * 64)}
    ),
    "guide's name": lambda step: _generator(
        step, guided_by=(ExtractorSpec(name="alias", target="pack.mod:Guide", version=1),)
    ),
    "order of parameters": lambda step: _generator(step, params={"lr": 1e-4, "k": 12}),
    "order of inputs": lambda step: replace(step, inputs=dict(reversed(step.inputs.items()))),
}


@pytest.mark.parametrize("change", SAME)
def test_names_and_places_do_not_change_the_key(sample: Step, change: str):
    """Or moving a folder would cost a training."""
    assert SAME[change](sample).key == sample.key


def test_a_stage_s_own_version_changes_its_keys_and_those_above(data, fit, sample, monkeypatch):
    """Whoever changes what `fit` writes raises its number, and every sample drawn from it is made again."""
    versions = {**steps.VERSIONS, "fit": 2}
    monkeypatch.setattr(steps, "VERSIONS", versions)
    assert replace(data).key == data.key
    assert replace(fit, inputs={"data": data}).key != GOLDEN[1]
    assert replace(sample, inputs={"data": data, "fit": replace(fit)}).key != GOLDEN[2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"root": Path("/a")}, {"root": Path("/b")}),
        ({"name": "a"}, {"name": "b"}),
    ],
)
def test_a_dataset_is_its_files_wherever_they_lie(one, other):
    """The data root and the name are no part; the digest of the files is."""

    def key(**changes: object) -> str:
        spec = {"name": "pcam", "target": "m:C", "version": 1, "params": {}, "files": "f" * 64, **changes}
        return Step(kind="data", title="", config=DataConfig(dataset=DatasetSpec(**spec)), platform=PLATFORM).key

    assert key(**one) == key(**other)
    assert key(files="e" * 64) != key()


@pytest.mark.parametrize(
    "change",
    [
        {"protocol": Protocol(size=9)},
        {"protocol": Protocol(size=8, filter="box")},
        {"protocol": Protocol(size=8, codec="none")},
        {"role": RoleEntry(split="test")},
        {"role": RoleEntry(split="valid", part=(0.0, 0.4))},
        {"role": None},
        {"extractor": ExtractorSpec(name="e", target="m:E", version=2)},
    ],
)
def test_features_are_of_one_protocol_extractor_and_role(data, change):
    """Shared only where all three are equal."""
    config = EmbedConfig(
        extractor=ExtractorSpec(name="e", target="m:E", version=1), protocol=Protocol(size=8), role=RoleEntry(split="valid")
    )  # fmt: skip
    step = Step(kind="embed", title="", config=config, platform=PLATFORM, inputs={"data": data})
    assert _configured(step, **change).key != step.key


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"images": {"test": RoleEntry(split="test"), "synthetic": None}},
        {"images": {"reference": RoleEntry(split="test")}},
        {"task": TaskSpec(name="t", target="m:T", version=1, params={"k": 6})},
        {"task": TaskSpec(name="t", target="m:T", version=2, params={"k": 5})},
    ],
)
def test_a_measurement_is_of_one_task_seed_and_roles(data, change):
    """The same images in another role are another measurement."""
    config = TaskConfig(
        task=TaskSpec(name="t", target="m:T", version=1, params={"k": 5}), protocol=Protocol(size=8),
        images={"test": RoleEntry(split="test")}, seed=0,
    )  # fmt: skip
    step = Step(kind="measure", title="", config=config, platform=PLATFORM, inputs={"data": data})
    assert _configured(step, **change).key != step.key


def test_walking_a_step_gives_its_inputs_first(data, fit, sample):
    """Every step after all it stands on."""
    walked = list(sample.walk())
    assert walked[-1] is sample
    assert [step.kind for step in walked] == ["data", "data", "fit", "sample"]


def _configured(step: Step, **changes: object) -> Step:
    known = {name: value for name, value in changes.items() if name in type(step.config).model_fields}
    assert known == changes
    return replace(step, config=step.config.model_copy(update=changes))


def _generator(step: Step, **changes: object) -> Step:
    return _configured(step, generator=step.config.generator.model_copy(update=changes))


REFERENCE = ReferenceSpec(digest="0123456789ab" * 5 + "0123")


@pytest.mark.parametrize(
    ("config", "lacks"),
    [
        (lambda generator: FitConfig(generator=generator, on=RoleEntry(split="train"), seed=0), True),
        (lambda generator: PromptsConfig(builder=PromptsSpec(name="x", target="m:P", version=1, folder=Path()),
                                         on=RoleEntry(split="train")), True),
        (lambda generator: _sampling(generator, {"floor": RoleEntry(split="valid")}), True),
        (lambda generator: _sampling(generator, {}), False),
        (lambda generator: _measuring({"test": RoleEntry(split="test")}), True),
        (lambda generator: _measuring({"synthetic": None}), False),
    ],
)  # fmt: skip
def test_what_reads_real_images_lacks_them_where_a_reference_stands_in(config, lacks):
    """It says so with the reference's digest; with images nothing is lacking."""
    generator = GeneratorSpec(name="x", target="m:G", version=1, folder=Path())
    for reference in (None, REFERENCE):
        spec = DatasetSpec(name="toy", target="toybench.data:Toy", version=1, reference=reference)
        data = Step(kind="data", title="", config=DataConfig(dataset=spec), platform=PLATFORM)
        step = Step(kind="fit", title="", config=config(generator), platform=PLATFORM, inputs={"data": data})
        assert data.lacking is None
        assert (step.lacking is not None) == (lacks and reference is not None)
    assert not lacks or "the imported reference 0123456789ab holds none" in str(step.lacking)


def _sampling(generator, roles):
    return SampleConfig(generator=generator, train=RoleEntry(split="train"), roles=roles, seed=0, start=0, stop=1)


def _measuring(images):
    task = TaskSpec(name="x", target="m:T", version=1)
    return TaskConfig(task=task, protocol=Protocol(size=8), images=images, seed=0)


def test_features_that_are_taken_from_a_reference_have_a_key_of_their_own():
    """And those that are not, the key they had before there were references."""
    extractor = ExtractorSpec(name="x", target="m:E", version=1)
    given = {"extractor": extractor, "protocol": Protocol(size=8), "role": RoleEntry(split="valid")}
    assert "reference" not in EmbedConfig(**given).model_dump(mode="json")
    assert EmbedConfig(**given, reference="r" * 64).model_dump(mode="json")["reference"] == "r" * 64
