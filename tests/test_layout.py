"""The shape of the repository: every source has its tests, every test asserts, no file knows of one machine alone."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("benchmark", "generators", "tasks", "leaderboard")

SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if "toybench" not in path.parts)

_Function = ast.FunctionDef | ast.AsyncFunctionDef

_MACHINE = re.compile(
    r"(?<![\w.~$}*-])/(?:home|Users|root|opt|mnt|srv|media|scratch|workspace|nfs)/[\w.-]+|\b[A-Z]:\\+Users\\"
)
"""Places that one machine has and another has not: homes, mounts, what people install by hand."""
_INDEX = re.compile(
    r"\b(?:pypi|pythonhosted|anaconda|download\.pytorch|gemfury|jfrog|cloudsmith)\.(?:org|com|io|dev)\b"
    r"|--(?:extra-)?index-url|\b(?:PIP|UV)_(?:EXTRA_)?(?:DEFAULT_)?INDEX|\bdev(?:pi)\b|\bartifact(?:ory)\b|https?://\S+/simple\b",
    re.IGNORECASE,
)
"""Hosts that packages come from, and the ways to name one."""


def test_every_source_that_does_something_has_its_test_file() -> None:
    """At the mirrored path; what only declares types and constants needs none."""
    missing = [
        str(mirrored.relative_to(ROOT))
        for source in SOURCES
        if not (mirrored := _mirrored(source)).is_file() and _does_something(_tree(source))
    ]
    assert not missing, "\n".join(missing)


def test_every_test_says_what_it_shows_and_asserts_it() -> None:
    """A docstring, and an assertion of its own or of a helper it calls."""
    faults = []
    for path in TESTS:
        helpers = _asserting(path)
        for function in _functions(_tree(path)):
            if not function.name.startswith("test_"):
                continue
            where = f"{path.relative_to(ROOT)}:{function.lineno}: {function.name}"
            faults += [] if ast.get_docstring(function) else [f"{where} has no docstring"]
            faults += [] if _asserts(function, helpers) else [f"{where} asserts nothing"]
    assert not faults, "\n".join(faults)


def test_no_file_names_a_place_on_one_machine() -> None:
    """Nor this checkout's own."""
    here = [str(ROOT), str(ROOT.parent / "shared")] if len(ROOT.parts) > 2 else []
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path, number, line in _lines()
        if _MACHINE.search(line) or any(place in line for place in here)
    ]
    assert not found, "\n".join(found)


def test_no_file_names_a_package_index() -> None:
    """Where packages come from is for the user's own pip to know."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path, number, line in _lines()
        if _INDEX.search(line)
    ]
    assert not found, "\n".join(found)


def test_there_is_something_to_look_at() -> None:
    """A wrong root would find nothing to complain of."""
    files = {str(path.relative_to(ROOT)) for path, _, _ in _lines()}
    assert {"README.md", "Makefile", "pyproject.toml", "requirements.lock", "suites/phantom-bounds.yaml"} <= files
    assert len(SOURCES) > 200
    assert len(TESTS) > 100
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == {*PACKAGES}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X = 1\nclass A:\n    x: int = 0\n", False),
        ('class A:\n    def f(self) -> int:\n        """Return."""\n        ...\n', False),
        ('class A:\n    def f(self) -> int:\n        """Return."""\n', False),
        ("def f(): ...\nasync def g(): ...\n", False),
        ('def f():\n    """Return."""\n    return 1\n', True),
        ("class A:\n    class B:\n        async def f(self):\n            pass\n", True),
        ("if X:\n    def f():\n        return 1\n", True),
    ],
)
def test_what_counts_as_doing_something(text: str, expected: bool) -> None:
    """Any function with more to it than a docstring and an ellipsis, wherever it stands."""
    assert _does_something(ast.parse(text)) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("assert x", True),
        ("with pytest.raises(ValueError): f()", True),
        ("with open(x) as f, pytest.raises(ValueError): f()", True),
        ("with pytest.warns(UserWarning): f()", True),
        ("np.testing.assert_allclose(a, b)", True),
        ("subprocess.run(x, check=True)", False),
        ("direct()", True),
        ("through_another(1)", True),
        ("indifferent()", False),
        ("swallowing()", False),
        ("f()", False),
        ("x = 'assert'", False),
        ("x = lambda: direct()", False),
        ("pytest.skip('assert')", False),
        ("def inner():\n        assert x", False),
        ("def inner():\n        assert x\n    inner()", True),
    ],
)
def test_what_counts_as_an_assertion(tmp_path: Path, body: str, expected: bool) -> None:
    """Of the test itself, or of a function or fixture it calls by name; a function nobody calls asserts nothing."""
    path = tmp_path / "test_it.py"
    path.write_text(
        f"def test_it():\n    {body}\n"
        "def direct():\n    assert x\n"
        "def through_another(y):\n    return direct()\n"
        "def indifferent():\n    f()\n"
        "def swallowing():\n    with pytest.raises(ValueError): f()\n"
    )
    test = next(_functions(_tree(path)))
    assert _asserts(test, _asserting(path)) is expected


def test_fixtures_of_the_folders_above_may_assert(tmp_path: Path) -> None:
    """Those of the nearest conftest.py that has the name, as pytest takes them; one beside the way is not looked at."""
    (tmp_path / "near" / "deep").mkdir(parents=True)
    (tmp_path / "conftest.py").write_text("def checks():\n    def check():\n        assert x\n    return check\n")
    (tmp_path / "near" / "conftest.py").write_text("def other():\n    pass\n")
    path = tmp_path / "near" / "deep" / "test_it.py"
    path.write_text("def test_it(checks):\n    checks()\n")
    assert "checks" in _asserting(path, top=tmp_path)
    assert "checks" not in _asserting(path, top=tmp_path / "near")


@pytest.mark.parametrize(
    "place", ["home/someone", "Users/someone", "root/.cache", "opt/tools", "mnt/disk", "scratch/x"]
)
def test_places_on_one_machine_are_found(place: str) -> None:
    """However they are written; what every machine of the kind has, addresses and paths in a store are let be."""
    for before in ("", "see ", '"', "'", "(", "=", "`", ":", "file://"):
        assert _MACHINE.search(f"{before}/{place}/x"), before
    assert _MACHINE.search("C:" + r"\Users\someone")
    for text in ("/dev/null", "/proc/1/stat", "/bin/sh", "/tmp/x", "a/home/b", "https://x.org/home/y", "store/root/x"):
        assert not _MACHINE.search(text), text


@pytest.mark.parametrize(
    "words",
    [("https://", "pypi", ".org"), ("files.", "pythonhosted", ".org"), ("https://download.", "pytorch", ".org/whl/cpu"),
     ("conda.", "anaconda", ".org"), ("pip install --index", "-url x"), ("--extra-index", "-url=x"), ("PIP_", "INDEX_URL=x"),
     ("UV_", "DEFAULT_INDEX"), ("https://mirror.example/", "simple/")],
)  # fmt: skip
def test_package_indexes_are_found(words: tuple[str, ...]) -> None:
    """Known hosts, and options and variables that name any; not the words of everyday."""
    assert _INDEX.search("".join(words))
    for text in ("a simple index", "index.html", "the PyPI name", "data set index", "pytorch.org/docs"):
        assert not _INDEX.search(text)


def _mirrored(source: Path) -> Path:
    return ROOT / "tests" / source.relative_to(ROOT).with_name(f"test_{source.name}")


@functools.cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _does_something(tree: ast.AST) -> bool:
    """Tell whether a module holds a function whose body is more than a docstring and an ellipsis."""
    return any(
        not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and _says_nothing(line.value.value))
        for function in _functions(tree)
        for line in function.body
    )


def _says_nothing(value: object) -> bool:
    return value is ... or isinstance(value, str)


def _functions(tree: ast.AST) -> Iterator[_Function]:
    return (node for node in ast.walk(tree) if isinstance(node, _Function))


def _asserting(path: Path, top: Path = ROOT / "tests") -> set[str]:
    """Return the names of functions and fixtures that assert something, of a file and the conftest.py files above it."""
    above = [folder / "conftest.py" for folder in path.parents if folder.is_relative_to(top)]
    known = [
        function
        for one in (path, *above)
        if one.is_file()
        for function in _functions(_tree(one))
        if not function.name.startswith("test_")
    ]
    found: set[str] = set()
    while True:
        more = {
            function.name
            for function in known
            if function.name not in found and _asserts(function, found, is_helper=True)
        }
        if not more:
            return found
        found |= more


def _asserts(function: _Function, helpers: set[str], *, is_helper: bool = False) -> bool:
    """Tell whether a function asserts something, by itself or through a helper.

    Args:
        function: The function.
        helpers: Names of functions and fixtures that do.
        is_helper: Whether it is no test. Functions inside of a fixture count then, since what it hands out is called
            by its name; that it expects an exception does not, since it may swallow any.
    """
    nodes = [node for statement in function.body for node in _walk(statement, deep=is_helper)]
    return any(_is_assertion(node, helpers) for node in nodes) or (
        not is_helper and any(_expects_exception(node) for node in nodes)
    )


def _is_assertion(node: ast.AST, helpers: set[str]) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr.startswith("assert_")
    return isinstance(node.func, ast.Name) and node.func.id in helpers


def _expects_exception(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ("pytest.raises", "pytest.warns")


def _walk(node: ast.AST, *, deep: bool) -> Iterator[ast.AST]:
    if deep or not isinstance(node, _Function | ast.Lambda):
        yield node
        for child in ast.iter_child_nodes(node):
            yield from _walk(child, deep=deep)


def _lines() -> Iterator[tuple[Path, int, str]]:
    """Yield file, number and text of every line that git knows of or would take up."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for path in (ROOT / name for name in names if name):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # Taken out just now, or no text.
        yield from zip(itertools.repeat(path), itertools.count(1), text.splitlines())
