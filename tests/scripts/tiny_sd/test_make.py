"""The whole way at a handful of steps: one folder that loads, and the same after any stop."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from diffusers import AutoencoderKL

from benchmark import digests
from generators.stable_diffusion import checkpoints
from generators.stable_diffusion import pipeline as pipelines
from generators.stable_diffusion import training as trainings
from scripts.tiny_sd import make, quality, textures, vae

SIZES = {"--textures": 12, "--vae-steps": 1, "--text-steps": 1, "--unet-steps": 2}


class Stop(Exception):
    """Ends a run where a kill might."""


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs the script into a folder of its own; it may be stopped at a word it says or a step it takes."""

    def start(name, *, at=None):
        said = []

        def say(line):
            said.append(line)
            if at is not None and at in line:
                raise Stop

        monkeypatch.setattr(make, "_say", say)
        monkeypatch.setattr(make, "_tell", lambda done, total, note="": say(f"{done} of {total} {note}"))
        options = [str(word) for pair in SIZES.items() for word in pair]
        monkeypatch.setattr(sys, "argv", ["make", str(tmp_path / name), str(tmp_path / f"{name}-out"), *options])
        make.main()
        return said

    return start


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """What an undisturbed run makes, and where it worked."""
    work = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        options = [str(word) for pair in SIZES.items() for word in pair]
        patch.setattr(sys, "argv", ["make", str(work / "work"), str(work / "out"), *options])
        make.main()
    return work


def files(folder):
    return {str(path.relative_to(folder)): digests.of_file(path) for path in folder.rglob("*") if path.is_file()}


def test_what_is_made_loads_and_can_be_judged(whole):
    """Small enough, of half precision, and quality's figures can be taken of it."""
    pipeline = pipelines.load(whole / "out", device="cpu")
    assert pipelines.resolution(pipeline) == 32
    size = sum(path.stat().st_size for path in (whole / "out").rglob("*") if path.is_file())
    low, high = quality.BANDS["megabytes"]
    assert low < size / 1e6 < high
    assert not list((whole / "work").glob("*.part"))


def test_it_is_made_of_textures_of_its_own_seed(whole):
    """The pictures that are kept, and a VAE whose latents of them are standard."""
    with np.load(whole / "work/textures.npz", allow_pickle=False) as stored:
        pixels, captions = stored["pixels"], stored["captions"].tolist()
    expected = textures.draw_textures(seed=make.SEED, count=12)
    assert np.array_equal(pixels, expected.pixels)
    assert tuple(captions) == expected.captions
    latents = vae.encode(AutoencoderKL.from_pretrained(whole / "work/vae"), pixels)
    np.testing.assert_allclose(latents.mean(dim=(0, 2, 3)), 0, atol=1e-3)
    np.testing.assert_allclose(latents.std(dim=(0, 2, 3)), 1, atol=1e-3)


@pytest.mark.parametrize(
    "at",
    [
        "2 of 2 training steps",
        pytest.param("training the autoencoder", marks=pytest.mark.slow),
        pytest.param("training the text encoder", marks=pytest.mark.slow),
        pytest.param("12 of 12 images encoded", marks=pytest.mark.slow),
    ],
)
def test_a_stopped_run_goes_on_where_it_was(run, whole, tmp_path, monkeypatch, at):
    """And ends in the very files of an undisturbed one; what was done is not done again."""
    monkeypatch.setattr(trainings, "CHECKPOINT_S", -1.0)
    with pytest.raises(Stop):
        run("cut", at=at)
    assert not (tmp_path / "cut-out").exists()
    said = run("cut")
    assert files(tmp_path / "cut-out") == files(whole / "out")
    assert not any("textures" in line for line in said)
    if "of" in at.split():
        assert not any(line.startswith(("training the autoencoder", "training the text")) for line in said)
    if at.startswith("2 of 2"):
        # The checkpoint after the first step was there.
        assert [line for line in said if "training steps" in line] == ["2 of 2 training steps"]


@pytest.mark.slow
@pytest.mark.parametrize("kept", ["textures.npz", "vae", "text", "unet-fit/unet"])
def test_a_half_written_stage_is_not_taken_for_a_whole_one(run, whole, tmp_path, monkeypatch, kept):
    """Stopped in the midst of a save, the stage is made again."""
    broken = {
        "textures.npz": (np, "savez"),
        "vae": (AutoencoderKL, "save_pretrained"),
        "text": (make.CLIPTextModel, "save_pretrained"),
        "unet-fit/unet": (make.UNet2DConditionModel, "save_pretrained"),
    }
    place, name = broken[kept]
    save = getattr(place, name)

    def half(*arguments, **options):
        if kept == "unet-fit/unet" and "part" not in str(arguments[1]):
            return save(*arguments, **options)
        save(*arguments, **options)
        raise Stop

    with monkeypatch.context() as patch:
        patch.setattr(place, name, half)
        with pytest.raises(Stop):
            run("cut")
    assert not (tmp_path / "cut" / kept).exists()
    for aside in (tmp_path / "cut").glob("*.part"):
        if aside.is_dir():
            (aside / "stray").touch()
    run("cut")
    assert not list((tmp_path / "cut").rglob("stray"))
    assert files(tmp_path / "cut-out") == files(whole / "out")


def test_a_finished_run_makes_nothing_again(run, whole, tmp_path):
    """It only puts the parts together once more."""
    first = run("again")
    assert any("textures" in line for line in first)
    assert run("again") == []
    assert files(tmp_path / "again-out") == files(whole / "out")


def test_the_unet_is_pretrained_on_captions_and_mirrors_nothing(run, monkeypatch):
    """A mirrored texture has another angle than its caption tells; some captions are emptied, for guidance."""
    given = []
    fine_tune = make.fine_tuning.fine_tune
    monkeypatch.setattr(make.fine_tuning, "fine_tune", lambda *words: given.append(words) or fine_tune(*words))
    run("mine")
    ((images, texts, recipe, context),) = given
    expected = textures.draw_textures(seed=make.SEED, count=12)
    assert np.array_equal(images.read(0, 12), expected.pixels)
    assert texts == list(expected.captions)
    assert (recipe.flip, recipe.caption_dropout, recipe.ema) == (False, 0.1, 0.999)
    assert context.seed == make.SEED


def test_progress_is_said_now_and_then(capsys):
    """At every five-hundredth step."""
    for done in (1, 499, 500, 501, 1000):
        make._tell(done, 3000, "training steps")
    assert capsys.readouterr().out == "500 of 3000 training steps\n1000 of 3000 training steps\n"
    assert checkpoints._NAME.endswith(".safetensors")
