"""The stage that turns images into features: the same path for real and synthetic ones."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from toybench.data import Toy

from benchmark.contracts.generator import Batch
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import embed
from benchmark.protocol.definition import Protocol
from benchmark.suite.schema import RoleEntry

VALID = RoleEntry(split="valid", part=(0.0, 0.5), by="image")


class Lossy(Toy):
    """The toy dataset, as if it were stored as JPEG."""

    def codec(self, root, identity):
        return "jpeg-40"


class Large:
    """Noise of 24 pixels, from each request's seed."""

    def sample(self, requests, context):
        images = [np.random.default_rng(seed).integers(0, 256, (24, 24, 3), np.uint8) for seed in requests.seeds]
        yield Batch(images=np.stack(images))


class Narrow:
    """Gives fewer features than it says."""

    version, summary, width = 1, "x", 4

    def to(self, device):
        pass

    def embed(self, images):
        return np.zeros((len(images), 3), np.float32)


class Forgetful(Narrow):
    """Gives fewer rows than there are images."""

    def embed(self, images):
        return np.zeros((len(images) - 1, 4), np.float32)


class Infinite(Narrow):
    """Divides by zero in the last image."""

    def embed(self, images):
        values = np.zeros((len(images), 4), np.float64)
        values[-1, 2] = 1e300  # Finite as it comes, and no longer in float32.
        return values


class Rounded(Narrow):
    """Mean color to the nearest ten; in float32 it is what it is."""

    width, step = 3, 10

    def embed(self, images):
        return (np.round(images.mean(axis=(1, 2)) / self.step) * self.step).astype(np.float32)

    def in_float32(self):
        exact = Rounded()
        exact.step = 1e-4
        return exact


def by_hand(images):
    """Mean color after Pillow's box filter, image by image."""
    small = [np.asarray(Image.fromarray(image).resize((8, 8), Image.Resampling.BOX)) for image in images]
    return np.stack(small).astype(float).mean(axis=(1, 2))


def test_features_of_a_role_by_hand(desk, toys):
    """Mean color of the role's own images, in the role's order, with labels and slides."""
    at = desk(toys.embed(toys.data(), role=VALID))
    embed.run(at)
    role = at.dataset().role(VALID)
    stored = np.load(at.inputs["data"].folder / "valid.npy")[role.rows]
    found = np.load(at.out / "features.npy")
    assert (found.dtype, found.shape) == (np.float32, (10, 3))
    np.testing.assert_allclose(found, by_hand(stored), rtol=1e-5)
    assert np.load(at.out / "labels.npy").tolist() == (role.rows % 2).tolist()
    assert np.load(at.out / "slides.npy").tolist() == [f"valid-{row // 2 % 4}" for row in role.rows]


def test_features_of_shards_keep_the_order_of_the_requests(desk, toys, told):
    """The labels are those asked for; synthetic images come from no slide."""
    data, spec = toys.data(), toys.generator(params={"noise": 1.0})
    fit = toys.fit(data, spec)
    shards = tuple(toys.sample(data, spec, fit=fit, start=start, stop=start + 5) for start in (0, 5, 10))
    at = desk(toys.embed(data, shards=shards))
    embed.run(at)
    assert np.load(at.out / "labels.npy").tolist() == [place % 2 for place in range(15)]
    drawn = np.concatenate([np.load(at.inputs[f"shard/{number:05d}"].folder / "images.npy") for number in range(3)])
    np.testing.assert_allclose(np.load(at.out / "features.npy"), by_hand(drawn), rtol=1e-5)
    assert not (at.out / "slides.npy").exists()
    assert told.of("advance") == [(15, 15, "images embedded")]


def test_many_images_are_embedded_block_by_block(desk, toys, told):
    """Every row is filled, the last block's too."""
    at = desk(toys.embed(toys.data(count=300), role=RoleEntry(split="test")))
    embed.run(at)
    stored = np.load(at.inputs["data"].folder / "test.npy")
    np.testing.assert_allclose(np.load(at.out / "features.npy"), by_hand(stored), rtol=1e-5)
    assert [done for done, *_ in told.of("advance")] == [128, 256, 300]


def test_synthetic_images_are_stored_as_the_dataset_stores_its_own(desk, toys):
    """Brought to 16 pixels, through JPEG of quality 40, then to 8: done here with Pillow alone."""
    data = toys.data(f"{__name__}:Lossy", count=6)
    shard = toys.sample(data, toys.generator(f"{__name__}:Large"), stop=4)
    at = desk(toys.embed(data, shards=(shard,)))
    embed.run(at)
    expected = []
    for image in np.load(at.inputs["shard/00000"].folder / "images.npy"):
        stream = io.BytesIO()
        Image.fromarray(image).resize((16, 16), Image.Resampling.BOX).save(stream, "JPEG", quality=40)
        expected.append(np.asarray(Image.open(stream).resize((8, 8), Image.Resampling.BOX)).mean(axis=(0, 1)))
    np.testing.assert_allclose(np.load(at.out / "features.npy"), expected, rtol=1e-5)


def test_real_images_are_stored_already(desk, toys):
    """They go through no codec a second time."""
    plain, lossy = toys.data(count=6), toys.data(f"{__name__}:Lossy", count=6)
    found = []
    for data in (plain, lossy):
        at = desk(toys.embed(data, role=RoleEntry(split="test")))
        embed.run(at)
        found.append(np.load(at.out / "features.npy"))
    np.testing.assert_array_equal(*found)


def test_the_first_rows_are_kept_in_float32_where_an_extractor_computes_in_less(desk, toys, told):
    """As many as tell how far it drifts; an extractor in float32 leaves none."""
    config = toys.data(count=300)
    at = desk(toys.embed(config, role=RoleEntry(split="test"), target=f"{__name__}:Rounded"))
    embed.run(at)
    values, exact = np.load(at.out / "features.npy"), np.load(at.out / "exact.npy")
    assert (len(values), len(exact)) == (300, 256)
    assert (values % 10 == 0).all()
    assert 0 < np.abs(exact - values[:256]).max() <= 5.001
    plain = desk(toys.embed(config, role=RoleEntry(split="test")))
    embed.run(plain)
    np.testing.assert_allclose(exact, np.load(plain.out / "features.npy")[:256], atol=1e-3)
    assert not (plain.out / "exact.npy").exists()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("Narrow", r"expected features of shape \(10, 4\), found \(10, 3\)"),
        ("Forgetful", r"expected features of shape \(10, 4\), found \(9, 4\)"),
        ("Infinite", "features that are not finite"),
    ],
)
def test_an_extractor_that_breaks_its_contract_is_a_fault(desk, toys, broken, said):
    """And nothing is written."""
    at = desk(toys.embed(toys.data(), role=VALID, target=f"{__name__}:{broken}"))
    with pytest.raises(ContractFault, match=said), np.errstate(over="ignore"):
        embed.run(at)
    assert not list(at.out.iterdir())


def test_the_protocol_decides_what_the_extractor_sees(desk, toys):
    """At one pixel a checkered image is gray under any filter, at its own size it is not."""
    data = toys.data()
    at = desk(toys.embed(data, role=VALID, protocol=Protocol(size=16), target=f"{__name__}:Range"))
    embed.run(at)
    assert np.load(at.out / "features.npy").min() > 20
    at = desk(toys.embed(data, role=VALID, protocol=Protocol(size=1), target=f"{__name__}:Range"))
    embed.run(at)
    assert (np.load(at.out / "features.npy") == 0).all()


class Range(Narrow):
    """The largest less the smallest value of each channel, and a zero."""

    width = 3

    def embed(self, images):
        flat = images.reshape(len(images), -1, 3).astype(np.float32)
        return flat.max(axis=1) - flat.min(axis=1)
