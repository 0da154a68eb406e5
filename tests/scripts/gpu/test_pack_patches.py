"""From a suite's images to a pack, to weights trained from it, to numbers of a run that takes them."""

from __future__ import annotations

import json
import sys
import zipfile

import pytest
import yaml

from benchmark.artifacts import prompt_set
from benchmark.cli import invoke
from benchmark.datasets.phantom import write
from benchmark.datasets.phantom.spec import PhantomSpec
from benchmark.session import Choice, make_plan
from benchmark.store.store import Store
from scripts.gpu import pack_patches, packed, pcam_small

PATCHES = {"train": 60, "valid": 80, "test": 30}
PARAMS = {
    "side": 32, "vae_widths": [16, 32], "vae_steps": 2, "vae_batch": 4, "unet_widths": [8, 16], "heads": 2, "steps": 2,
    "batch": 4, "sampling_steps": 2, "sampling_batch": 20, "channels_last": False,
}  # fmt: skip
ROUND_TRIP = {"side": 32, "vae_widths": [16, 32], "vae_steps": 2, "vae_batch": 4}


@pytest.fixture
def mine(tmp_path):
    """A root with phantom patches in PCam's files, a suite on them, and entries at toy size."""
    write.write(tmp_path / "root", PhantomSpec(seed=0, **PATCHES, slides_train=6, slides_valid=6, slides_test=6))
    entries = {
        "toy-baseline": {"extends": "small-baseline", "params": PARAMS},
        "toy-morphology": {
            "extends": "small-morphology", "params": PARAMS, "prompts": {"params": {"k": 3, "kmeans_starts": 1}},
        },
        "toy-vae-roundtrip": {"extends": "small-vae-roundtrip", "params": ROUND_TRIP},
    }  # fmt: skip
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(entries))
    suite = {
        "name": "toy", "version": 1, "summary": "Small.", "dataset": {"name": "pcam"},
        "roles": {
            "train": {"split": "train", "n": 40}, "reference": {"split": "valid", "part": [0.0, 0.5]},
            "floor": {"split": "valid", "part": [0.5, 1.0]}, "test": {"split": "test"},
        },
        "protocol": {"size": 32, "filter": "lanczos", "codec": "dataset"}, "extractors": ["random-network"],
        "variants": list(entries), "tasks": {"coverage": {"below_n_min": "mark"}}, "n": 20, "seeds": [100],
    }  # fmt: skip
    (tmp_path / "toy.yaml").write_text(yaml.safe_dump(suite))
    return tmp_path


@pytest.fixture
def pack(mine, monkeypatch, capsys):
    """Packs the suite's images; returns what was printed."""

    def run(*more):
        names = ("--variant", "toy-baseline", "--variant", "toy-morphology")
        given = {
            "--data-root": mine / "root", "--store": mine / "store", "--out": mine / "pack.zip",
            "--suite": mine / "toy.yaml", "--registry": mine / "mine.yaml",
        }  # fmt: skip
        words = [str(word) for pair in given.items() for word in pair]
        monkeypatch.setattr(sys, "argv", ["pack_patches", *words, *names, *more])
        pack_patches.main()
        return json.loads(capsys.readouterr().out)

    return run


def plan_of(mine, *registries, generators=()):
    """The plan of the toy suite, and the store that it is run in."""
    store = Store(mine / "store")
    choice = Choice(
        str(mine / "toy.yaml"), generators, (), mine / "root", "cpu", None, (mine / "mine.yaml", *registries), True
    )
    return make_plan(choice, store.digest_of, store.digest_of_files), store


def test_the_pack_is_what_a_run_learns_from(mine, pack):
    """The images of the role, the prompts of the very step, the parameters of the entries."""
    told = pack()
    assert (told["count"], told["labels"], told["jpeg"]["quality"]) == (40, 40, 85)
    assert told["variants"] == ["toy-baseline", "toy-morphology"]
    found = packed.read(mine / "pack.zip")
    plan, store = plan_of(mine)
    cell = next(cell for cell in plan.cells if cell.variant.name == "toy-morphology")
    prompts = prompt_set.read(store.read("prompts", cell.prompts.key).folder)
    assert found.prompts("toy-morphology") == [prompts.texts[number] for number in prompts.prompt]
    expected = [f"Histology image of {found.images.classes[label].lower()} tissue" for label in found.images.labels]
    assert found.prompts("toy-baseline") == expected
    assert {key: found.params("toy-baseline")[key] for key in PARAMS} == PARAMS
    assert found.images.read(0, 1).shape == (1, 96, 96, 3)
    # Nothing but what fits stand on was done, and no run was begun.
    assert {path.name for path in (mine / "store" / "objects").iterdir()} == {"data", "prompts"}
    assert not (mine / "store" / "events").exists() or not list((mine / "store" / "events").iterdir())


def test_a_pack_that_is_too_large_is_refused(mine, pack):
    """And not left behind, nor does it touch one that was there."""
    for before in (None, b"an earlier pack"):
        if before is not None:
            (mine / "pack.zip").write_bytes(before)
        with pytest.raises(SystemExit, match=r"more than --limit-mb 0\.01. Lower --quality"):
            pack("--limit-mb", "0.01")
        assert [path.read_bytes() for path in mine.glob("pack.zip*")] == ([] if before is None else [before])


@pytest.mark.slow
def test_weights_trained_from_a_pack_join_the_suite(mine, pack, monkeypatch):
    """They are sampled and measured, and nothing is trained; the round trip goes through their autoencoder."""
    pack("--quality", "90")
    words = [str(mine / "pack.zip"), "--work", str(mine / "work"), "--out", str(mine / "out"), "--device", "cpu"]
    monkeypatch.setattr(sys, "argv", ["pcam_small", *words, "--seed", "100"])
    pcam_small.main()
    for name in ("toy-baseline", "toy-morphology"):
        with zipfile.ZipFile(mine / "out" / f"{name}.zip") as archive:
            archive.extractall(mine / "out" / name)
    names = ("toy-baseline-trained", "toy-morphology-trained", "small-vae-roundtrip-trained")
    plan, store = plan_of(mine, mine / "out" / "registry.yaml", generators=names)
    records = invoke.run(plan, store, limit=None, quiet=True, as_json=True)
    assert [(record.variant.name, record.status) for record in records] == [(name, "complete") for name in names]
    for cell in plan.cells:
        left = {path.name for path in store.read("fit", cell.fit.key).folder.iterdir()}
        assert "trained.json" in left
        assert not left & {"unet", "vae", "model_index.json"}
    # So few images are refused a number; that all of them were looked at is enough here.
    assert all({value.n["synthetic"] for value in record.values} == {20} for record in records)
