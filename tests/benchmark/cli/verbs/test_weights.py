"""`bench weights`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Bench = Callable[..., Any]


@pytest.fixture(autouse=True)
def _empty_homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights of this machine's user are found."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A registry file with an extractor whose weights lie beside it."""
    (tmp_path / "net.pth").write_bytes(b"tensors")
    digest = hashlib.sha256(b"tensors").hexdigest()
    path = tmp_path / "mine.yaml"
    path.write_text(
        f"extractors:\n  net: {{extractor: 'a:B', weights: {{path: net.pth, sha256: {{net.pth: '{digest}'}}}}}}\n"
    )
    return path


def test_what_is_there_and_what_is_not(bench: Bench, mine: Path, tmp_path: Path) -> None:
    """With where it is, or would be looked for."""
    rows = {row["name"]: row for row in json.loads(bench("weights", "list", "--registry", mine, "--json").out)}
    assert (rows["net"]["there"], rows["net"]["bytes"], rows["net"]["folder"]) == ("yes", 7, str(tmp_path))
    inception = rows["inception-v3-compat"]
    assert (inception["there"], inception["bytes"]) == ("no", None)
    assert [name for name, row in rows.items() if row["gated"]] == ["h-optimus-1", "uni2-h", "virchow2"]
    assert inception["folder"] == str(tmp_path / "weights" / "weights-inception-2015-12-05-6726825d")
    assert rows["inception-v3-compat-bf16"]["folder"] == inception["folder"]
    assert "random-network" not in rows


def test_a_table_for_people_is_narrow(bench: Bench, mine: Path, tmp_path: Path) -> None:
    """What is under the folder of weights is shown from there on, and addresses by their host."""
    said = bench("weights", "list", "--registry", mine)
    lines = said.out.splitlines()
    assert max(map(len, lines[3:5])) <= 120
    (inception,) = (line.split() for line in lines if line.startswith("inception-v3-compat "))
    assert inception == ["inception-v3-compat", "no", "github.com", ".../weights-inception-2015-12-05-6726825d"]
    (gated,) = (line.split() for line in lines if line.startswith("virchow2 "))
    assert gated == ["virchow2", "no", "yes", "paige-ai/Virchow2", ".../paige-ai--Virchow2"]
    assert f"... is {tmp_path / 'weights'}." in said.err


def test_an_entry_that_is_wrong_hides_no_other(bench: Bench, mine: Path, tmp_path: Path) -> None:
    """Its row says why."""
    (tmp_path / "net.pth").unlink()
    said = bench("weights", "list", "--registry", mine, "--json")
    rows = {row["name"]: row for row in json.loads(said.out)}
    assert rows["net"]["there"] == "no"
    assert "expected a file, or a folder that is not empty at" in rows["net"]["folder"]
    assert "virchow2" in rows


def test_what_is_there_is_verified(bench: Bench, mine: Path, tmp_path: Path) -> None:
    """Each file with its digest; a file that changed is refused."""
    said = bench("weights", "fetch", "net", "--registry", mine, "--json")
    assert json.loads(said.out) == [
        {"name": "net", "file": str(tmp_path / "net.pth"), "sha256": hashlib.sha256(b"tensors").hexdigest()}
    ]
    (tmp_path / "net.pth").write_bytes(b"tensorz")
    said = bench("weights", "fetch", "net", "--registry", mine)
    assert said.code == 2
    assert "it is damaged, or another file" in said.err


def test_a_mistake_is_said_before_anything_is_fetched(bench: Bench, mine: Path) -> None:
    """Unknown, without weights, offline."""
    assert (
        "There is no extractor and no generator 'nett'. Did you mean 'net'"
        in bench("weights", "fetch", "nett", "--registry", mine).err
    )
    assert "'random-network' takes no weights" in bench("weights", "fetch", "random-network").err
    said = bench("weights", "fetch", "virchow2", "--offline")
    assert said.code == 2
    assert "Accept the terms at huggingface.co/paige-ai/Virchow2" in said.err


def test_weights_of_generators_stand_beside_those_of_extractors(bench: Bench, mine: Path, tmp_path: Path) -> None:
    """A row an entry for programs; for people, entries that share weights on one line. What ships is not fetched."""
    rows = {row["name"]: row for row in json.loads(bench("weights", "list", "--json").out)}
    row = rows["sd-baseline"]
    assert (row["kind"], row["part"], row["there"]) == ("generator", "base", "no")
    assert row["folder"] == str(tmp_path / "weights" / "stable-diffusion-v1-5--stable-diffusion-v1-5")
    assert rows["virchow2"]["kind"] == "extractor"
    assert "off-the-shelf" not in rows
    lines = [line for line in bench("weights", "list").out.splitlines() if "stable-diffusion-v1-5" in line]
    assert len(lines) == 1
    assert " more " in lines[0]
    said = bench("weights", "fetch", "sd-baseline", "--offline")
    assert said.code == 2
    assert "Variant 'sd-baseline', weights 'base' needs weights that are not on this machine" in said.err
    assert "from stable-diffusion-v1-5/stable-diffusion-v1-5 at 451f4fe" in said.err


def test_weights_of_a_generator_are_verified(bench: Bench, tmp_path: Path) -> None:
    """As an extractor's."""
    (tmp_path / "lora.safetensors").write_bytes(b"tensors")
    entry = "mine:\n  extends: diffusers-pipeline\n  weights: {base: ., lora: lora.safetensors}\n"
    (tmp_path / "mine.yaml").write_text(entry)
    said = bench("weights", "fetch", "mine", "--registry", tmp_path / "mine.yaml", "--json")
    assert said.code == 0, said.err
    assert {Path(row["file"]).name for row in json.loads(said.out)} >= {"lora.safetensors", "mine.yaml"}
