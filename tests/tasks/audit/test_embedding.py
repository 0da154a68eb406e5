"""Features after a path, each computed once and in blocks."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.contracts.images import Images
from benchmark.errors import UserError
from benchmark.protocol import pixels
from benchmark.protocol.operations import Resize, Store
from tasks.audit.embedding import Embedder, Unsuited


class Means:
    """Mean of each channel; counts calls, and takes no image of 7 px."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, ...]] = []

    def embed(self, images: np.ndarray) -> np.ndarray:
        if images.shape[1] == 7:
            raise UserError("no image of 7 px")
        self.sizes.append(images.shape)
        return images.mean(axis=(1, 2)).astype(np.float32)


@pytest.fixture
def embedder(real: Images, synthetic: Images) -> Embedder:
    """Over two parts; notes what is embedded."""
    told: list[str] = []
    found = Embedder(Means(), {"a": 96, "b": 96}, {"a": real, "b": synthetic}, told.append)
    found.told = told
    return found


def test_features_are_those_of_the_images_after_the_path(embedder: Embedder, real: Images) -> None:
    """In the order of the images."""
    path = (Store(codec="jpeg-30"), Resize(resize=8, filter="box"))
    expected = pixels.resize(pixels.store_as(real.read(0, 60), "jpeg-30"), 8, "box").mean(axis=(1, 2))
    np.testing.assert_allclose(embedder.of("a", path).values, expected, rtol=1e-6)
    assert len(embedder.of("b", path)) == 40


def test_what_is_asked_for_again_is_embedded_once_and_kept_no_longer(embedder: Embedder) -> None:
    """Also where one path says in more words what another does."""
    asked = ((), (Resize(resize=96),), (Resize(resize=96, filter="box"),))
    for path in asked:
        embedder.expect("a", path)
    found = [embedder.of("a", path) for path in asked]
    assert found[0] is found[1] is found[2]
    embedder.of("b", ())
    assert embedder.told == ["a", "b"]
    assert embedder.of("a", ()) is not found[0]
    assert embedder.told == ["a", "b", "a"]


def test_blocks_are_smaller_the_larger_the_images_are_on_the_way(embedder: Embedder) -> None:
    """Memory holds no more than two million pixels of them at once."""
    embedder.of("b", (Resize(resize=512), Resize(resize=8)))
    assert [size[0] for size in embedder.extractor.sizes] == [8] * 5
    embedder.of("b", (Resize(resize=8),))
    assert embedder.extractor.sizes[-1] == (40, 8, 8, 3)


def test_a_size_that_an_extractor_cannot_take_is_told_as_such(embedder: Embedder) -> None:
    """A line of the table says so; a file that cannot be read ends the audit instead."""
    with pytest.raises(Unsuited, match="no image of 7 px"):
        embedder.of("a", (Resize(resize=7),))

    class Broken:
        def read(self, rows):
            raise UserError("x.png cannot be read")

    images = embedder.parts["a"]
    embedder.parts["a"] = Images(Broken(), images.rows, images.labels, images.classes, None, digest="x")
    with pytest.raises(UserError, match="cannot be read") as caught:
        embedder.of("a", ())
    assert not isinstance(caught.value, Unsuited)
