"""PCam as a dataset."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from benchmark import errors
from benchmark.contracts import progress
from benchmark.datasets import checksums, pcam, pcam_files, splits
from benchmark.datasets.phantom import spec, write


def test_lists_the_files_of_all_splits(pcam_root: Path) -> None:
    """Nine with meta, eight where one is missing."""
    assert len(pcam.Pcam().files(pcam_root)) == 9
    pcam_files.split_path(pcam_root, "valid", "meta").unlink()
    assert len(pcam.Pcam().files(pcam_root)) == 8


def test_opens_splits_with_the_label_words_of_the_study(pcam_root: Path) -> None:
    """Label 0 is healthy, label 1 cancer."""
    opened = {split: pcam.Pcam().open(pcam_root, split) for split in splits.SPLITS}
    assert [len(images) for images in opened.values()] == [20, 8, 6]
    assert opened["test"].classes == ("healthy", "cancer")
    assert len({images.digest for images in opened.values()}) == 3


def test_torchvision_reads_the_same_from_the_same_files(pcam_root: Path) -> None:
    """Every patch and label of each split, from one folder."""
    from torchvision.datasets import PCAM

    for split, theirs in (("train", "train"), ("valid", "val"), ("test", "test")):
        images = pcam.Pcam().open(pcam_root, split)  # type: ignore[arg-type]
        pairs = [PCAM(str(pcam_root), theirs)[row] for row in range(len(images))]
        np.testing.assert_array_equal(images.read(0, len(images)), np.stack([np.asarray(image) for image, _ in pairs]))
        assert images.labels.tolist() == [label for _, label in pairs]


def test_missing_data_repeats_the_advice(tmp_path: Path) -> None:
    """The class says the same as the error."""
    with pytest.raises(errors.UserError) as caught:
        pcam.Pcam().files(tmp_path)
    assert pcam.Pcam.advice in str(caught.value)


def test_unofficial_copy_is_named_so(root: Path) -> None:
    """Any other bytes than the release's make an unofficial copy."""
    identity = pcam.Pcam().identify(root)
    assert not identity.official
    assert identity.name == f"PCam, unofficial copy, digest {identity.digest[:12]}"


def test_official_files_are_lossless_whatever_the_suite_says(monkeypatch: pytest.MonkeyPatch, pcam_root: Path) -> None:
    """The codec is a property of unofficial copies."""
    known = {path.name: checksums.digest_file(path).md5 for path in pcam.Pcam().files(pcam_root)}
    monkeypatch.setattr(checksums, "OFFICIAL_MD5", known)
    identity = pcam.Pcam(codec="jpeg-75").identify(pcam_root)
    assert identity.official
    assert pcam.Pcam(codec="jpeg-75").codec(pcam_root, identity) == "none"


def test_codec_of_an_unofficial_copy_is_what_its_pixels_tell(root: Path) -> None:
    """Whether the suite leaves it open or states it."""
    identity = pcam.Pcam().identify(root)
    assert pcam.Pcam().codec(root, identity) == "none"
    assert pcam.Pcam(codec="none").codec(root, identity) == "none"
    for split in ("train", "valid", "test"):
        store_as_jpeg(root, split)
    assert pcam.Pcam().codec(root, identity) == "jpeg-75"
    assert pcam.Pcam(codec="jpeg-75").codec(root, identity) == "jpeg-75"


def test_jpeg_stated_of_a_lossless_copy_is_refused(root: Path) -> None:
    """Synthetic images would be degraded where the real ones are not."""
    with pytest.raises(errors.UserError, match=r"train_x\.h5: .* codec 'none', but dataset 'pcam' has 'jpeg-75'"):
        pcam.Pcam(codec="jpeg-75").codec(root, pcam.Pcam().identify(root))


def test_jpeg_in_one_split_alone_is_refused(root: Path) -> None:
    """Real images would be degraded where the synthetic ones are not."""
    store_as_jpeg(root, "test")
    with pytest.raises(errors.UserError, match=r"test_x\.h5: .* codec 'jpeg-75', but split 'train' is 'none'"):
        pcam.Pcam().codec(root, pcam.Pcam().identify(root))


def test_unknown_codec() -> None:
    """A slip in the suite."""
    with pytest.raises(errors.UserError, match="expected 'detect', 'none' or 'jpeg-75'"):
        pcam.Pcam(codec="webp")  # type: ignore[arg-type]


def test_cannot_be_made(tmp_path: Path) -> None:
    """The files are the user's."""
    assert pcam.Pcam.made is False
    assert pcam.Pcam().made_bytes() == 0
    with pytest.raises(errors.UserError, match="cannot be made"):
        pcam.Pcam().make(tmp_path, progress.silent)


@pytest.mark.needs_shared
def test_the_shared_subset_went_through_jpeg_75() -> None:
    """Known truth for the codec check: its README says so."""
    import zipfile

    from benchmark.datasets import stored_codec

    archive = Path(__file__).resolve().parents[4] / "shared" / "pcam26k" / "pcam26k-test.zip"
    with zipfile.ZipFile(archive) as opened:
        members = sorted(opened.namelist())[::20][:64]
        images = [np.asarray(Image.open(io.BytesIO(opened.read(name))).convert("RGB")) for name in members]
    assert stored_codec.detect(np.stack(images)) == "jpeg-75"


def store_as_jpeg(root: Path, split: str) -> None:
    """Put a split's patches through JPEG."""
    with h5py.File(pcam_files.split_path(root, split, "x"), "r+") as file:
        file["x"][:] = np.stack([through_jpeg(image) for image in file["x"][:]])


def through_jpeg(image: np.ndarray) -> np.ndarray:
    """Return an image after one pass of JPEG at quality 75."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=75)
    return np.asarray(Image.open(buffer).convert("RGB"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A lossless unofficial copy with natural-looking patches, 40 in each split."""
    write.write(
        tmp_path,
        spec.PhantomSpec(seed=8, train=40, valid=40, test=40, slides_train=3, slides_valid=2, slides_test=2),
    )
    return tmp_path
