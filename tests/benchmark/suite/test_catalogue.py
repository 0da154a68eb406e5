"""Finding suites, and refusing those that name unknown things or would leak conditioning into scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry.variants import Catalogue
from benchmark.suite import catalogue


@pytest.fixture
def checked(toy_suite: Callable[..., Path], tmp_path: Path) -> Callable[..., None]:
    """Checks the toy suite with some keys changed, against what is installed and a registry file of one's own."""

    def check(registry: str = "{}", **changes: object) -> None:
        own = tmp_path / "registry.yaml"
        own.write_text(registry)
        catalogue.check(catalogue.read(str(toy_suite(**changes))), Catalogue.discover([] if own is None else [own]))

    return check


def test_suites_of_installed_packages_are_found_by_name():
    """The toy package keeps its variants in the same folder; they are no suite."""
    assert catalogue.paths()["toy"].name == "toy.yaml"
    assert "variants" not in catalogue.paths()
    assert "toy" in [suite.name for suite in catalogue.installed()]


def test_a_misspelt_suite_is_answered_with_the_nearest():
    """And with how to name a file of one's own."""
    with pytest.raises(UserError, match="There is no suite 'toi'. Did you mean 'toy'.*ending in .yaml"):
        catalogue.read("toi")


def test_a_file_of_ones_own_is_read_by_its_path(toy_suite):
    """Its name must be that of the file, since results are kept under it."""
    path = toy_suite("mine")
    assert catalogue.read(str(path)).name == "mine"
    path.rename(path.with_name("other.yaml"))
    with pytest.raises(UserError, match="key 'name' is 'mine', but the file is named 'other'"):
        catalogue.read(str(path.with_name("other.yaml")))


def test_two_suites_of_one_name_are_refused(tmp_path: Path, monkeypatch):
    """Naming both files."""
    package = tmp_path / "rival_suites"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "toy.yaml").write_text("name: toy")
    info = tmp_path / "rival_suites-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rival-suites\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[histobench.suites]\nrival = rival_suites\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="Two suites are named 'toy'") as refused:
        catalogue.paths()
    assert str(package / "toy.yaml") in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"protocol": {"size": 8, "extractor": "inception"}},
            r"compares features of 'inception', which key 'extractors' does not list \(toy-mean\)",
        ),
        (
            {"protocol": {"size": 8, "root": "newton-schulz"}, "tasks": {"fidelity": {}}},
            r"root is 'newton-schulz', which no task of the suite takes \(fidelity: exact\)",
        ),
        ({"protocol": {"size": 8, "root": "newton-schulz"}}, r"'newton-schulz', which no task .*\(none takes one\)"),
        ({"tasks": {"released-fidelity": {}}}, r"root is 'exact', which .*\(released-fidelity: newton-schulz\)"),
    ],
)
def test_a_protocol_must_be_what_the_suite_measures(checked, changes, expected):
    """Or boards would show a protocol that no number was measured under."""
    with pytest.raises(UserError, match=expected):
        checked(**changes)


def test_a_suite_that_measures_what_its_protocol_says_passes(checked):
    """Also with the exact root beside the released one, to compare the two."""
    both = {"fidelity": {}, "released-fidelity": {}}
    for changes in (
        {"protocol": {"size": 8, "extractor": "toy-mean"}},
        {"protocol": {"size": 8, "root": "newton-schulz"}, "tasks": both},
        {"tasks": both},
    ):
        assert checked(**changes) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"variants": ["toy-plian"]}, "key 'variants': There is no generator 'toy-plian'. Did you mean 'toy-plain'"),
        ({"tasks": {"toy-distanse": {}}}, "key 'tasks': There is no task 'toy-distanse'. Did you mean 'toy-distance'"),
        ({"extractors": ["toy-maen"]}, "key 'extractors': There is no extractor 'toy-maen'. Did you mean 'toy-mean'"),
        ({"dataset": {"name": "tyo"}}, "key 'dataset': There is no dataset 'tyo'. Did you mean 'toy'"),
        (
            {"variants": ["toy-plian", "toy-fitted"], "primary": ["toy-plain", "toy-fitted"]},
            "key 'variants': There is no generator 'toy-plian'. Did you mean 'toy-plain'",
        ),
        ({"roles": {"reference": {"split": "valid"}}}, "every suite needs the role 'train'"),
        (
            {"roles": {"train": {"split": "train"}, "test": {"split": "test"}}},
            "task 'toy-distance' needs the role 'reference', which key 'roles' does not define. Defined: test, train",
        ),
        (
            {"roles": {"train": {"split": "train"}, "reference": {"split": "valid"}}},
            "task 'toy-distance' needs the role 'test'",
        ),
    ],
)
def test_what_is_unknown_is_named_with_suite_key_and_nearest(checked, changes, expected):
    """Variants, tasks, extractors, dataset, roles."""
    with pytest.raises(UserError, match=f"suite 'mine'.*{expected}"):
        checked(**{"primary": [], **changes})


@pytest.mark.parametrize(
    ("primary", "expected"),
    [
        (["toy-plain", "toy-fited"], "'toy-fited' is not among the suite's variants. Did you mean 'toy-fitted'"),
        (["toy-plain", "toy-real"], "'toy-real' is a control"),
        (["toy-plain"], "'toy-plain' stands alone"),
    ],
)
def test_a_comparison_that_nothing_could_decide_is_refused(checked, primary, expected):
    """Before anything runs; none is none."""
    with pytest.raises(UserError, match=f"suite 'mine', key 'primary': {expected}"):
        checked(primary=primary)
    checked(primary=[])


def test_a_variant_whose_role_the_suite_lacks_is_refused(checked):
    """toy-real reads the floor."""
    roles = {"train": {"split": "train"}, "reference": {"split": "valid"}, "test": {"split": "test"}}
    with pytest.raises(UserError, match="variant 'toy-real' needs the role 'floor'"):
        checked(variants=["toy-real"], roles=roles, primary=[])
    checked(variants=["toy-plain"], roles=roles, primary=[])


def test_what_steers_may_not_score(checked):
    """The honesty rule: toy-fitted is steered by toy-guide."""
    checked()
    with pytest.raises(UserError, match="'toy-guide' steers variant 'toy-fitted' and would also score it"):
        checked(extractors=["toy-mean", "toy-guide"])
    checked(extractors=["toy-mean", "toy-guide"], variants=["toy-plain"], primary=[])


def test_what_steers_may_not_score_under_a_second_name(checked, tmp_path, monkeypatch, fresh_discovery):
    """An outsider's alias for the same class is the same extractor."""
    info = tmp_path / "alias-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: alias\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[histobench.extractors]\ninnocent = toybench.measure:Guide\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="'toy-guide' steers.*would also score it .under the name 'innocent'"):
        checked(extractors=["innocent"])


def test_an_unknown_guide_is_refused(checked):
    """With the nearest."""
    registry = "mine: {extends: toy-plain, guided_by: [toy-giude]}"
    with pytest.raises(UserError, match="variant 'mine', key 'guided_by': There is no extractor 'toy-giude'"):
        checked(registry, variants=["mine"], primary=[])


def test_a_generator_that_reads_while_sampling_is_refused(checked):
    """Also when it comes in through a suite."""
    registry = "mine: {extends: toy-plain, reads: [test]}"
    with pytest.raises(UserError, match="key 'variants': Variant 'mine' reads test while sampling"):
        checked(registry, variants=["mine"], primary=[])


def test_every_installed_suite_is_sound():
    """No suite of the project breaks its own rules."""
    variants, suites = Catalogue.discover(), list(catalogue.installed())
    for suite in suites:
        catalogue.check(suite, variants)
    assert {"demo", "demo-study", "pcam-mini", "pcam-small"} <= {suite.name for suite in suites}
