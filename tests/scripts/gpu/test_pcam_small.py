"""The GPU's script at toy size on the CPU: in pieces, without pydantic and MLflow, and the same after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmark import digests
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import training
from scripts.gpu import packed, pcam_small, pieces

ROOT = Path(__file__).resolve().parents[3]
BARE = """
import sys
for name in ("pydantic", "mlflow", "sklearn", "inflect", "h5py", "typer", "peft", "bitsandbytes", "timm"):
    sys.modules[name] = None
from scripts.gpu import pcam_small
from generators.stable_diffusion import training
training.CHECKPOINT_S = -1.0
sys.argv = ["pcam_small", *sys.argv[1:]]
pcam_small.main()
"""


def arguments(pack, folder, *more):
    return [
        str(pack),
        "--work",
        str(folder / "work"),
        "--out",
        str(folder / "out"),
        "--device",
        "cpu",
        "--seed",
        "100",
        *more,
    ]


def bare(pack, folder, *more):
    """Start the script where many packages are missing."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        [sys.executable, "-c", BARE, *arguments(pack, folder, *more)], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def call(pack, tmp_path, monkeypatch):
    """Calls the script in this process; returns its status."""

    def run(*more, name="here", pack=pack):
        monkeypatch.setattr(sys, "argv", ["pcam_small", *arguments(pack, tmp_path / name, *more)])
        try:
            pcam_small.main()
        except SystemExit as left:
            return left.code
        return 0

    return run


def files(folder):
    """Digest of every file below a folder."""
    return {str(path.relative_to(folder)): digests.of_file(path) for path in folder.rglob("*") if path.is_file()}


def weights(out):
    """Digest of every file of weights, by zip and name."""
    found = {}
    for path in out.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            found |= {f"{path.stem}/{name}": digests.of_value(archive.read(name).hex()) for name in archive.namelist()}
    return found


@pytest.fixture(scope="module")
def whole(pack, tmp_path_factory):
    """What the script leaves where neither pydantic nor MLflow is installed."""
    folder = tmp_path_factory.mktemp("whole")
    process = bare(pack, folder)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    return folder / "out"


def test_it_needs_neither_pydantic_nor_mlflow(whole, tmp_path):
    """And leaves a pipeline a variant, figures, entries and a sheet."""
    assert {path.name for path in whole.iterdir()} == {
        "pcam-small.json", "registry.yaml", "samples.png", "small-baseline.zip", "small-morphology.zip",
    }  # fmt: skip
    vaes = set()
    for name in ("small-baseline", "small-morphology"):
        with zipfile.ZipFile(whole / f"{name}.zip") as archive:
            archive.extractall(tmp_path / name)
        assert pipelines.resolution(pipelines.load(tmp_path / name, device="cpu")) == 32
        vaes.add((tmp_path / name / "vae" / "diffusion_pytorch_model.safetensors").read_bytes())
        assert json.loads((tmp_path / name / "trained.json").read_text())["images"] == "thirty"
    assert len(vaes) == 1
    # Two classes, each: real, round trip, two variants.
    assert Image.open(whole / "samples.png").size == (12 * 32, 2 * 4 * 32)
    assert np.asarray(Image.open(whole / "samples.png")).std() > 1


def test_figures_say_what_was_done_and_on_what(whole):
    """Losses, rates, minutes, batch, device, versions, commit; no label and no prompt of an image."""
    told = json.loads((whole / "pcam-small.json").read_text())
    assert (told["finished"], told["seed"], told["machine"]["device"]) == (True, 100, "cpu")
    assert set(told["stages"]) == {"autoencoder", "small-baseline", "small-morphology"}
    for stage in told["stages"].values():
        assert (stage["steps"], stage["batch"]) == (3, 4)
        assert [step for step, _ in stage["loss"]] == [0, 2]
        assert all(0 < value < 1000 for _, value in stage["loss"])
        assert stage["images a second"] > 0
    assert told["minutes"]["all"] == pytest.approx(sum(told["minutes"].values()) / 2, abs=0.02)
    assert (told["pack"]["commit"], told["pack"]["count"]) == ("c0ffee", 30)
    assert {"torch", "diffusers", "transformers"} <= set(told["machine"])
    assert "labels" not in told["pack"]


@pytest.mark.slow
def test_pieces_that_are_cut_off_end_in_the_same_weights(call, tmp_path, monkeypatch):
    """At each stage; the status says that there is more to do, and figures are there after every piece."""
    monkeypatch.setattr(training, "CHECKPOINT_S", -1.0)
    assert call(name="undisturbed") == 0
    assert call("--minutes", "0") == pcam_small.TIME_IS_UP
    check, looks = pieces.Clock.check, []

    def seldom(clock):
        looks.append(clock)
        if len(looks) % 6 == 0:
            raise pieces.OutOfTime
        check(clock)

    monkeypatch.setattr(pieces.Clock, "check", seldom)
    codes = [call()]
    while codes[-1] == pcam_small.TIME_IS_UP:
        told = json.loads((tmp_path / "here" / "out" / "pcam-small.json").read_text())
        assert told["finished"] is False
        codes.append(call())
        assert len(codes) < 20
    assert len(codes) > 2
    assert codes[-1] == 0
    assert weights(tmp_path / "here" / "out") == weights(tmp_path / "undisturbed" / "out")


def test_all_pieces_together_have_a_limit(call, tmp_path):
    """Of the minutes that were asked for."""
    assert call("--minutes", "0") == pcam_small.TIME_IS_UP
    (tmp_path / "here" / "work" / "clock.json").write_text('{"autoencoder": 90.0}')
    assert "took more than --most-minutes 1" in call("--most-minutes", "1")


def test_changes_are_trained_and_told(call, tmp_path):
    """In the weights' own figures, in the entries and in the report; what is no network is refused."""
    assert "vae_widths is [32, 16]" in call("--set", "vae_widths=[32,16]", name="wrong")
    assert call("--set", "steps=2") == 0
    out = tmp_path / "here" / "out"
    assert json.loads((out / "pcam-small.json").read_text())["stages"]["small-baseline"]["steps"] == 2
    entries = json.loads((out / "registry.yaml").read_text())
    assert entries["small-morphology-trained"]["params"] == {"steps": 2}
    assert entries["small-vae-roundtrip-trained"]["params"]["vae_steps"] == 3
    assert {entry["weights"]["trained"] for entry in entries.values()} == {"small-baseline", "small-morphology"}


def test_a_folder_of_work_is_of_one_training(call, pack, patches, tmp_path, monkeypatch):
    """Another seed, parameter or pack is refused, with what was begun and what to do; the weights stay what they were."""

    def halt(*_):
        raise pieces.OutOfTime

    # Once the autoencoder is trained.
    monkeypatch.setattr(pcam_small.Job, "_train", halt)
    assert call() == pcam_small.TIME_IS_UP
    work = tmp_path / "here" / "work"
    before = files(work)
    assert any(name.startswith("autoencoder.scratch/vae/") for name in before)
    assert not list(work.glob("small-*"))
    other = tmp_path / "other.zip"
    packed.write(other, patches, packed.read(pack).about, quality=60)
    for words, difference in (
        (("--seed", "7"), "'seed: 100', and this one has 'seed: 7'"),
        (("--set", "vae_steps=9"), "vae_steps: 3', and this one has 'variants.small-baseline.design.vae_steps: 9'"),
        (("--set", "steps=9"), "steps: 3', and this one has 'variants.small-baseline.recipe.steps: 9'"),
        ((), "'pack: "),
    ):
        said = call(*words, pack=pack if words else other)
        assert difference in said
        assert f"{work} holds a training with '" in said
        assert "name another folder with --work" in said
        assert files(work) == before
    # What decides no weight may change, and a mistake begins nothing.
    assert "vae_widths is [32, 16]" in call("--set", "vae_widths=[32,16]", name="mistaken")
    assert not list((tmp_path / "mistaken" / "work").iterdir())
    assert call("--set", "guidance=2.5") == pcam_small.TIME_IS_UP


def test_work_that_does_not_say_what_it_is_of_is_refused(call, tmp_path):
    """A folder with weights and no word of their training."""
    (tmp_path / "here" / "work" / "autoencoder.scratch" / "vae").mkdir(parents=True)
    assert "holds 'autoencoder.scratch', and no begun.json" in call()


@pytest.mark.slow
def test_kills_change_no_weight(pack, whole, tmp_path):
    """SIGKILL once a checkpoint of the autoencoder is there, and once one of a UNet is."""
    work = tmp_path / "work"
    for part in ("autoencoder.scratch", "small-baseline.scratch/unet"):
        process = bare(pack, tmp_path)
        while process.poll() is None and not (work / part / "training.safetensors").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    process = bare(pack, tmp_path)
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert weights(tmp_path / "out") == weights(whole)
