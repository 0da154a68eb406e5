"""Which imported reference stands in for real images: the one that fits, or none, with the reasons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toybench import packs

from benchmark.errors import UserError
from benchmark.plan import stand_ins
from benchmark.plan.platform import Platform
from benchmark.plan.specs import ExtractorSpec, WeightsSpec
from benchmark.plan.stand_ins import Shelf, Wanted
from benchmark.references import folder as references
from benchmark.references.folder import Reference
from benchmark.suite.schema import Suite

NET = ExtractorSpec(
    name="net", target="lib.net:Net", version=1, weights=WeightsSpec(folder=Path("here"), digest="a" * 64)
)
CLASS: dict[str, Any] = {"target": "benchmark.datasets.pcam:Pcam", "version": 1}
CUDA = {"device": "cuda", "torch": "2.9", "diffusers": "0.36"}
CPU = {**CUDA, "device": "cpu"}


def wanted(*, extractor: ExtractorSpec = NET, platform: dict[str, str] = CPU, **suite: Any) -> Wanted:
    """What a plan of the pack's suite needs, with parts of it changed."""
    found = Suite(**{**packs.SUITE, **suite})
    return Wanted(found, (extractor,), ("reference",), Platform(**platform))  # type: ignore[arg-type]


def imported(place: Path, **changes: Any) -> Reference:
    """A reference on a shelf."""
    return references.read(packs.unpacked(place, **changes))


def test_the_one_that_fits_is_taken(tmp_path: Path) -> None:
    """Whatever device it was made on: it says so itself."""
    there = imported(tmp_path)
    assert Shelf(tmp_path).choose(wanted(), **CLASS) == there


def test_without_one_of_the_dataset_there_is_none(tmp_path: Path) -> None:
    """An empty shelf, none at all, and one of other images."""
    other = wanted(dataset={"name": "pcam", "params": {"codec": "none"}})
    assert Shelf(tmp_path / "none").choose(wanted(), **CLASS) is None
    imported(tmp_path)
    assert Shelf(tmp_path).choose(other, **CLASS) is None


@pytest.mark.parametrize(
    ("given", "installed", "said"),
    [
        ({"protocol": {"size": 64}}, {}, "protocol "),
        (
            {"roles": {**packs.SUITE["roles"], "reference": {"split": "valid", "part": (0.0, 0.5)}}}, {},
            "role 'reference' is valid 0 to 1, the suite's is valid 0 to 0.5",
        ),
        (
            {"roles": {**packs.SUITE["roles"], "train": {"split": "train", "n": 50}}}, {},
            "role 'train' is train 0 to 1, the suite's is train 0 to 1, at most 50 images",
        ),
        ({"roles": {**packs.SUITE["roles"], "floor": {"split": "test"}}}, {}, "role 'floor' is not in it"),
        ({}, {"version": 2}, "its images were read by benchmark.datasets.pcam:Pcam version 1, installed is"),
        ({"extractor": NET.model_copy(update={"version": 2})}, {}, "extractor 'net' is of version 1, here of version 2"),
        ({"extractor": NET.model_copy(update={"weights": None})}, {}, "extractor 'net' has other weights"),
        (
            {"extractor": NET.model_copy(update={"weights": WeightsSpec(folder=Path(), digest="b" * 64)})}, {},
            "extractor 'net' has other weights",
        ),
        ({"extractor": NET.model_copy(update={"params": {"layer": 3}})}, {}, "has other parameters or code"),
        ({"extractor": NET.model_copy(update={"source": "c" * 64})}, {}, "has other parameters or code"),
        (
            {"extractor": NET.model_copy(update={"name": "other", "target": "lib:Other"}), "extractors": ("other",)}, {},
            "no features of extractor 'other'",
        ),
    ],
)  # fmt: skip
def test_one_that_does_not_fit_is_refused(tmp_path: Path, given: Any, installed: Any, said: str) -> None:
    """Never taken all the same: the reason is named, and what to do."""
    imported(tmp_path)
    with pytest.raises(UserError, match="No imported reference fits suite 'mine' as it is run here") as refused:
        Shelf(tmp_path).choose(wanted(**given), **{**CLASS, **installed})
    assert said in str(refused.value)
    assert "--data-root" in str(refused.value)


def test_a_role_without_features_does_not_do(tmp_path: Path) -> None:
    """Where a task needs them."""
    imported(tmp_path)
    asked = wanted()
    with pytest.raises(UserError, match="no features of role 'train'"):
        Shelf(tmp_path).choose(Wanted(asked.suite, asked.extractors, ("train",), asked.platform), **CLASS)


def test_an_extractor_goes_by_what_it_is_not_by_its_name(tmp_path: Path) -> None:
    """As everywhere: two names for one thing share results."""
    there = imported(tmp_path)
    mine = NET.model_copy(update={"name": "my-net"})
    assert stand_ins.place_of(mine, there) == 0
    assert Shelf(tmp_path).choose(wanted(extractor=mine, extractors=("my-net",)), **CLASS) == there


def test_of_several_the_one_of_this_platform(tmp_path: Path) -> None:
    """Or the one that is named; else the user is asked."""
    made = {device["device"]: imported(tmp_path, platform=device) for device in (CPU, CUDA)}
    for device in (CPU, CUDA):
        assert Shelf(tmp_path).choose(wanted(platform=device), **CLASS) == made[device["device"]]
    third = wanted(platform={**CPU, "torch": "3.0"})
    with pytest.raises(UserError, match=r"2 imported references fit suite 'mine'. Name one with --reference") as asked:
        Shelf(tmp_path).choose(third, **CLASS)
    assert all(one.short in str(asked.value) for one in made.values())
    assert Shelf(tmp_path, made["cuda"].digest[:6]).choose(third, **CLASS) == made["cuda"]


def test_one_that_is_named_must_be_there(tmp_path: Path) -> None:
    """Once, and of this dataset."""
    there = imported(tmp_path)
    with pytest.raises(UserError, match=rf"--reference zzz: there is no such reference in .* Known: {there.short}"):
        Shelf(tmp_path, "zzz").choose(wanted(), **CLASS)
    imported(tmp_path, platform=CPU)
    with pytest.raises(UserError, match="--reference : 2 references begin so"):
        Shelf(tmp_path, "").choose(wanted(), **CLASS)
    other = wanted(dataset={"name": "pcam", "params": {"codec": "none"}})
    with pytest.raises(UserError, match=rf"--reference {there.short}: reference .* with other parameters"):
        Shelf(tmp_path, there.short).choose(other, **CLASS)


@pytest.mark.parametrize(("made", "why"), [(True, "is made here"), (False, "--data-root names the images")])
def test_one_that_is_named_beside_real_images_is_refused(tmp_path: Path, made: bool, why: str) -> None:
    """Real images win, and nobody is left to think otherwise."""
    with pytest.raises(UserError, match=f"--reference abc: .*{why}"):
        Shelf(tmp_path, "abc").refuse_a_choice("pcam", made=made)
    Shelf(tmp_path).refuse_a_choice("pcam", made=made)
    assert Shelf(tmp_path).chosen is None
