"""Specs: what of a generator, an extractor, a task or a dataset decides a result, and what does not."""

from __future__ import annotations

import json
from pathlib import Path

import pydantic
import pytest

from benchmark.plan.specs import DatasetSpec, ExtractorSpec, GeneratorSpec, ReferenceSpec, TaskSpec, WeightsSpec

GENERATOR = {
    "name": "mine", "target": "mine.py:Mine", "version": 2, "params": {"k": 12, "rates": [0.1, 0.2]},
    "source": "f" * 64, "folder": Path("/registry"), "reads": ("floor",),
    "guided_by": (ExtractorSpec(name="guide", target="pack.mod:Guide", version=3, params={"size": 5}),),
    "weights": {"unet": WeightsSpec(folder=Path("/weights"), digest="d" * 64)},
}  # fmt: skip


def test_a_generator_s_recipe_holds_all_that_decides_its_images_and_no_names_or_places():
    """This very JSON goes into every key."""
    assert json.loads(GeneratorSpec(**GENERATOR).model_dump_json()) == {
        "target": "mine.py:Mine", "version": 2, "params": {"k": 12, "rates": [0.1, 0.2]},
        "source": "f" * 64, "reads": ["floor"],
        "guided_by": [{"target": "pack.mod:Guide", "version": 3, "params": {"size": 5}}],
        "weights": {"unet": {"digest": "d" * 64}},
    }  # fmt: skip


def test_a_dataset_s_recipe_holds_its_files_and_not_where_they_lie():
    """Nor what users call it."""
    spec = DatasetSpec(name="pcam", target="m:Pcam", version=1, params={"fold": 1}, files="e" * 64, root=Path("/data"))
    assert json.loads(spec.model_dump_json()) == {
        "target": "m:Pcam", "version": 1, "params": {"fold": 1}, "files": "e" * 64,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [ExtractorSpec, TaskSpec])
def test_extractors_and_tasks_are_class_version_and_parameters(kind):
    """A second name for one thing shares its results."""
    one, other = (kind(name=name, target="m:C", version=1, params={"a": 1}) for name in ("one", "other"))
    assert one.model_dump_json() == other.model_dump_json()
    assert json.loads(one.model_dump_json()) == {"target": "m:C", "version": 1, "params": {"a": 1}}
    assert kind(name="one", target="m:C", version=1).params == {}


def test_what_is_kept_out_of_the_recipe_is_still_at_hand():
    """Names for people, folders to load from."""
    spec = GeneratorSpec(**GENERATOR)
    assert (spec.name, spec.folder) == ("mine", Path("/registry"))
    assert spec.weights["unet"].folder == Path("/weights")
    assert spec.guided_by[0].name == "guide"


def test_a_made_dataset_has_neither_files_nor_root():
    """It makes its own."""
    spec = DatasetSpec(name="toy", target="m:Toy", version=1)
    assert (spec.files, spec.root) == (None, None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"extra": 1}, "extra"),
        ({"version": "2"}, "version"),
        ({"version": 2.5}, "version"),
        ({"reads": ("synthetic",)}, "reads"),
        ({"reads": ["floor"]}, "reads"),
        ({"weights": {"unet": "/weights"}}, "weights"),
        ({"folder": None}, "folder"),
    ],
)
def test_a_spec_takes_nothing_that_is_not_one(change, said):
    """A typing error would be a key of nothing."""
    with pytest.raises(pydantic.ValidationError, match=said):
        GeneratorSpec(**{**GENERATOR, **change})


def test_a_spec_does_not_change():
    """It is the key of what stands in the store."""
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        GeneratorSpec(**GENERATOR).version = 3


def test_what_an_imported_reference_stands_in_for_is_another_dataset():
    """By the reference's digest, not by where it lies; without one nothing of it is in the recipe."""
    given = {"name": "pcam", "target": "m:Pcam", "version": 1, "files": "e" * 64}
    plain, packed = (
        DatasetSpec(**given, **more)
        for more in ({}, {"reference": ReferenceSpec(digest="r" * 64, folder=Path("/store"))})
    )
    assert "reference" not in json.loads(plain.model_dump_json())
    assert json.loads(packed.model_dump_json()) == json.loads(plain.model_dump_json()) | {
        "reference": {"digest": "r" * 64}
    }
