"""What `bench doctor` looks at."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmark import provenance
from benchmark.cli import health
from benchmark.cli.health import Finding
from benchmark.registry.variants import Catalogue

Outside = Callable[..., Path]


def test_this_installation_is_in_order(tmp_path: Path) -> None:
    """Everything is looked at, and sound."""
    found = _all(tmp_path)
    assert [one.check for one in found.values() if not one.sound] == []
    expected = ["python", *(f"package {name}" for name in provenance.PACKAGES)]
    expected += [f"import {name}" for name in ("benchmark", "generators", "tasks", "suites", "leaderboard")]
    expected += ["suites", "generators", "tasks", "datasets", "extractors", "device", "threads", "store"]
    assert list(found) == expected
    assert found["python"].what == ".".join(map(str, sys.version_info[:3]))
    assert found["package torch"].what == importlib.metadata.version("torch")


def test_parts_are_counted(tmp_path: Path, root: Path) -> None:
    """Those of packages from outside with them: the toy package brings one task, one dataset, two extractors."""
    points, found = importlib.metadata.entry_points(), _all(tmp_path)
    for noun in ("tasks", "datasets"):
        assert found[noun].what == f"{len(points.select(group=f'histobench.{noun}'))} load"
    files = list((root / "suites").glob("*.yaml"))
    assert found["suites"].what == f"{len(files) + 1} load"


def test_extractors_are_counted_and_what_is_there_of_their_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of entry points and those of the project that take weights; a folder with the right files counts."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    takers = [one for one in Catalogue.discover().extractors if one.entry.weights is not None]
    count = len(importlib.metadata.entry_points(group="histobench.extractors")) + len(takers)
    assert _all(tmp_path)["extractors"].what == f"{count} load; weights of 0 of {len(takers)} are on this machine"
    place = tmp_path / "weights" / "facebook--dinov2-small"
    place.mkdir(parents=True)
    for name in ("config.json", "preprocessor_config.json", "model.safetensors"):
        (place / name).write_text("")
    assert _all(tmp_path)["extractors"].what.endswith(f"weights of 1 of {len(takers)} are on this machine")


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what brings it."""
    monkeypatch.setattr(provenance, "PACKAGES", ("torch", "no-such-package"))
    found = _all(tmp_path)
    assert found["package torch"].sound
    assert found["package no-such-package"] == Finding(
        "package no-such-package", False, "not installed; pip install histobench brings it"
    )


def test_an_old_python_is_no_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3.11 is the least."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 14))
    assert not _all(tmp_path)["python"].sound
    monkeypatch.setattr(sys, "version_info", (3, 11, 0))
    assert _all(tmp_path)["python"].sound


@pytest.mark.parametrize(
    ("points", "contents", "check", "expected"),
    [
        ({"suites": "x = no_such_folder"}, {}, "suites", "Entry point 'x' of elsewhere names no package"),
        ({"suites": "x = elsewhere"}, {"odd.yaml": "name: [1]\n"}, "suites", "odd.yaml"),
        (
            {"variants": "x = elsewhere"},
            {"variants.yaml": "odd: {generator: 'elsewhere.code:Missing', summary: x}\n", "code.py": ""},
            "generators",
            "elsewhere.code has no attribute 'Missing'",
        ),
        (
            {"tasks": "odd = elsewhere.code:Task"},
            {"code.py": "1 / 0\n"},
            "tasks",
            "ZeroDivisionError: division by zero",
        ),
        ({"datasets": "odd = elsewhere.code:Data"}, {}, "datasets", "there is no module 'elsewhere.code'"),
        ({"extractors": "odd = elsewhere.code:X"}, {"code.py": ""}, "extractors", "has no attribute 'X'"),
    ],
)
def test_what_does_not_load_is_named(
    tmp_path: Path,
    outside: Outside,
    points: dict[str, str],
    contents: dict[str, str],
    check: str,
    expected: str,
) -> None:
    """A package from outside that is broken: the part it breaks, and why; all other checks go on."""
    outside(points, contents)
    found = _all(tmp_path)
    assert not found[check].sound
    assert expected in found[check].what
    assert [one.check for one in found.values() if not one.sound] == [check]


def test_a_name_that_someone_else_takes_first_is_found(tmp_path: Path) -> None:
    """A folder with a package or a module before the distribution on Python's path; by the process that suffers."""
    (tmp_path / "before" / "suites").mkdir(parents=True)
    (tmp_path / "before" / "suites" / "__init__.py").touch()
    (tmp_path / "before" / "leaderboard.py").touch()
    path = os.pathsep.join([str(tmp_path / "before"), os.environ["PYTHONPATH"]])
    program = (
        "from pathlib import Path\n"
        "from benchmark.cli import health\n"
        "for one in health.examine(Path('store')): print(one.check, one.sound, one.what, sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    found = {line.split("|")[0]: line.split("|")[1:] for line in done.stdout.splitlines()}
    assert found["import suites"] == ["False", f"another 'suites' is found first: {tmp_path / 'before' / 'suites'}"]
    file = tmp_path / "before" / "leaderboard.py"
    assert found["import leaderboard"] == ["False", f"another 'leaderboard' is found first: {file}"]
    assert found["import tasks"][0] == "True"


def test_a_package_of_the_distribution_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What brings it is said."""
    monkeypatch.setattr(health, "OWN", ("benchmark", "no_such_part"))
    found = _all(tmp_path)["import no_such_part"]
    assert (found.sound, found.what) == (False, "there is no 'no_such_part'; pip install histobench brings it")


def test_a_twin_in_the_folder_one_is_in_is_told_but_harms_only_python_m(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, or a folder; the command itself is sound."""
    (tmp_path / "tasks.py").touch()
    (tmp_path / "benchmark").mkdir()
    monkeypatch.chdir(tmp_path)
    found = _all(tmp_path)
    assert found["import tasks"].sound
    assert found["import tasks"].what == "sound; but 'python -m' started here would find tasks.py first"
    assert found["import benchmark"].what.endswith("would find benchmark first")
    assert "python -m" not in found["import generators"].what


def test_the_checkout_itself_is_no_twin(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Called in the repository, Python finds what it should."""
    monkeypatch.chdir(root)
    assert _all(tmp_path)["import tasks"].what == str(root / "tasks")


def test_threads_are_those_that_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of all cores."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert _all(tmp_path)["threads"].what == f"1 of {os.cpu_count()} cores"


def test_a_store_that_is_not_there_yet_is_judged_by_where_it_would_be(tmp_path: Path) -> None:
    """Nothing is made; the space is that of the nearest folder that exists."""
    place = tmp_path / "deep" / "down" / "store"
    found = _all(place)["store"]
    assert found.sound
    assert found.what.startswith(f"{place}: ")
    assert found.what.endswith(" free")
    assert not (tmp_path / "deep").exists()


@pytest.mark.parametrize("place", ["file", "file/store"])
def test_a_file_in_the_stores_place(tmp_path: Path, place: str) -> None:
    """Whatever the file's permissions, nothing can be put into it."""
    (tmp_path / "file").touch()
    found = _all(tmp_path / place)["store"]
    assert not found.sound
    assert found.what == f"{tmp_path / place}: {tmp_path / 'file'} is a file, so no store can be there"


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    """Whatever its mode says, as under /proc; where it can be, nothing is left behind."""
    found = _all(Path("/proc/store"))["store"]
    assert not found.sound
    assert found.what.startswith("/proc/store: /proc cannot be written: ")
    assert _all(tmp_path)["store"].sound
    assert list(tmp_path.iterdir()) == []


def _all(store: Path) -> dict[str, Finding]:
    return {one.check: one for one in health.examine(store)}
