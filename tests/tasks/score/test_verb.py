"""`bench score`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def score(tmp_path: Path):
    """Calls it in a process of its own, on files of 60 and 50 rows."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "real.npy", rng.normal(size=(60, 3)).astype(np.float32))
    np.save(tmp_path / "synthetic.npy", rng.normal(0.5, 1, size=(50, 3)).astype(np.float32))
    for role, count in (("real", 60), ("synthetic", 50)):
        (tmp_path / f"{role}.txt").write_text("".join(f"class {row % 2}\n" for row in range(count)))

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        given = ["--real", "real.npy", "--synthetic", "synthetic.npy", *words]
        return subprocess.run(
            [sys.executable, "-m", "benchmark.cli.main", "score", *given], cwd=tmp_path, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return call


def test_json_has_all_that_qualifies_a_number(score) -> None:
    """Value, interval, N, definition; nothing but JSON on standard output."""
    done = score("--metrics", "fid,kid,pr,prdc", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)
    assert [row["metric"] for row in rows] == [
        "fd", "kd", "precision-k3", "recall-k3", "precision-k5", "recall-k5", "density-k5", "coverage-k5",
    ]  # fmt: skip
    for row in rows:
        assert row["n"] == {"real": 60, "synthetic": 50}
        assert row["interval"]["low"] <= row["value"] <= row["interval"]["high"]
        assert row["interval"]["level"] == 0.95
        assert all(row[key] for key in ("definition", "source", "estimand", "blind_to", "direction", "comparable_at"))


def test_numbers_of_too_few_rows_may_be_refused(score) -> None:
    """50 rows are too few for coverage; the reason stands in the number's place."""
    usual, refused = (
        {row["metric"]: row for row in json.loads(score("--metrics", "prdc", "--json", *words).stdout)}
        for words in ([], ["--below-n-min", "refuse"])
    )
    assert usual["coverage-k5"]["value"] is not None
    assert (refused["coverage-k5"]["value"], refused["coverage-k5"]["interval"]) == (None, None)
    assert "N = 50 is below N_min = 300" in refused["coverage-k5"]["note"]
    assert refused["density-k5"]["value"] == usual["density-k5"]["value"]


def test_a_table_for_people_with_notes_beside_it(score) -> None:
    """The default metrics."""
    done = score()
    assert done.returncode == 0
    assert "Fréchet distance (FD)" in done.stdout
    assert "95 % interval" in done.stdout
    assert "slides unknown" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--metrics", "fdd"], "--metrics fdd: there is no metric 'fdd'. Did you mean 'fd'?"),
        (["--real", "none.npy"], "--real none.npy cannot be read: No such file"),
        (["--real-slides", "real.npy"], "no UTF-8 text"),
        (["--real-groups", "real.txt"], "By group, real and synthetic rows need one each: give --synthetic-groups too"),
        (["--train-groups", "real.txt"], "names the groups of rows that are not given: give --train too"),
        (["--per-image", "out.csv"], "expected one of realism, nearest, authpct among --metrics"),
        (["--metrics", "is"], "Metric 'is' needs --synthetic-logits"),
        (["--below-n-min", "never"], "--below-n-min never: there is no such choice. Known: mark, refuse, usual."),
        (["--metrics", "kd-subsets"], "have 60 row(s): expected 1000"),
    ],
)
def test_mistakes_are_one_message(score, words, said) -> None:
    """Status 2, no traceback."""
    done = score(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_by_class_and_by_image(score, tmp_path: Path) -> None:
    """Both classes in the JSON; a line an image in the file; no intervals where none are asked for."""
    words = ["--real-groups", "real.txt", "--synthetic-groups", "synthetic.txt", "--per-image", "out.csv"]
    done = score("--metrics", "fd,realism", "--no-intervals", "--json", *words)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert [(row["group"], row["metric"], row["n"]["real"]) for row in rows] == [
        (group, metric, count)
        for group, count in ((None, 60), ("class 0", 30), ("class 1", 30))
        for metric in ("fd", "realism-k3-median")
    ]
    assert {row["interval"] for row in rows} == {None}
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 51
