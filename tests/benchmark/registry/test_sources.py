"""What a file of the user's own is made of."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmark.errors import UserError
from benchmark.registry import sources, targets


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of code that imports other code of the user's; what is loaded of it is forgotten afterwards."""
    (tmp_path / "mine.py").write_text(
        "import json, numpy as np\nfrom torch import nn\nimport benchmark.errors\n"
        "def later():\n    import strands_helper\nfrom strands.inner import deep\nimport not_there\n"
    )
    (tmp_path / "strands_helper.py").write_text("import strands_further\n")
    (tmp_path / "strands_further.py").write_text("import strands_helper\n")
    (tmp_path / "strands").mkdir()
    (tmp_path / "strands" / "__init__.py").touch()
    (tmp_path / "strands" / "inner.py").write_text("from . import beside\ndeep = 1\n")
    (tmp_path / "strands" / "beside.py").touch()
    (tmp_path / "unused.py").touch()
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", {**sys.modules})
    return tmp_path


def test_what_is_imported_and_not_installed_belongs_to_it(own: Path):
    """Directly, later, of a package whole, in a ring; the standard library, packages and our own do not."""
    names = [str(file.relative_to(own)) for file in sources.files_of(own / "mine.py")]
    assert names == [
        "mine.py", "strands/__init__.py", "strands/beside.py", "strands/inner.py", "strands_further.py",
        "strands_helper.py",
    ]  # fmt: skip


def test_code_on_the_path_belongs_to_it(own: Path, tmp_path_factory: pytest.TempPathFactory):
    """As with PYTHONPATH."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "not_there.py").touch()
    sys.path.append(str(elsewhere))
    assert elsewhere / "not_there.py" in sources.files_of(own / "mine.py")


@pytest.mark.parametrize("changed", ["mine.py", "strands_further.py", "strands/beside.py"])
def test_a_change_of_any_of_them_changes_the_digest(own: Path, changed: str):
    """So that results of the older code are not taken for those of the newer."""
    before = targets.source_digest("mine.py:x", relative_to=own)
    assert targets.source_digest("mine.py:x", relative_to=own) == before
    (own / changed).write_text((own / changed).read_text() + "# changed\n")
    assert targets.source_digest("mine.py:x", relative_to=own) != before


def test_a_change_of_anything_else_does_not(own: Path):
    """A file that nothing imports."""
    before = targets.source_digest("mine.py:x", relative_to=own)
    (own / "unused.py").write_text("x = 1\n")
    assert targets.source_digest("mine.py:x", relative_to=own) == before


def test_code_beside_a_file_is_found(own: Path):
    """Without PYTHONPATH; what is installed is found first."""
    (own / "json.py").write_text("raise RuntimeError\n")
    (own / "mine.py").write_text("import json\nfrom strands.inner import deep\n")
    assert targets.load("mine.py:deep", relative_to=own) == 1


def test_another_module_of_the_same_name_is_refused(own: Path, tmp_path_factory: pytest.TempPathFactory):
    """Two registries with a `strands_helper` each: the second would be served the first one's."""
    other = tmp_path_factory.mktemp("other")
    for folder in (own, other):
        (folder / "mine.py").write_text("import strands_helper\nx = 1\n")
    (other / "strands_helper.py").touch()
    (own / "strands_helper.py").write_text("")
    targets.load("mine.py:x", relative_to=own)
    sys.path.remove(str(own))
    with pytest.raises(
        UserError, match=r"imports 'strands_helper', which would be .*other.* is loaded already. Rename one"
    ):
        targets.load("mine.py:x", relative_to=other)


def test_what_is_not_python_imports_nothing(tmp_path: Path):
    """Loading it will tell why."""
    (tmp_path / "mine.py").write_text("def (")
    assert sources.files_of(tmp_path / "mine.py") == [tmp_path / "mine.py"]
