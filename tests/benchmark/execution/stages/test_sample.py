"""The stage that draws a shard, and what it does not let pass."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from benchmark import seeds
from benchmark.artifacts import image_set
from benchmark.contracts.generator import Batch
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import sample
from benchmark.protocol import view
from benchmark.protocol.definition import Protocol
from benchmark.protocol.operations import Resize
from benchmark.protocol.view import StoredAs
from benchmark.suite.schema import RoleEntry


class Reusing:
    """Draws into one buffer again and again, without prompts."""

    def sample(self, requests, context):
        buffer = np.empty((1, 4, 4, 3), np.uint8)
        for index in requests.index:
            buffer[:] = index
            yield Batch(images=buffer)


class Keeping:
    """Notes which object drew."""

    drew: list[object] = []

    def fit(self, train, context):
        (context.folder / "seed.txt").write_text(str(context.seed))

    def sample(self, requests, context):
        self.drew.append(self)
        yield Batch(images=np.zeros((len(requests), 4, 4, 3), np.uint8))


class Broken:
    """Breaks the contract in the way it is told."""

    def __init__(self, how):
        self.how = how

    def sample(self, requests, context):
        good = np.zeros((len(requests), 4, 4, 3), np.uint8)
        if self.how == "float":
            yield Batch(images=good.astype(np.float32))
        if self.how == "int":
            yield Batch(images=good.astype(np.int64))
        if self.how == "gray":
            yield Batch(images=good[..., 0])
        if self.how == "single":
            yield Batch(images=np.zeros((10, 4, 3), np.uint8))
        if self.how == "alpha":
            yield Batch(images=np.zeros((10, 4, 4, 4), np.uint8))
        if self.how == "channels first":
            yield Batch(images=np.zeros((10, 3, 4, 4), np.uint8))
        if self.how == "list":
            yield Batch(images=good.tolist())
        if self.how == "sizes":
            yield Batch(images=good[:4])
            yield Batch(images=np.zeros((6, 4, 5, 3), np.uint8))
        if self.how == "prompts":
            yield Batch(images=good, prompts=["one", "two"])
        if self.how == "slides":
            yield Batch(images=good, slides=["s1"] * 10)
        if self.how == "few":
            yield Batch(images=good[:7])
        if self.how == "array":
            yield good
        if self.how == "endless":
            while True:
                yield Batch(images=good[:3])


FAULTS = {
    "float": r"expected uint8 RGB of shape \(B, H, W, 3\), the generator gave float32 of shape \(10, 4, 4, 3\)",
    "int": r"the generator gave int64 of shape",
    "gray": r"the generator gave uint8 of shape \(10, 4, 4\)",
    "single": r"the generator gave uint8 of shape \(10, 4, 3\)",
    "alpha": r"the generator gave uint8 of shape \(10, 4, 4, 4\)",
    "channels first": r"the generator gave uint8 of shape \(10, 3, 4, 4\)",
    "list": r"the generator gave list of shape \?",
    "sizes": r"images of one set must have one size, found \(4, 4, 3\) and \(4, 5, 3\)",
    "prompts": "10 images came with 2 prompts",
    "slides": "images came with slides, but the entry says under 'reads' that it reads none",
    "array": r"'sample' must yield objects of benchmark.contracts.generator.Batch, it gave ndarray. .*: yield Batch\(",
    "few": "10 images were asked for, the generator gave 7",
    "none": "10 images were asked for, the generator gave 0",
    "endless": "10 images were asked for, the generator gave 12",
}


@pytest.mark.parametrize("how", FAULTS)
@pytest.mark.timeout(20)
def test_a_broken_contract_is_a_fault(desk, toys, how):
    """With the step, what was expected and what was found; nothing is written."""
    at = desk(toys.sample(toys.data(), toys.generator(f"{__name__}:Broken", params={"how": how})))
    with pytest.raises(ContractFault, match=f"^.*{FAULTS[how]}"):
        sample.run(at)
    assert not list(at.out.iterdir())


class Returning:
    """Returns where it should yield."""

    def sample(self, requests, context):
        return None


def test_a_generator_that_yields_nothing_is_told_so(desk, toys):
    """Rather than that None cannot be gone through."""
    with pytest.raises(ContractFault, match="^'sample' must yield batches, it returned NoneType"):
        sample.run(desk(toys.sample(toys.data(), toys.generator(f"{__name__}:Returning"))))


class Looking:
    """Looks for a file, beside what was learnt or elsewhere."""

    def __init__(self, place=None):
        self.place = place

    def sample(self, requests, context):
        np.load((context.folder if self.place is None else Path(self.place)) / "means.npy")
        yield


def test_a_forgotten_fits_on_is_named(desk, toys):
    """Where `sample` misses what only `fit` leaves; any other missing file is what it is."""
    data, place = toys.data(), f"{__name__}:Looking"
    said = r"^FileNotFoundError: .*\(test_sample.py, line \d+, in sample\)\. .*does not say 'fits_on: train'"
    with pytest.raises(ContractFault, match=said):
        sample.run(desk(toys.sample(data, toys.generator(place))))
    with pytest.raises(FileNotFoundError):
        sample.run(desk(toys.sample(data, toys.generator(place, params={"place": "elsewhere"}))))
    fit = toys.fit(data, toys.generator(f"{__name__}:Idle"))
    with pytest.raises(FileNotFoundError):
        sample.run(desk(toys.sample(data, toys.generator(place), fit=fit)))


class Searching:
    """Looks for a file of its own making."""

    def sample(self, requests, context):
        np.load(context.scratch / "means.npy")
        yield


def test_what_a_fitted_generator_misses_is_not_blamed_on_its_entry(desk, toys):
    """It was fitted; the file is missing for another reason."""
    data = toys.data()
    fit = toys.fit(data, toys.generator(f"{__name__}:Idle"))
    with pytest.raises(FileNotFoundError):
        sample.run(desk(toys.sample(data, toys.generator(f"{__name__}:Searching"), fit=fit)))


class Idle:
    """Leaves nothing."""

    def fit(self, train, context):
        (context.folder / "nothing").touch()


def test_images_are_those_of_the_requests(desk, toys, told):
    """Each by its label's mean color and its own seed, drawn here once more; and told in the manifest."""
    data = toys.data()
    step = toys.sample(data, toys.generator(), fit=toys.fit(data, toys.generator()), seed=5, start=3, stop=13)
    at = desk(step)
    sample.run(at)
    images = np.load(at.out / "images.npy")
    means = np.load(at.inputs["fit"].folder / "means.npy")
    labels = [place % 2 for place in range(3, 13)]
    own = [seeds.derive(5, "sample", place) for place in range(3, 13)]
    for image, label, seed in zip(images, labels, own, strict=True):
        noise = np.random.default_rng(seed).normal(0, 20, (16, 16, 3))
        np.testing.assert_array_equal(image, np.clip(means[label] + noise, 0, 255).astype(np.uint8))
    with (at.out / "manifest.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert rows == [
        {
            "index": str(place), "label": ("dark", "bright")[label], "seed": str(seed),
            "prompt": f"a {('dark', 'bright')[label]} square", "slide": "",
            "sha256": hashlib.sha256(b"16x16x3" + image.tobytes()).hexdigest(),
        }
        for place, label, seed, image in zip(range(3, 13), labels, own, images, strict=True)
    ]  # fmt: skip
    assert told.of("advance") == [(7, 10, "images"), (10, 10, "images")]


def test_a_buffer_may_be_filled_again(desk, toys):
    """What a generator does to an array after it has handed it over changes no image; no prompt is an empty one."""
    at = desk(toys.sample(toys.data(), toys.generator(f"{__name__}:Reusing"), start=2, stop=6))
    drawn = sample.draw(at)
    assert drawn.images[:, 0, 0, 0].tolist() == [2, 3, 4, 5] == drawn.requests.index.tolist()
    assert drawn.prompts == drawn.slides == [""] * 4


class Borrowing:
    """Tells the slide of each image, or of too few."""

    def __init__(self, told=4):
        self.told = told

    def sample(self, requests, context):
        for batch in requests.batches(4):
            slides = [f"s{place}" for place in batch.index]
            yield Batch(images=np.zeros((len(batch), 4, 4, 3), np.uint8), slides=slides[: self.told])


def test_slides_of_real_images_are_kept(desk, toys):
    """With each image, over batches; as many as images."""
    spec = toys.generator(f"{__name__}:Borrowing", reads=("floor",))
    at = desk(toys.sample(toys.data(), spec, start=2, stop=10))
    sample.run(at)
    assert image_set.open_shards([at.out], ("dark", "bright")).slides.tolist() == [
        f"s{place}" for place in range(2, 10)
    ]
    few = toys.generator(f"{__name__}:Borrowing", reads=("floor",), params={"told": 3})
    with pytest.raises(ContractFault, match="4 images came with 3 slides"):
        sample.run(desk(toys.sample(toys.data(), few, start=2, stop=10)))


def test_labels_follow_the_training_images(desk, toys):
    """Three dark images to two bright ones."""
    at = desk(toys.sample(toys.data(count=5), toys.generator(), stop=10))
    wanted = sample.requests_of(at)
    assert wanted.labels.tolist() == [0, 1, 0, 1, 0, 0, 1, 0, 1, 0]
    assert wanted.classes == ("dark", "bright")


def test_a_class_that_is_absent_from_training_is_not_asked_for(desk, toys):
    """One image, dark."""
    at = desk(toys.sample(toys.data(count=1), toys.generator(), stop=4))
    assert sample.requests_of(at).labels.tolist() == [0, 0, 0, 0]


def test_a_generator_s_object_serves_the_shards_of_one_fit_and_no_other(desk, toys):
    """It may keep what it loaded from the fit's folder."""
    Keeping.drew.clear()
    data, spec = toys.data(), toys.generator(f"{__name__}:Keeping")
    one, other = (toys.fit(data, spec, seed=seed) for seed in (0, 1))
    for fit, start in ((one, 0), (one, 10), (other, 0), (None, 0)):
        sample.run(desk(toys.sample(data, spec, fit=fit, start=start, stop=start + 10)))
    first, second, third, fourth = Keeping.drew
    assert first is second
    assert len({id(drawer) for drawer in (first, third, fourth)}) == 3


class Large:
    """Draws noise of a size it is told, one image a batch."""

    def __init__(self, height=40, width=40):
        self.shape = (1, height, width, 3)

    def sample(self, requests, context):
        for seed in requests.seeds:
            yield Batch(images=np.random.default_rng(seed).integers(0, 256, self.shape, np.uint8))


@pytest.mark.parametrize(("height", "width"), [(40, 40), (40, 8)])
def test_large_images_are_stored_as_the_protocol_would_have_them_first(desk, toys, height, width):
    """What is measured on them is the same, bit for bit; beside the manifest stands what was done."""
    spec = toys.generator(f"{__name__}:Large", params={"height": height, "width": width})
    data, by = toys.data(), Resize(resize=16, filter="lanczos")
    made, stored = (desk(toys.sample(data, spec, stored=one)) for one in (None, by))
    sample.run(made)
    sample.run(stored)
    images = [image_set.open_shards([at.out], ("dark", "bright")) for at in (made, stored)]
    assert np.load(stored.out / "images.npy").shape == (10, 16, 16, 3)
    assert np.load(made.out / "images.npy").shape == (10, height, width, 3)
    for codec in ("none", "jpeg-75"):
        seen = [view.apply(one, Protocol(size=16), synthetic_in=StoredAs(side=16, codec=codec)) for one in images]
        np.testing.assert_array_equal(seen[0].read(0, 10), seen[1].read(0, 10))
    assert json.loads((stored.out / "reduced.json").read_text()) == {
        "made": [height, width], "stored_by": {"resize": 16, "filter": "lanczos"},
    }  # fmt: skip
    assert not (made.out / "reduced.json").exists()


def test_small_images_are_stored_as_they_are_made(desk, toys):
    """Whatever the entry says of their size."""
    at = desk(toys.sample(toys.data(), toys.generator(f"{__name__}:Large"), stored=Resize(resize=64)))
    sample.run(at)
    assert np.load(at.out / "images.npy").shape == (10, 40, 40, 3)
    assert not (at.out / "reduced.json").exists()


def test_labels_may_be_asked_for_equally_often(desk, toys):
    """Whatever the shares of training: here the first split of the toy has one class more often."""
    data = toys.data()
    train = RoleEntry(split="train", n=5, by="image")
    shares = np.bincount(desk(toys.sample(data, toys.generator())).dataset().role(train).labels, minlength=2) / 5
    assert shares[0] != 0.5
    found = [
        sample.requests_of(desk(toys.sample(data, toys.generator(), train=train, labels=labels))).labels
        for labels in ("training", "equal")
    ]
    assert abs(np.mean(found[0] == 0) - shares[0]) <= 0.1
    assert found[1].tolist() == [0, 1] * 5
