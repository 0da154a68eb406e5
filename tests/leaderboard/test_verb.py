"""`bench leaderboard` as a user calls it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from benchmark.cli import main
from benchmark.records import files
from benchmark.store.store import Store


def _bench(monkeypatch, capsys, *arguments):
    """Return exit status, standard output and standard error of a call in this process."""
    monkeypatch.setattr(sys, "argv", ["bench", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0), *capsys.readouterr()


@pytest.fixture
def store(tmp_path, made):
    """A store of one record."""
    found = Store(tmp_path / "store")
    files.write(found.root, made.record("noise", made.value(1.0)))
    return found.root


def test_pages_where_told_and_their_place_printed(monkeypatch, capsys, store, tmp_path) -> None:
    """`--out` decides, and the store is left without pages."""
    code, out, err = _bench(monkeypatch, capsys, "leaderboard", "--store", store, "--out", tmp_path / "pages")
    assert code == 0
    assert "study v1 on phantom, cpu" in out
    assert str(tmp_path / "pages" / "index.html") in err
    assert (tmp_path / "pages" / "index.html").is_file()
    assert not (store / "leaderboard").exists()


def test_json_names_page_and_records(monkeypatch, capsys, store) -> None:
    """For programs."""
    code, out, _ = _bench(monkeypatch, capsys, "leaderboard", "--store", store, "--json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["records"], row["trial"]) == (1, False)
    assert row["page"].startswith(str(store / "leaderboard"))


def test_no_store_is_one_message_and_status_2(monkeypatch, capsys, tmp_path) -> None:
    """Nothing is made."""
    code, out, err = _bench(monkeypatch, capsys, "leaderboard", "--store", tmp_path / "none")
    assert (code, out) == (2, "")
    assert err.startswith("Error: There is no store at")
    assert err.count("\n") == 1
    assert not (tmp_path / "none").exists()


def test_unreadable_record_is_named_and_status_2(monkeypatch, capsys, store) -> None:
    """The file, and what to do."""
    (store / "records" / "broken.json").write_text("{")
    code, _, err = _bench(monkeypatch, capsys, "leaderboard", "--store", store)
    assert code == 2
    assert "broken.json" in err
    assert "Traceback" not in err


def test_a_run_ends_with_the_board_and_not_with_the_long_table_too(monkeypatch, capsys, tmp_path) -> None:
    """One table of values, controls apart, pages written; failed variants are rows."""
    arguments = ("run", "--suite", "toy", "--store", tmp_path / "s", "-q", "-g", "toy-plain", "-g", "toy-raising")
    code, out, _ = _bench(monkeypatch, capsys, *arguments)
    assert code == 1
    assert "95% interval" not in out
    assert out.count("toy-plain   ") == 1
    assert "out of luck" in out
    assert "-- controls --" in out
    (page,) = (tmp_path / "s" / "leaderboard").glob("toy-*/index.html")
    assert "out of luck" in page.read_text()
    assert (page.parent / "pictures" / "toy-plain_samples_dark.png").is_file()


def test_leaderboard_imports_nothing_heavy() -> None:
    """No torch, no MLflow, no pandas; and none of the project's other parts."""
    code = (
        "import sys, leaderboard.after_run, leaderboard.verb, leaderboard.site;"
        "print([name for name in ('torch', 'mlflow', 'pandas', 'sklearn', 'tasks', 'generators') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
