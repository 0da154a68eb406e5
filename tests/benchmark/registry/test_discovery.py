"""What installed packages bring, found by their entry points."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry import discovery


def test_an_outside_package_joins_by_its_entry_points():
    """A dataset, extractors, a task and a generator of the toy package, each with its origin."""
    assert discovery.datasets().entry("toy").origin == "toybench"
    assert discovery.tasks().entry("toy-distance").origin == "toybench"
    assert discovery.generators().entry("toy-plain").origin == "toybench"
    assert {"toy-mean", "toy-guide", "random-network", "texture-statistics"} <= {
        entry.name for entry in discovery.extractors()
    }


def test_the_projects_own_parts_join_the_same_way():
    """Verbs among them."""
    origins = {entry.name: entry.origin for entry in discovery.verbs()}
    for verb in ("run", "list", "show", "validate", "store", "doctor"):
        assert origins[verb] == "histobench"


def test_datasets_that_need_a_path_are_kinds_of_places():
    """The others are named alone, or with parameters of their own will."""
    named = {entry.name for entry in discovery.datasets() if not discovery.is_kind_of_place(entry.name)}
    assert {"phantom", "pcam", "toy"} <= named
    assert not {"folder", "arrays"} & named


def test_folders_are_found_without_importing_the_package(install: Callable[..., None]):
    """Reading a YAML file must not run an outsider's code."""
    install("silent_pack", "[histobench.suites]\nsilent = silent_pack\n", code="raise RuntimeError('imported')")
    folders = dict(discovery.folders("suites"))
    assert folders["silent-pack"].name == "silent_pack"
    assert "silent_pack" not in sys.modules


def test_an_entry_point_that_names_no_package_says_whose_it_is(install: Callable[..., None]):
    """The broken distribution, not bench, is to be mended."""
    install("lost_pack", "[histobench.suites]\nlost = no_such_pack\n")
    with pytest.raises(UserError, match="Entry point 'lost' of lost-pack names no package: 'no_such_pack'"):
        list(discovery.folders("suites"))


@pytest.mark.usefixtures("fresh_discovery")
def test_two_packages_that_offer_one_name_are_refused(install: Callable[..., None]):
    """Which of two tasks was meant cannot be guessed."""
    install("rival_pack", "[histobench.tasks]\ntoy-distance = rival_pack:Distance\n")
    with pytest.raises(UserError, match=r"Two tasks are named 'toy-distance'.*toybench"):
        discovery.tasks()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A package of its own with entry points, as pip would leave it."""

    def make(package: str, points: str, code: str = "") -> None:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text(code)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(points)
        monkeypatch.syspath_prepend(tmp_path)

    return make
