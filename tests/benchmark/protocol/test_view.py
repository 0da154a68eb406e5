"""The one path that real and synthetic images share."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import ArraySource, Images
from benchmark.protocol import pixels, view
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize, Store
from benchmark.protocol.view import StoredAs

BOX = Protocol(size=6, filter="box")
JPEG = StoredAs(side=12, codec="jpeg-30")


@pytest.fixture
def images() -> Images:
    """Seven images of 24 pixels, of which rows 6, 2, 4 and 1 are taken."""
    stored = np.random.default_rng(0).integers(0, 256, (7, 24, 24, 3), np.uint8)
    rows = np.array([6, 2, 4, 1])
    return Images(ArraySource(stored), rows, rows % 2, ("a", "b"), np.array(["s", "t", "u", "v"]), digest="four")


def test_images_come_at_the_common_size_in_their_own_order(images):
    """Whether all are read or a part of them; labels, slides and classes stay."""
    seen = view.apply(images, BOX)
    expected = pixels.resize(images.source.pixels, 6, "box")[images.rows]
    np.testing.assert_array_equal(seen.read(0, 4), expected)
    np.testing.assert_array_equal(seen.read(1, 3), expected[1:3])
    assert (len(seen), seen.classes) == (4, ("a", "b"))
    np.testing.assert_array_equal(seen.labels, images.labels)
    np.testing.assert_array_equal(seen.slides, images.slides)


def test_a_part_of_a_view_is_a_view_of_the_part(images):
    """Taking and viewing may come in any order."""
    chosen = np.array([2, 0])
    one = view.apply(images, BOX).take(chosen, digest="x").read(0, 2)
    other = view.apply(images.take(chosen, digest="x"), BOX).read(0, 2)
    np.testing.assert_array_equal(one, other)


def test_synthetic_images_pass_through_the_dataset_s_size_and_codec(images):
    """First to its side, then through its codec, then to the common size; each step in its place."""
    seen = view.apply(images, BOX, synthetic_in=JPEG).read(0, 4)
    raw = images.read(0, 4)
    stored = pixels.store_as(pixels.resize(raw, 12, "box"), "jpeg-30")
    np.testing.assert_array_equal(seen, pixels.resize(stored, 6, "box"))
    assert not np.array_equal(seen, pixels.resize(pixels.store_as(raw, "jpeg-30"), 6, "box"))
    assert not np.array_equal(seen, pixels.store_as(pixels.resize(raw, 6, "box"), "jpeg-30"))


@pytest.mark.parametrize(
    ("protocol", "stored"),
    [(BOX, StoredAs(12, "none")), (BOX.model_copy(update={"codec": "none"}), JPEG), (BOX, None)],
)
def test_without_a_lossy_codec_synthetic_images_are_only_resized(images, protocol, stored):
    """Once: a detour over the dataset's size would blur what was made larger."""
    seen = view.apply(images, protocol, synthetic_in=stored).read(0, 4)
    np.testing.assert_array_equal(seen, pixels.resize(images.read(0, 4), 6, "box"))


def test_real_and_synthetic_images_take_the_same_path(images):
    """An image that went through the codec once, as a real one has, is seen as the synthetic one it came from."""
    real = pixels.store_as(pixels.resize(images.source.pixels, 12, "box"), "jpeg-30")
    stored = Images(ArraySource(real), images.rows, images.labels, images.classes, None, digest="stored")
    np.testing.assert_array_equal(
        view.apply(stored, BOX).read(0, 4), view.apply(images, BOX, synthetic_in=JPEG).read(0, 4)
    )


def test_a_view_s_digest_is_of_images_protocol_and_codec(images):
    """Equal where all three are; a lossless dataset is no part of it."""
    same = {
        view.apply(images, BOX).digest,
        view.apply(images, BOX, synthetic_in=StoredAs(12, "none")).digest,
        view.apply(images, BOX, synthetic_in=StoredAs(99, "none")).digest,
    }
    assert len(same) == 1
    unlike = [
        view.apply(images.take(np.arange(4), digest="others"), BOX).digest,
        view.apply(images, Protocol(size=6)).digest,
        view.apply(images, Protocol(size=7, filter="box")).digest,
        view.apply(images, BOX, synthetic_in=JPEG).digest,
        view.apply(images, BOX, synthetic_in=StoredAs(13, "jpeg-30")).digest,
        view.apply(images, BOX, synthetic_in=StoredAs(12, "jpeg-31")).digest,
    ]
    assert len({*same, *unlike, images.digest}) == 8


def test_nothing_is_read_before_it_is_asked_for(images):
    """A view of a terabyte costs nothing."""

    class Unreadable:
        def read(self, rows):
            raise OSError("read")

    seen = view.apply(Images(Unreadable(), images.rows, images.labels, images.classes, None, digest="x"), BOX)
    with pytest.raises(OSError, match="read"):
        seen.read(0, 1)


OWN = Protocol(
    real=(Store(codec="jpeg-20"), Resize(resize=9, filter="box")),
    synthetic=(Resize(resize=5, filter="torch-bilinear"),),
)


def test_sides_with_paths_of_their_own_each_take_theirs(images):
    """Whatever the dataset's codec; so the same pixels are seen unlike, and have unlike digests."""
    raw = images.read(0, 4)
    real, synthetic = view.apply(images, OWN), view.apply(images, OWN, synthetic_in=JPEG)
    np.testing.assert_array_equal(real.read(0, 4), pixels.resize(pixels.store_as(raw, "jpeg-20"), 9, "box"))
    np.testing.assert_array_equal(synthetic.read(0, 4), pixels.resize(raw, 5, "torch-bilinear"))
    assert len({images.digest, real.digest, synthetic.digest}) == 3
    assert synthetic.digest == view.apply(images, OWN, synthetic_in=StoredAs(12, "none")).digest


def test_any_path_can_be_looked_along(images):
    """Under a digest of the caller's."""
    seen = view.along(images, (Resize(resize=9, filter="box"),), digest="mine")
    np.testing.assert_array_equal(seen.read(1, 3), pixels.resize(images.read(1, 3), 9, "box"))
    assert seen.digest == "mine"
