"""`bench audit`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from benchmark.cli.main import main
from benchmark.contracts.images import Images
from benchmark.protocol import pixels


class Said(NamedTuple):
    """What the command answered."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def audit(
    tmp_path: Path, real: Images, synthetic: Images, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    """Calls it through `bench`'s own entry, on a folder of 30 patches of 32 px and an array file of 24."""
    (tmp_path / "real").mkdir()
    for number, image in enumerate(pixels.resize(real.read(0, 30), 32, "box")):
        Image.fromarray(image).save(tmp_path / "real" / f"{number:02}.png")
    np.save(tmp_path / "synthetic.npy", pixels.resize(synthetic.read(0, 24), 32, "box"))
    monkeypatch.chdir(tmp_path)

    def call(*words: str, **given: str) -> Said:
        roles = {"real": "real", "synthetic": "synthetic.npy"} | given
        told = [word for role, place in roles.items() for word in (f"--{role}", place)]
        monkeypatch.setattr(sys, "argv", ["bench", "audit", *told, "--device", "cpu", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capfd.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return call


def test_json_tells_what_was_audited_and_every_number(audit, tmp_path: Path) -> None:
    """The same goes to the folder; nothing but JSON on standard output."""
    (tmp_path / "slides.txt").write_text("".join(f"slide {number % 6}\n" for number in range(30)))
    (tmp_path / "real" / "notes.txt").write_text("x")
    done = audit(
        "--extractor", "texture-statistics", "--size", "16", "--real-slides", "slides.txt", "--split-seed", "3", "--json",
        "--out", "found",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert found["facts"]["Real"].startswith("real, 30 images of 32 px, 6 slides, digest ")
    assert found["facts"]["Synthetic"].startswith("synthetic.npy, 24 images of 32 px, digest ")
    assert found["facts"]["Files of real"] == "left out, as no images: 1 x .txt"
    assert "Files of synthetic" not in found["facts"]
    (report,) = found["reports"]
    assert (report["extractor"]["name"], report["size"], report["seed"]) == ("texture-statistics", 16, 3)
    assert [table["kind"] for table in report["tables"]] == ["real against real", "real against synthetic"]
    assert all(line["n"] == {"real": 15, "synthetic": 15} for line in report["tables"][0]["lines"][:5])
    assert json.loads((tmp_path / "found" / "audit.json").read_text()) == found
    assert (tmp_path / "found" / "audit.md").read_text().startswith("# Audit of protocols\n\n- Real: real, 30 images")


@pytest.mark.slow
def test_a_table_for_people(audit) -> None:
    """By default with the random network, at the smaller of the sides; of two extractors one after the other."""
    done = audit("--extractor", "random-network", "--extractor", "texture-statistics", "--extractor", "random-network")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("common size 32 px") == 2
    assert done.stdout.index("Features of random-network") < done.stdout.index("Features of texture-statistics")
    assert "slides unknown: intervals treat images as independent" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        ([], {"real": "nowhere"}, "nowhere is not there. Expected a folder of PNG"),
        ([], {"synthetic": "real/00.png"}, "00.png is a .png file. Expected a folder"),
        (["--extractor", "texture-statistic"], {}, "Did you mean 'texture-statistics'"),
        (["--real-slides", "synthetic.npy"], {}, "no UTF-8 text"),
        (["--size", "0"], {}, "--size"),
        (
            ["--out", "synthetic.npy"],
            {},
            "--out synthetic.npy cannot be made a folder: File exists. Give another place.",
        ),
    ],
)
def test_mistakes_are_one_message(audit, words, given, said) -> None:
    """Status 2, no traceback, before anything is computed."""
    done = audit(*words, **given)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
