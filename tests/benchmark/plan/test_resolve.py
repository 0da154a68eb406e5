"""From names to specs: parameters that a class does not take, data that is not there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from benchmark import digests
from benchmark.contracts.dataset import Released
from benchmark.contracts.generator import Generator
from benchmark.errors import UserError
from benchmark.plan import resolve
from benchmark.plan.resolve import Resolver, check_params
from benchmark.registry import discovery
from benchmark.registry.registry import Entry
from benchmark.registry.variants import Catalogue
from benchmark.store.store import Store
from benchmark.suite import catalogue
from benchmark.suite.schema import DatasetEntry, Suite


class Taking:
    def __init__(self, needed: int, optional: float = 1.0, *, named: str = "x") -> None: ...


class TakingAll:
    def __init__(self, **anything: object) -> None: ...


class OnDisk:
    version, summary, made, classes, side = 3, "x", False, ("a", "b"), 8
    advice = "Fetch it from its makers."

    def __init__(self, fold: int = 0) -> None:
        self.fold = fold

    def files(self, root: Path) -> list[Path]:
        return [root / "b.bin", root / "a.bin"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"needed": 1, "optonal": 2}, "x: unknown parameter 'optonal'. Did you mean 'optional'"),
        ({"optional": 2.0}, "x: parameter 'needed' is missing"),
        ({}, "x: parameter 'needed' is missing"),
    ],
)
def test_parameters_a_class_does_not_take_are_refused(params, expected):
    """With the nearest."""
    with pytest.raises(UserError, match=expected):
        check_params(Taking, params, where="x")


def test_parameters_a_class_takes_pass():
    """All of them, or whatever a class that takes anything is given."""
    assert check_params(Taking, {"needed": 1, "named": "y"}, where="x") is None
    assert check_params(TakingAll, {"whatever": 1}, where="x") is None


class Contracted(Generator):
    """Derives from the contract and writes no constructor."""


class Bare:
    """Writes no constructor."""


@pytest.mark.parametrize("factory", [Bare, Contracted])
def test_a_class_without_a_constructor_takes_nothing(factory):
    """It is said so before Python would, in words that name no class of Python's."""
    with pytest.raises(UserError) as raised:
        check_params(factory, {"k": 1}, where="variant 'x'")
    assert str(raised.value) == "variant 'x': takes no parameter, found 'k'. Its class has no '__init__'."
    assert check_params(factory, {}, where="variant 'x'") is None
    factory()  # Python gives a class that derives from a protocol its constructor when it is first made.
    with pytest.raises(UserError, match="takes no parameter"):
        check_params(factory, {"k": 1}, where="variant 'x'")


@dataclass(frozen=True)
class Typed:
    """With every kind of annotation that a parameter has here."""

    count: Annotated[int, Field(ge=1)] = 1
    rate: float = 1.0
    name: Literal["a", "b"] = "a"
    most: int | None = None
    sizes: tuple[int, ...] = ()
    other: Taking | None = None
    _hidden: object = None


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"count": "many"}, "x: parameter 'count': expected a whole number (found 'many')."),
        ({"count": "3"}, "x: parameter 'count': expected a whole number (found '3')."),
        ({"count": True}, "x: parameter 'count': expected a whole number (found True)."),
        ({"count": 0}, "x: parameter 'count': expected 1 or more (found 0)."),
        ({"count": 1.5}, "x: parameter 'count': expected a whole number (found 1.5)."),
        ({"rate": [1]}, "x: parameter 'rate': expected a number (found [1])."),
        ({"name": "c"}, "x: parameter 'name': there is no such choice. Known: a, b (found 'c')."),
        ({"most": "few"}, "x: parameter 'most': expected a whole number (found 'few')."),
        ({"sizes": [1, "x"]}, "x: parameter 'sizes.1': expected a whole number (found 'x')."),
    ],
)
def test_parameters_of_another_type_or_range_are_refused(params, expected):
    """With what was found and what was expected, before anything is run."""
    with pytest.raises(UserError) as raised:
        check_params(Typed, params, where="x")
    assert str(raised.value) == expected


@dataclass
class Unsure:
    """With a part that a type checker alone knows."""

    kept: Nowhere | None = None  # noqa: F821
    rate: float = 1.0


@dataclass
class Derived(Unsure):
    """With one more."""

    count: int = 1


@pytest.mark.parametrize("params", [{"rate": "x"}, {"count": "x"}])
def test_an_annotation_that_means_nothing_leaves_the_others(params):
    """In a class and in those that derive from it."""
    with pytest.raises(UserError, match=r"expected a .*number \(found 'x'\)"):
        check_params(Derived, params, where="x")
    assert check_params(Derived, {"kept": 3, "count": 2}, where="x") is None


def test_parameters_of_the_right_type_pass():
    """A whole number for a real one, a list for a tuple, nothing for what may be left out."""
    given = {"count": 2, "rate": 3, "name": "b", "most": None, "sizes": [1, 2], "other": 5}
    assert check_params(Typed, given, where="x") is None
    with pytest.raises(UserError, match=r"parameter 'needed': expected a whole number \(found 'one'\)"):
        check_params(Taking, {"needed": "one"}, where="x")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"dataset": {"name": "phantom", "params": {"train": "lots"}}},
            "dataset 'phantom': parameter 'train': expected a whole number (found 'lots')",
        ),
        ({"dataset": {"name": "phantom", "params": {"train": -5}}}, "-5"),
        (
            {"tasks": {"fidelity": {"permutations": "many"}}},
            "task 'fidelity': parameter 'permutations': expected a whole number (found 'many')",
        ),
        ({"tasks": {"tstr": {"classifiers": 0}}}, "task 'tstr': parameter 'classifiers': expected 1 or more (found 0)"),
    ],
)
def test_a_suite_s_parameters_are_checked(changes, expected):
    """Of its dataset and of its tasks, without data."""
    suite = catalogue.read("demo").model_dump(mode="json")
    resolve.check_suite(Suite.model_validate_json(json.dumps(suite)), None)
    with pytest.raises(UserError, match=re.escape(expected)):
        resolve.check_suite(Suite.model_validate_json(json.dumps({**suite, **changes})), None)


def test_a_suite_s_files_are_looked_for_where_a_root_is_given(tmp_path: Path):
    """Without one, or for images that are made, none are."""
    real, made = catalogue.read("pcam-mini"), catalogue.read("demo")
    resolve.check_suite(real, None)
    resolve.check_suite(made, tmp_path)
    with pytest.raises(UserError, match=r"camelyonpatch_level_2_split_train_x.h5 is missing"):
        resolve.check_suite(real, tmp_path)


@pytest.fixture
def resolver(tmp_path: Path) -> Resolver:
    """Over files in a folder."""
    (tmp_path / "a.bin").write_bytes(b"a")
    (tmp_path / "b.bin").write_bytes(b"b")
    return Resolver(Catalogue.discover(), tmp_path, digests.of_file)


@pytest.mark.usefixtures("fresh_discovery")
def test_a_dataset_on_disk_is_its_files(resolver, tmp_path):
    """Their names below the root and their contents; needs a root."""
    discovery.datasets().register("on-disk")(OnDisk)
    entry = DatasetEntry(name="on-disk", params={"fold": 1})
    spec = resolver.dataset(entry)
    expected = digests.of_files(
        {"a.bin": digests.of_file(tmp_path / "a.bin"), "b.bin": digests.of_file(tmp_path / "b.bin")}
    )
    assert (spec.files, spec.root, spec.version, spec.params) == (expected, tmp_path, 3, {"fold": 1})
    (tmp_path / "a.bin").write_bytes(b"c")
    assert resolver.dataset(entry).files != expected
    with pytest.raises(UserError, match=r"needs --data-root .or BENCH_DATA_ROOT.. Fetch it from its makers."):
        Resolver(resolver.variants, None, digests.of_file).dataset(entry)
    with pytest.raises(UserError, match="dataset 'on-disk': unknown parameter 'fild'. Did you mean 'fold'"):
        resolver.dataset(DatasetEntry(name="on-disk", params={"fild": 1}))


@pytest.mark.usefixtures("fresh_discovery")
def test_a_file_that_may_not_be_read_is_named(resolver, tmp_path):
    """One message, as where it is missing."""
    discovery.datasets().register("on-disk")(OnDisk)

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    closed = Resolver(resolver.variants, tmp_path, refuse)
    with pytest.raises(UserError, match=r"\.bin of dataset 'on-disk' cannot be read: Permission denied"):
        closed.dataset(DatasetEntry(name="on-disk", params={}))


def test_a_made_dataset_needs_no_root(resolver):
    """And has no files beforehand."""
    spec = resolver.dataset(DatasetEntry(name="toy", params={"count": 8}))
    assert (spec.files, spec.root, spec.target) == (None, None, "toybench.data:Toy")


def test_a_variant_takes_its_guides_versions_along(resolver):
    """A new version of the guide makes new images."""
    spec = resolver.generator(resolver.variants.get("toy-fitted"))
    assert [(guide.name, guide.target, guide.version) for guide in spec.guided_by] == [
        ("toy-guide", "toybench.measure:Guide", 1)
    ]


def test_a_task_s_parameters_are_checked(resolver):
    """Before anything is run."""
    assert resolver.task("toy-distance", {"scale": 2.0}).params == {"scale": 2.0}
    with pytest.raises(UserError, match="task 'toy-distance': unknown parameter 'scael'. Did you mean 'scale'"):
        resolver.task("toy-distance", {"scael": 2.0})


@pytest.mark.usefixtures("fresh_discovery")
def test_a_version_of_a_task_is_in_its_spec(resolver):
    """Raised by its author, it makes new measurements."""
    discovery.tasks().add(Entry("again", "toybench.measure:Distance", "here"))
    assert resolver.task("again", {}).version == 1


@pytest.mark.usefixtures("fresh_discovery")
def test_the_files_of_a_dataset_may_be_digested_together(resolver, tmp_path):
    """To the same digest, by a memo that need not be asked for each of them."""
    discovery.datasets().register("on-disk")(OnDisk)
    asked = []

    def together(files):
        asked.append(sorted(files))
        return "d" * 64

    entry = DatasetEntry(name="on-disk", params={})
    found = Resolver(resolver.variants, tmp_path, digests.of_file, digest_of_files=together).dataset(entry)
    assert (found.files, asked) == ("d" * 64, [["a.bin", "b.bin"]])
    memo = Store(tmp_path / "store").digest_of_files
    remembered = Resolver(resolver.variants, tmp_path, digests.of_file, digest_of_files=memo).dataset(entry)
    assert remembered.files == resolver.dataset(entry).files


@pytest.mark.usefixtures("fresh_discovery")
def test_a_released_dataset_that_is_not_there_can_be_shown(resolver, tmp_path):
    """In a plan that is not run: under a digest that no files have, with what is to be done. Others cannot."""

    class Published(OnDisk):
        """Knows what its release holds."""

        released = Released(images={"train": 70, "valid": 20, "test": 10}, bytes=123)

        def files(self, root: Path) -> list[Path]:
            raise UserError(f"{root / 'x.h5'} is missing.")

    discovery.datasets().register("published")(Published)
    discovery.datasets().register("on-disk")(OnDisk)
    entry = DatasetEntry(name="published", params={})
    for root, said in ((tmp_path, "x.h5 is missing"), (None, "needs --data-root")):
        shown = Resolver(resolver.variants, root, digests.of_file, to_run=False).dataset(entry)
        assert (shown.absent.what, shown.absent.bytes) == ("dataset 'published'", 123)
        assert said in shown.absent.remedy
        assert "absent" not in shown.model_dump()
        with pytest.raises(UserError, match=said):
            Resolver(resolver.variants, root, digests.of_file).dataset(entry)
    with pytest.raises(UserError, match="needs --data-root"):
        Resolver(resolver.variants, None, digests.of_file, to_run=False).dataset(DatasetEntry(name="on-disk"))
