"""Folders of labelled images as a dataset: all that a suite asks of one, at any number of classes."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from toybench import pictures

from benchmark import digests
from benchmark.artifacts import dataset_index
from benchmark.contracts.progress import silent
from benchmark.datasets.folder import Folder
from benchmark.datasets.splits import SPLITS
from benchmark.errors import UserError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data root with a folder of three classes that come in no splits."""
    pictures.write_classes(tmp_path / "mine", {"tumor": 20, "normal": 30, "stroma": 10})
    return tmp_path


@pytest.fixture
def split_root(tmp_path: Path) -> Path:
    """A data root with a folder of two splits."""
    pictures.write_classes(tmp_path / "mine", {"train/a": 3, "train/b": 2, "test/b": 1})
    return tmp_path


def test_classes_and_size_are_what_lies_there(root: Path) -> None:
    """Sorted, or as the suite orders and names them."""
    assert Folder(path="mine").layout(root) == (layout := Folder(path="mine").layout(root))
    assert (layout.classes, layout.side) == (("normal", "stroma", "tumor"), 16)
    words = {"tumor": "cancer", "normal": "healthy", "stroma": "connective"}
    assert Folder(path="mine", classes=words).layout(root).classes == ("cancer", "healthy", "connective")


def test_pixels_labels_and_names_belong_together(split_root: Path) -> None:
    """In the splits they come in; the one that is not there is empty."""
    dataset = Folder(path="mine")
    train = dataset.open(split_root, "train")
    names = ["train/a/0000.png", "train/a/0001.png", "train/a/0002.png", "train/b/0000.png", "train/b/0001.png"]
    expected = [np.asarray(Image.open(split_root / "mine" / name)) for name in names]
    np.testing.assert_array_equal(train.read(0, 5), expected)
    assert (train.labels.tolist(), train.classes, train.slides) == ([0, 0, 0, 1, 1], ("a", "b"), None)
    assert dataset.open(split_root, "test").labels.tolist() == [1]
    assert len(dataset.open(split_root, "valid")) == 0
    assert "at random" not in dataset.identify(split_root).caution


def test_splits_are_dealt_out_where_there_are_none(root: Path) -> None:
    """By class, as asked for; that they were is said wherever numbers are shown."""
    dataset = Folder(path="mine", sizes={"train": 0.5, "valid": 0.3, "test": 0.2}, seed=3)
    labels = {split: np.bincount(dataset.open(root, split).labels).tolist() for split in SPLITS}
    assert labels == {"train": [15, 5, 10], "valid": [9, 3, 6], "test": [6, 2, 4]}
    caution = dataset.identify(root).caution
    assert "dealt out at random (seed 3), image by image: images of one slide may lie in several" in caution


def test_slides_of_a_table_stay_whole(root: Path) -> None:
    """And are told of each image."""
    names = sorted(path.relative_to(root / "mine").as_posix() for path in root.rglob("*.png"))
    rows = [f"{name},{name.split('/')[0]},s{number % 12}" for number, name in enumerate(names)]
    (root / "mine" / "metadata.csv").write_text("file_name,label,slide\n" + "\n".join(rows) + "\n")
    dataset = Folder(path="mine")
    held = [set(dataset.open(root, split).slides.tolist()) for split in SPLITS]
    assert sum(map(len, held)) == len(set().union(*held)) == 12
    assert dataset.identify(root).caution.endswith("at random (seed 0), whole slides together.")
    assert root / "mine" / "metadata.csv" in dataset.files(root)


def test_an_archive_is_the_folder_it_was_made_of(root: Path) -> None:
    """Images, labels, splits; its only file is itself."""
    pictures.pack(root / "mine", root / "mine.zip", around="mine/")
    folder, archive = Folder(path="mine"), Folder(path="mine.zip")
    assert archive.files(root) == [root / "mine.zip"]
    for split in SPLITS:
        one, other = folder.open(root, split), archive.open(root, split)
        np.testing.assert_array_equal(one.read(0, len(one)), other.read(0, len(other)))
        assert one.labels.tolist() == other.labels.tolist()
    assert archive.identify(root).name.startswith("mine.zip, digest ")


def test_the_identity_is_of_every_byte_and_name(root: Path) -> None:
    """On any machine: names are relative."""
    files = {path.relative_to(root / "mine").as_posix(): digests.of_file(path) for path in root.rglob("*.png")}
    identity = Folder(path="mine").identify(root)
    assert identity.digest == digests.of_files(files)
    assert (identity.name, identity.official) == (f"mine, digest {identity.digest[:12]}", False)
    assert "no release" in identity.caution
    (root / "mine" / "tumor" / "0000.png").rename(root / "mine" / "tumor" / "x.png")
    assert Folder(path="mine").identify(root).digest != identity.digest


def test_the_digest_of_a_split_tells_of_labels_and_order(root: Path) -> None:
    """As the contract of images wants it."""
    unlike = [
        Folder(path="mine").open(root, "train"),
        Folder(path="mine", seed=1).open(root, "train"),
        Folder(path="mine", classes=["tumor", "stroma", "normal"]).open(root, "train"),
        Folder(path="mine").open(root, "test"),
    ]
    assert len({images.digest for images in unlike}) == 4
    assert Folder(path="mine").open(root, "train").digest == unlike[0].digest


def test_a_folder_is_listed_once_however_often_it_is_asked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold hundreds of thousands of files."""
    dataset = Folder(path="mine")
    dataset.layout(root)
    monkeypatch.setattr("os.walk", None)
    assert len(dataset.open(root, "train")) == 48


def test_mixed_sizes_are_refused_with_counts_and_an_example(root: Path) -> None:
    """When the images are indexed, before anything is learnt from them."""
    for name in ("a", "b"):
        Image.fromarray(pictures.noise(5, 24)).save(root / "mine" / "tumor" / f"{name}.png")
    said = r"mixes sizes: 16 x 16 px \(60 files, normal/0000\.png\), 24 x 24 px \(2 files, tumor/a\.png\)"
    with pytest.raises(UserError, match=said):
        dataset_index.write(root, Folder(path="mine"), root, silent)


def test_images_must_be_square(tmp_path: Path) -> None:
    """Width first, as people say it."""
    (tmp_path / "mine" / "a").mkdir(parents=True)
    Image.new("RGB", (20, 10)).save(tmp_path / "mine" / "a" / "x.png")
    with pytest.raises(UserError, match="the images are 20 x 10 px. Expected square ones"):
        Folder(path="mine").layout(tmp_path)


@pytest.mark.parametrize(("quality", "codec"), [(75, "jpeg-75"), (95, "none")])
def test_the_codec_of_jpeg_files_is_what_their_pixels_tell(tmp_path: Path, quality: int, codec: str) -> None:
    """Of quality 75, as PCam's copies; a statement that does not hold is refused."""
    for form in ("png", "jpg"):
        (tmp_path / form / "a").mkdir(parents=True)
    for number in range(40):
        smooth = Image.fromarray(pictures.noise(number, 6)).resize((48, 48), Image.Resampling.BICUBIC)
        image = Image.fromarray(np.asarray(smooth) // 2 + pictures.noise(number, 48) // 8 + 30)
        image.save(tmp_path / "png" / "a" / f"{number}.png")
        image.save(tmp_path / "jpg" / "a" / f"{number}.jpg", quality=quality)
    dataset = Folder(path="jpg")
    assert dataset.codec(tmp_path, dataset.identify(tmp_path)) == codec
    lossless = Folder(path="png")
    assert lossless.codec(tmp_path, lossless.identify(tmp_path)) == "none"
    with pytest.raises(
        UserError, match="split 'train': its patches look as stored under codec 'none', but dataset 'fol"
    ):
        Folder(path="png", codec="jpeg-75").codec(tmp_path, lossless.identify(tmp_path))


@pytest.mark.parametrize("path", ["/etc", "../mine", "a/../../b"])
def test_a_path_does_not_lead_out_of_the_data_root(path: str) -> None:
    """Names of files in it are relative to the root, on any machine."""
    with pytest.raises(UserError, match="Expected a place below --data-root"):
        Folder(path=path)


def test_a_place_that_is_not_there_says_what_would_be_one(tmp_path: Path) -> None:
    """Nor can one be made."""
    with pytest.raises(UserError, match=r"mine is not there\. Expected a folder of images or a \.zip"):
        Folder(path="mine").files(tmp_path)
    with pytest.raises(UserError, match="Dataset 'folder' cannot be made"):
        Folder(path="mine").make(tmp_path, silent)
    assert Folder(path="mine").made_bytes() == 0


@pytest.mark.parametrize("is_archive", [False, True])
def test_thousands_of_images_are_indexed_in_the_memory_of_a_few(tmp_path: Path, is_archive: bool) -> None:
    """Decoded together they would take 55 MB."""
    (tmp_path / "mine" / "a").mkdir(parents=True)
    for number in range(2000):
        image = np.full((96, 96, 3), number % 251, np.uint8)
        image[0, 0] = number // 251
        Image.fromarray(image).save(tmp_path / "mine" / "a" / f"{number}.png", compress_level=1)
    path = pictures.pack(tmp_path / "mine", tmp_path / "mine.zip").name if is_archive else "mine"
    (tmp_path / "index").mkdir()
    tracemalloc.start()
    try:
        dataset_index.write(tmp_path / "index", Folder(path=path), tmp_path, silent)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(len(dataset_index.read(tmp_path / "index", split).labels) for split in SPLITS) == 2000
    assert most < 35e6
