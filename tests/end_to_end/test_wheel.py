"""The wheel: it holds what is needed and no more, and works in a folder that has things of the same names."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("benchmark", "generators", "tasks", "suites", "leaderboard")

Installed = Callable[..., subprocess.CompletedProcess[str]]


def test_it_holds_the_five_packages_whole_and_nothing_else(wheel: Path) -> None:
    """Code, entries, suites, weights and templates as they lie here; neither tests nor scripts."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    expected = {
        str(path.relative_to(ROOT)): path.read_bytes()
        for package in PACKAGES for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }  # fmt: skip
    assert held.keys() == expected.keys()
    assert [name for name in held if held[name] != expected[name]] == []
    assert {"generators/variants.yaml", "generators/tiny_sd/unet/diffusion_pytorch_model.safetensors"} <= held.keys()
    assert {"suites/demo.yaml", "leaderboard/rendering/templates/base.html.j2"} <= held.keys()


def test_it_says_what_the_project_says_of_itself(wheel: Path) -> None:
    """Name, version, license, needs and entry points."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with zipfile.ZipFile(wheel) as archive:
        about = next(name for name in archive.namelist() if name.endswith("/METADATA")).removesuffix("METADATA")
        told = importlib.metadata.PathDistribution(zipfile.Path(archive, about))
        points = {(point.group, point.name): point.value for point in told.entry_points}
        assert f"{about}licenses/LICENSE" in archive.namelist()
        assert (told.name, told.version) == ("histobench", project["version"])
        extras = project["optional-dependencies"].items()
        at_will = [f"{need}; extra == '{extra}'" for extra, needs in extras for need in needs]
        assert sorted(told.requires or ()) == sorted([*project["dependencies"], *at_will])
    assert points[("console_scripts", "bench")] == project["scripts"]["bench"]
    del points[("console_scripts", "bench")]
    wanted = {(group, name): value for group, found in project["entry-points"].items() for name, value in found.items()}
    assert points == wanted


def test_it_uses_its_own_code_where_others_have_its_names(installed: Installed, folder: Path) -> None:
    """Their `tasks.py` and `benchmark` would end the process at once."""
    said = installed("list", "generators", "--json")
    assert said.returncode == 0, said.stderr
    own = yaml.safe_load((ROOT / "generators" / "variants.yaml").read_text())
    assert {row["name"] for row in json.loads(said.stdout)} == own.keys()


def test_doctor_reports_the_shadowing(installed: Installed, folder: Path, venv: Path) -> None:
    """What `python -m` would find first here; all else is in order."""
    said = installed("doctor", "--json")
    found = {row["check"]: row for row in json.loads(said.stdout)}
    assert said.returncode == 0, said.stdout
    assert found["import tasks"]["what"] == "sound; but 'python -m' started here would find tasks.py first"
    assert found["import benchmark"]["what"] == "sound; but 'python -m' started here would find benchmark first"
    assert Path(found["import generators"]["what"]).is_relative_to(venv)
    assert found["suites"]["what"] == f"{len(list((ROOT / 'suites').glob('*.yaml')))} load"


def test_it_runs_a_suite_there(installed: Installed, folder: Path) -> None:
    """Data, weights, extractor, all tasks and the board; with its own code, that nobody has changed since."""
    said = installed("run", "--suite", "tiny.yaml", "--store", "store", "--no-tracking")
    assert said.returncode == 0, said.stderr
    records = [json.loads(path.read_text()) for path in (folder / "store" / "records").rglob("*.json")]
    assert {(record["variant"]["name"], record["task"]["name"]) for record in records} == {
        (variant, task) for variant in ("vae-roundtrip", "noise") for task in ("fidelity", "coverage")
    }
    assert {record["status"] for record in records} == {"complete"}
    assert {record["provenance"]["commit"] for record in records} == {None}
    assert "Research use only" in (folder / "store" / "leaderboard" / "index.html").read_text()


def test_elsewhere_python_m_finds_their_code(folder: Path, venv: Path, surroundings: dict[str, str]) -> None:
    """As doctor says: so the tests above could have failed."""
    command = [venv / "bin" / "python", "-m", "benchmark.cli.main", "list", "suites"]
    said = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=900)
    assert said.returncode != 0
    assert "somebody else's benchmark" in said.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without a network."""
    place = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=900)
    (found,) = place.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, beside the packages it needs but not this checkout."""
    place = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True, timeout=900)
    (packages,) = place.glob("lib/python*/site-packages")
    # Only what lies there itself: what it points to, this checkout for one, does not come along.
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = [sys.executable, "-m", "pip", "--python", place / "bin" / "python", "install", "--quiet"]
    command += ["--no-deps", "--no-index", "--disable-pip-version-check", wheel]
    subprocess.run(command, check=True, capture_output=True, timeout=900)
    return place


@pytest.fixture
def surroundings(environment: dict[str, str]) -> dict[str, str]:
    """The environment without any path to this checkout."""
    return {key: text for key, text in environment.items() if key != "PYTHONPATH"}


@pytest.fixture
def installed(venv: Path, folder: Path, surroundings: dict[str, str]) -> Installed:
    """The installed command, called in the folder."""

    def call(*arguments: Any) -> subprocess.CompletedProcess[str]:
        command = [venv / "bin" / "bench", *arguments]
        return subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=1800)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with somebody else's `tasks.py` and `benchmark`, and a small suite."""
    (tmp_path / "benchmark").mkdir()
    (tmp_path / "benchmark" / "__init__.py").write_text('raise SystemExit("somebody else\'s benchmark")\n')
    (tmp_path / "tasks.py").write_text('raise SystemExit("somebody else\'s tasks")\n')
    suite = yaml.safe_load((ROOT / "suites" / "phantom-bounds.yaml").read_text())
    suite |= {"name": "tiny", "variants": ["vae-roundtrip", "noise"], "n": 30}
    suite["dataset"]["params"] = {"train": 40, "valid": 120, "test": 20}
    del suite["tasks"]["tstr"]
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(suite))
    return tmp_path
