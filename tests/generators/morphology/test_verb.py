"""`bench morphology`, called as a user calls it."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from benchmark.artifacts import clustering
from generators.morphology import clusters, verb


def table(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_seed_is_the_study_s():
    """Written twice so that the command's help loads nothing heavy."""
    assert verb.STUDY_SEED == clusters.STUDY_SEED == 18021999


def test_fit_writes_clusters_tables_sheets_and_a_page(morphology, folder, kinds):
    """Three kinds, three clusters; every table says the same."""
    done = morphology(
        "fit", "patches.npy", "--labels", "labels.txt", "--k", "3", "--out", "found", "--balance", "largest"
    )
    assert done.returncode == 0, done.stderr
    assert "N: 48 images" in done.stdout
    assert "Clustering: K-means, K = 3, best of 10 starts, seed 18021999" in done.stdout
    assert done.stderr == "To look at: found/index.html\n"
    out = folder / "found"
    assert not list(folder.glob(".*"))  # Nothing aside is left.
    found = clustering.read(out)
    assert all(len(set(found.assignments[kinds == kind])) == 1 for kind in range(3))
    rows = table(out / "images.csv")
    assert [int(row["cluster"]) for row in rows] == found.assignments.tolist()
    assert [row["label"] for row in rows] == (folder / "labels.txt").read_text().split()
    words = ["zero", "one", "two"]
    for row in rows:
        wanted = f"Histology image of {row['label']} tissue, morphology type {words[int(row['cluster'])]}"
        assert row["prompt"] == wanted
    sizes = {row["cluster"]: row for row in table(out / "clusters.csv")}
    assert {row["images"] for row in sizes.values()} == {"16"}
    (cancer,) = [number for number, row in sizes.items() if row["images of cancer"] == "16"]
    assert sizes[cancer]["images of healthy"] == "0"
    # Cancer is in one cluster alone, so that one prompt a class can be filled.
    about = json.loads((out / "morphology.json").read_text())
    assert about["balanced"] == {"search": "largest", "prompts_a_class": 1, "images_a_prompt": 16}
    assert sum(int(row["balanced"]) for row in rows) == 32
    sheets = sorted(path.name for path in (out / "sheets").iterdir())
    assert sheets == ["cluster-0.png", "cluster-1.png", "cluster-2.png"]
    page = (out / "index.html").read_text()
    assert all(f'src="sheets/{name}"' in page for name in sheets)


def test_json_is_all_that_is_printed_and_mini_batches_are_an_option(morphology, folder):
    """Without labels there is no prompt."""
    done = morphology(
        "fit", "patches.npy", "--k", "3", "--mini-batch", "16", "--seed", "5", "--standardized", "--json", "--out", "f"
    )
    assert done.returncode == 0, done.stderr
    about = json.loads(done.stdout)
    assert (about["mini_batch"], about["seed"], about["standardized"], about["images"]["classes"]) == (
        16,
        5,
        True,
        None,
    )
    assert {row["prompt"] for row in table(folder / "f" / "images.csv")} == {""}
    assert clustering.read(folder / "f").about.batch == 16


def test_a_fit_is_the_same_every_time(morphology, folder):
    """File by file, byte by byte."""
    for out in ("one", "two"):
        assert morphology("fit", "patches.npy", "--k", "4", "--limit", "40", "--out", out).returncode == 0
    files = [path.relative_to(folder / "one") for path in sorted((folder / "one").rglob("*")) if path.is_file()]
    assert len(files) == 12
    assert all((folder / "one" / name).read_bytes() == (folder / "two" / name).read_bytes() for name in files)


def test_new_images_go_where_they_belong(morphology, folder, kinds):
    """Those fitted on to their own clusters; a stranger is beyond them."""
    assert (
        morphology("fit", "patches.npy", "--labels", "labels.txt", "--k", "3", "--size", "8", "--out", "f").returncode
        == 0
    )
    done = morphology("assign", "f", "patches.npy", "--labels", "labels.txt", "--out", "a.csv")
    assert done.returncode == 0, done.stderr
    assert "Beyond: 0 images are farther" in done.stdout
    fitted, assigned = table(folder / "f" / "images.csv"), table(folder / "a.csv")
    assert [row["prompt"] for row in assigned] == [row["prompt"] for row in fitted]
    np.testing.assert_allclose(
        [float(row["distance"]) for row in assigned], [float(row["distance"]) for row in fitted], rtol=1e-6
    )
    (folder / "new").mkdir()
    Image.fromarray(np.full((16, 16, 3), [0, 255, 0], np.uint8)).save(folder / "new" / "=green.png")
    done = morphology("assign", "f", "new", "--json", "--out", "a.json")
    (image,) = json.loads(done.stdout)["images"]
    assert (image["image"], image["beyond"], image["prompt"], image["label"]) == ("=green.png", True, "", "")
    assert json.loads((folder / "a.json").read_text()) == json.loads(done.stdout)


def test_choose_shows_each_k(morphology, folder):
    """As a table, as JSON and as a picture; three kinds are told by silhouette and stability."""
    done = morphology("choose", "patches.npy", "--k", "2-4,6", "--seeds", "2", "--starts", "2", "--out", "c")
    assert done.returncode == 0, done.stderr
    assert "Silhouette of: 48 images" in done.stdout
    assert "1.00 [1.00, 1.00]" in done.stdout
    found = json.loads((folder / "c" / "choose.json").read_text())
    assert [line["k"] for line in found["lines"]] == [2, 3, 4, 6]
    assert found["best"]["silhouette"] == 3
    assert found["lines"][1]["stability"]["seeds"] == [18021999, 18022000]
    assert Image.open(folder / "c" / "choose.png").size[0] > 800
    assert (folder / "c" / "choose.md").read_text().startswith("# How many clusters\n\n- Images: patches.npy")


def test_a_dataset_that_is_made_needs_no_files(morphology, folder, monkeypatch):
    """It is made where nobody sees it; with its own labels."""
    from benchmark.datasets.phantom.dataset import Phantom

    small = {"train": 24, "valid": 8, "test": 8, "slides_train": 3, "slides_valid": 2, "slides_test": 2}
    whole = Phantom.__init__
    monkeypatch.setattr(Phantom, "__init__", lambda self: whole(self, **small))
    done = morphology("fit", "--dataset", "phantom", "--k", "2", "--outliers", "--out", "f", "--json")
    assert done.returncode == 0, done.stderr
    about = json.loads(done.stdout)
    assert about["images"]["images"] == "dataset phantom, split train"
    assert about["images"]["classes"] == ["healthy", "cancer"]
    left_out = about["outliers"]["left_out"]
    assert about["images"]["n"] + left_out == 24
    assert len(table(folder / "f" / "outliers.csv")) == left_out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["fit", "--out", "f"], "Give the images once: as a PLACE"),
        (["fit", "patches.npy", "--dataset", "phantom", "--out", "f"], "Give the images once"),
        (["fit", "nowhere", "--out", "f"], "nowhere is not there. Expected a folder of PNG"),
        (["fit", "--dataset", "pcan", "--out", "f"], "Did you mean 'pcam'?"),
        (["fit", "--dataset", "pcam", "--out", "f"], "Dataset 'pcam' needs --data-root"),
        (["fit", "--dataset", "pcam", "--split", "vald", "--out", "f"], "Did you mean 'valid'?"),
        (
            ["fit", "patches.npy", "--extractor", "texture-statistic", "--out", "f"],
            "Did you mean 'texture-statistics'?",
        ),
        (["fit", "patches.npy", "--extractor", "dino-vitb8", "--offline", "--out", "f"], "dino-vitb8"),
        (
            ["fit", "patches.npy", "--k", "49", "--out", "f"],
            "K = 49 clusters need at least 49 distinct images; 48 are there",
        ),
        (["fit", "patches.npy", "--size", "12", "--out", "f"], "Choose a size that is divisible by 8"),
        (["fit", "patches.npy", "--labels", "patches.npy", "--out", "f"], "no UTF-8 text"),
        (["fit", "patches.npy", "--out", "."], "--out . is there already"),
        (
            ["fit", "patches.npy", "--balance", "study", "--k", "3", "--out", "f"],
            "48 images cannot be balanced as in the study",
        ),
        (
            ["fit", "patches.npy", "--outliers", "--out", "f"],
            "All 48 images break an outlier rule (few-contours 48). Keep them",
        ),
        (["choose", "patches.npy", "--k", "5-2"], "--k 5-2: '5-2' must rise, from 2 on"),
        (["choose", "patches.npy", "--k", "2,many"], "'many' is no number and no range"),
        (["choose", "patches.npy", "--k", "2", "--out", "patches.npy"], "cannot be made a folder"),
        (["assign", "nowhere", "patches.npy"], "nowhere holds no morphology.json"),
        (["assign", ".", "patches.npy", "--out", "a.txt"], "expected a file that ends in .csv or .json"),
        (["assing"], "Did you mean 'assign'?"),
    ],
)
def test_mistakes_are_one_message(morphology, folder, monkeypatch, words, said):
    """Status 2, no traceback, and nothing half-written."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(folder / "weights"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder / "hub"))
    before = sorted(folder.iterdir())
    done = morphology(*words)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert sorted(folder.iterdir()) == before


def test_help_loads_nothing_heavy():
    """Neither the commands' options nor the verb's module."""
    import subprocess
    import sys

    program = (
        "import sys, generators.morphology.verb\n"
        "sys.exit(str({'torch', 'sklearn', 'matplotlib', 'inflect', 'cv2', 'jinja2', 'pandas'} & sys.modules.keys() or 0))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.strip() in ("", "0"), done.stderr
