"""The files of a row."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toybench import pictures as pictured

from benchmark.artifacts import clustering
from benchmark.artifacts.clustering import About, Clustering
from benchmark.records import files
from benchmark.records.schema import Record
from benchmark.store import manifest as manifests
from benchmark.store.store import Store
from benchmark.tracking import attachments
from benchmark.tracking.rows import Row


def test_records_are_the_store_s_byte_for_byte(store: Path, record: Record, tmp_path: Path) -> None:
    """What MLflow holds can be put back into a store."""
    attachments.records(Row((record,)), tmp_path / "out")
    sent = (tmp_path / "out" / "records" / "toy-distance.json").read_bytes()
    assert sent == files.path_of(store, record).read_bytes()


def test_pictures_of_a_training_that_are_still_there(tmp_path: Path) -> None:
    """Byte for byte, in a folder of their own."""
    (tmp_path / "a.png").write_bytes(b"PNG")
    attachments.training([tmp_path / "a.png", tmp_path / "gone.png"], tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "training").iterdir()] == ["a.png"]
    assert (tmp_path / "out" / "training" / "a.png").read_bytes() == b"PNG"


def test_samples_and_prompts_by_label(opened: Store, record: Record, tmp_path: Path) -> None:
    """Dark images are on the dark sheet; prompts are counted by label."""
    assert attachments.pictured(Row((record,)), opened, tmp_path / "out", data_root=None) == []
    dark, bright = (
        np.asarray(Image.open(tmp_path / "out" / "samples" / name)) for name in ("0-dark.png", "1-bright.png")
    )
    assert np.median(dark) < 128 < np.median(bright)
    with (tmp_path / "out" / "prompts.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows == [
        {"prompt": "a bright square", "label": "bright", "count": "20"},
        {"prompt": "a dark square", "label": "dark", "count": "20"},
    ]
    assert not (tmp_path / "out" / "clusters.png").exists()


def test_prompts_are_sorted_by_count_and_survive_commas() -> None:
    """The table is CSV, the most frequent prompt first."""
    from collections import Counter

    counts = Counter({('say "a, b"', "dark"): 2, ("z", "dark"): 5, ("a", "dark"): 5})
    found = list(csv.reader(io.StringIO(attachments._table(counts))))
    assert found == [["prompt", "label", "count"], ["a", "dark", "5"], ["z", "dark", "5"], ['say "a, b"', "dark", "2"]]


def test_clusters_show_the_images_that_were_fitted_on(
    opened: Store, record: Record, tmp_path: Path, clustered: Callable[..., None]
) -> None:
    """Clusters made of the labels must come out dark and bright, in this order."""
    clustered(record, np.arange(80) % 2)
    assert attachments.pictured(Row((record,)), opened, tmp_path / "out", data_root=None) == []
    sheet = np.asarray(Image.open(tmp_path / "out" / "clusters.png"))
    middle = sheet.shape[0] // 2 + 16
    columns = slice(-400, -20)
    assert (
        np.median(sheet[middle - 60 : middle - 30, columns])
        < 128
        < np.median(sheet[middle + 10 : middle + 50, columns])
    )


def test_clustering_of_other_images_gives_no_picture(
    opened: Store, record: Record, tmp_path: Path, clustered: Callable[..., None]
) -> None:
    """Images are never shown under a cluster they were not in."""
    clustered(record, np.zeros(79))
    missing = attachments.pictured(Row((record,)), opened, tmp_path / "out", data_root=None)
    assert missing == ["no sheet of clusters: 79 images were clustered, 80 found"]
    assert not (tmp_path / "out" / "clusters.png").exists()
    assert (tmp_path / "out" / "prompts.csv").exists()


def test_lost_samples_are_named(opened: Store, record: Record, tmp_path: Path) -> None:
    """A store that was tidied up still has its records sent."""
    for step in record.steps:
        if step.kind == "sample":
            shutil.rmtree(opened.folder_of("sample", step.key))
    missing = attachments.pictured(Row((record,)), opened, tmp_path / "out", data_root=None)
    assert missing == ["no pictures: 'sample toy-fitted, seed 0, images 0 to 39' is no longer in the store"]


def test_row_that_failed_early_has_no_pictures(
    opened: Store, record: Record, remade: Callable[..., Record], tmp_path: Path
) -> None:
    """Without samples there is nothing to show, and nothing wrong."""
    failed = remade(record, status="failed", error="x", values=(), steps=record.steps[:1])
    assert attachments.pictured(Row((failed,)), opened, tmp_path / "out", data_root=None) == []
    assert not (tmp_path / "out").exists()


def test_classes_that_only_the_images_tell_need_their_folder(
    opened: Store, record: Record, remade: Callable[..., Record], tmp_path: Path
) -> None:
    """Without it there are no sheets of samples; with it there are."""
    mine = record.dataset.model_copy(update={"name": "folder", "params": {"path": "mine"}})
    row = Row((remade(record, dataset=mine),))
    (missing,) = attachments.pictured(row, opened, tmp_path / "out", data_root=None)
    assert missing.startswith("no samples: the classes of the real images are not known (--data-root): ")
    pictured.write_classes(tmp_path / "root" / "mine", {"bright": 1, "dark": 1})
    assert attachments.pictured(row, opened, tmp_path / "out", data_root=tmp_path / "root") == []
    assert {path.name for path in (tmp_path / "out" / "samples").iterdir()} == {"0-bright.png", "1-dark.png"}


@pytest.fixture
def opened(store: Path) -> Store:
    """The store."""
    return Store.existing(store)


@pytest.fixture
def clustered(opened: Store) -> Callable[..., None]:
    """Puts a clustering into the fit of a record, as if the generator had left it."""

    def put(record: Record, assignments: np.ndarray) -> None:
        key = next(step.key for step in record.steps if step.kind == "fit")
        folder = opened.folder_of("fit", key)
        about = About(extractor="toy-guide", k=2, seed=0, n_init=1, inertia=0.0)
        parts = Clustering(
            about=about, shift=np.zeros(3), scale=np.ones(3), centers=np.zeros((2, 3)),
            assignments=assignments.astype(np.int64),
        )  # fmt: skip
        clustering.write(folder, parts)
        described = manifests.describe_files(folder)
        changed = {"files": described, "digest": manifests.digest_of(described)}
        manifests.write(folder, manifests.read(folder).model_copy(update=changed))

    return put
