"""A step's place of work: loaded objects, and the images that play a role."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from toybench.data import Toy
from toybench.generate import Plain
from toybench.measure import Distance

from benchmark import digests
from benchmark.contracts.progress import silent
from benchmark.errors import UserError
from benchmark.execution import desk as desks
from benchmark.execution.desk import Toolbox, lay_out, verified
from benchmark.plan import weights
from benchmark.plan.specs import ExtractorSpec, TaskSpec, WeightsSpec
from benchmark.registry.weights import Wanted, Weights
from benchmark.suite.schema import RoleEntry


class Moving:
    """Notes where it was moved."""

    version, summary, width = 1, "x", 1

    def __init__(self, power=1):
        self.power, self.moved = power, []

    def to(self, device):
        self.moved.append(device)


class Reading:
    """Reads its weights when it is prepared, and what else is in their folder."""

    version, summary, width = 1, "x", 1
    meddle = staticmethod(lambda: None)

    def __init__(self, weights):
        self.weights, self.seen = weights, None

    def to(self, device):
        pass

    def prepare(self):
        self.seen = {path.name: path.read_text() for path in self.weights.iterdir()}
        self.meddle()


@pytest.fixture
def toolbox() -> Toolbox:
    """Of a process on the processor."""
    return Toolbox("cpu")


def moving(name: str = "moving", version: int = 1, **params: object) -> ExtractorSpec:
    return ExtractorSpec(name=name, target=f"{__name__}:Moving", version=version, params=params)


def test_an_extractor_is_loaded_once_and_moved_once(toolbox):
    """Under whatever name it is asked for."""
    first = toolbox.extractor(moving(power=2))
    assert (first.power, first.moved) == (2, ["cpu"])
    assert toolbox.extractor(moving("alias", power=2)) is first
    assert first.moved == ["cpu"]


@pytest.fixture
def weighed(tmp_path) -> ExtractorSpec:
    """An extractor with weights: one file that counts beside one that does not."""
    (tmp_path / "net.bin").write_text("tensors")
    (tmp_path / "other.bin").write_text("others")
    found = {"net.bin": digests.of_file(tmp_path / "net.bin")}
    weights = WeightsSpec(folder=tmp_path, digest=digests.of_files(found), files=("net.bin",))
    return ExtractorSpec(name="reading", target=f"{__name__}:Reading", version=1, weights=weights)


def test_an_extractor_sees_the_files_that_count_and_reads_them_at_once(toolbox, weighed, tmp_path):
    """No file beside them, whatever its name promises; what is written later is not read."""
    extractor = toolbox.extractor(weighed)
    assert extractor.seen == {"net.bin": "tensors"}
    assert not extractor.weights.exists()
    (tmp_path / "net.bin").write_text("TENSORS")
    assert toolbox.extractor(weighed).seen == {"net.bin": "tensors"}


def test_weights_that_change_between_planning_and_reading_are_refused(toolbox, weighed, tmp_path):
    """Same size: they are hashed again."""
    (tmp_path / "net.bin").write_text("TENSORS")
    with pytest.raises(
        UserError, match="The weights of extractor 'reading' in .* changed while this run was under way"
    ):
        toolbox.extractor(weighed)


def test_weights_that_change_while_they_are_read_are_refused(toolbox, weighed, tmp_path, monkeypatch):
    """After the digest was taken."""
    monkeypatch.setattr(Reading, "meddle", staticmethod(lambda: (tmp_path / "net.bin").write_text("longer tensors")))
    with pytest.raises(UserError, match="changed while they were read"):
        toolbox.extractor(weighed)


def test_a_file_of_weights_is_handed_out_as_a_file(tmp_path):
    """A folder as a folder; both after they are hashed again."""
    (tmp_path / "set.npz").write_bytes(b"123")
    file, folder = (
        weights.resolve(
            Wanted("variant", "x", "set", Weights(path=name), "mine.yaml", tmp_path),
            digest_of=digests.of_file,
            offline=True,
        )
        for name in ("set.npz", ".")
    )
    assert verified(file, of="x") == tmp_path / "set.npz"
    assert verified(folder, of="x") == tmp_path / "."
    linked = lay_out(file, tmp_path / "links", of="x")
    assert (linked.name, linked.read_bytes()) == ("set.npz", b"123")
    assert lay_out(folder, tmp_path / "links", of="x") == tmp_path / "links"
    (tmp_path / "set.npz").write_bytes(b"124")
    with pytest.raises(UserError, match="changed while this run was under way"):
        verified(file, of="x")


@pytest.mark.parametrize("other", [moving(power=3), moving(), moving(version=2, power=2)])
def test_an_extractor_of_another_recipe_is_another_object(toolbox, other):
    """Parameters and version are parts of it; the first is still at hand afterwards."""
    first = toolbox.extractor(moving(power=2))
    assert toolbox.extractor(other) is not first
    assert toolbox.extractor(moving(power=2)) is first


def test_a_generator_is_kept_for_the_shards_that_follow(toolbox, toys):
    """Of the same variant and the same fit."""
    spec = toys.generator(params={"noise": 3.0})
    first = toolbox.generator(spec, "fit-1")
    assert isinstance(first, Plain)
    assert first.noise == 3.0
    assert toolbox.generator(spec, "fit-1") is first
    assert toolbox.generator(spec.model_copy(update={"name": "alias"}), "fit-1") is first


def test_only_the_generator_used_last_is_kept(toolbox, toys):
    """Two Stable Diffusions would not fit; another fit, other parameters or another text make a new object."""
    spec = toys.generator()
    first = toolbox.generator(spec, "fit-1")
    assert toolbox.generator(spec, "fit-2") is not first
    second = toolbox.generator(spec, "fit-1")
    assert second is not first
    assert toolbox.generator(toys.generator(params={"noise": 1.0}), "fit-1") is not second
    assert toolbox.generator(toys.generator(source="e" * 64), "fit-1") is not second


def test_a_generator_s_file_lies_beside_the_registry(toolbox, toys, tmp_path: Path):
    """A relative target starts from the folder of its entry."""
    (tmp_path / "mine.py").write_text("class Mine:\n    def __init__(self, k): self.k = k\n")
    made = toolbox.generator(toys.generator("mine.py:Mine", folder=tmp_path, params={"k": 5}), "none")
    assert made.k == 5


def test_tasks_and_datasets_are_made_with_their_parameters(toys):
    """Keyword arguments of the class."""
    made = desks.make_task(TaskSpec(name="d", target="toybench.measure:Distance", version=1, params={"scale": 2.5}))
    assert isinstance(made, Distance)
    assert made.scale == 2.5
    data = desks.make_dataset(toys.data(count=6).config.dataset)
    assert isinstance(data, Toy)
    assert data.count == 6


def test_files_are_no_targets_of_tasks(tmp_path: Path, monkeypatch):
    """Only a generator's entry in the user's own registry may name a file."""
    (tmp_path / "mine.py").write_text("class Mine: ...\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"'mine.py:Mine': files may be named only in a registry file of your own"):
        desks.make_task(TaskSpec(name="d", target="mine.py:Mine", version=1))


def test_a_role_s_images_are_those_of_its_rows(desk, toys):
    """Pixels, labels and slides belong together, and the digest is of them alone."""
    dataset = desk(toys.fit(toys.data(count=24), toys.generator())).dataset()
    entry = RoleEntry(split="valid", part=(0.5, 1.0))
    images = dataset.role(entry)
    stored = np.load(dataset.folder / "valid.npy")
    np.testing.assert_array_equal(images.read(0, len(images)), stored[images.rows])
    assert images.labels.tolist() == (images.rows % 2).tolist()
    assert images.slides.tolist() == [f"valid-{row // 2 % 4}" for row in images.rows]
    assert len(set(images.slides)) == 2
    lines = [f"{hashlib.sha256(b'16x16x3' + stored[row].tobytes()).hexdigest()}/{row % 2}\n" for row in images.rows]
    assert images.digest == hashlib.sha256("".join(lines).encode()).hexdigest()


def test_the_parts_of_a_split_are_disjoint_and_n_thins_them(desk, toys):
    """Two halves make the whole; at most n of one are taken."""
    dataset = desk(toys.fit(toys.data(count=24), toys.generator())).dataset()
    halves = [dataset.role(RoleEntry(split="valid", part=part)) for part in ((0.0, 0.5), (0.5, 1.0))]
    assert sorted(np.concatenate([half.rows for half in halves]).tolist()) == list(range(24))
    assert halves[0].digest != halves[1].digest
    few = dataset.role(RoleEntry(split="valid", part=(0.0, 0.5), n=3))
    assert len(few) == 3
    assert set(few.rows) < set(halves[0].rows)


def test_a_part_without_an_image_is_refused(desk, toys):
    """Four slides cannot be dealt out to the hundredth."""
    dataset = desk(toys.fit(toys.data(), toys.generator())).dataset()
    said = "Part [0.0, 0.01] of split 'valid' holds no image: whole slides are dealt out, and there are too few. Widen"
    with pytest.raises(UserError, match=re.escape(said)):
        dataset.role(RoleEntry(split="valid", part=(0.0, 0.01)))


def test_who_a_dataset_is_and_how_it_stores_its_images(desk, toys):
    """As the index has it."""
    dataset = desk(toys.fit(toys.data(count=6), toys.generator())).dataset()
    assert dataset.identity.digest == f"{6:064d}"
    assert (dataset.codec, dataset.classes) == ("none", ("dark", "bright"))
    assert (dataset.stored_as.side, dataset.stored_as.codec) == (16, "none")


def test_a_fetched_dataset_is_read_where_it_lies(toys, tmp_path: Path):
    """Pixels from the user's root, the index from the store; a made one has both in its output."""
    spec = toys.data(root=tmp_path / "root").config.dataset
    opened = desks.open_dataset(spec, tmp_path / "index")
    assert (opened.root, opened.folder) == (tmp_path / "root", tmp_path / "index")
    made = desks.open_dataset(toys.data().config.dataset, tmp_path / "index")
    assert made.root == made.folder == tmp_path / "index"


def test_a_role_of_a_fetched_dataset_has_the_roots_pixels(desk, toys, tmp_path: Path):
    """From the root and through the index, to the last pixel."""
    (tmp_path / "root").mkdir()
    Toy(count=8).make(tmp_path / "root", silent)
    data = toys.data(f"{__name__}:Fetched", root=tmp_path / "root")
    images = desk(toys.fit(data, toys.generator())).dataset().role(RoleEntry(split="test"))
    np.testing.assert_array_equal(images.read(0, 8), np.load(tmp_path / "root" / "test.npy"))


class Fetched(Toy):
    """Squares that a user has fetched."""

    made = False


def test_a_dataset_is_opened_once_for_all_steps(toolbox, toys, tmp_path: Path):
    """One that lists a large folder does so once; other parameters, another root and another index are others."""
    spec = toys.data(count=6).config.dataset
    first = toolbox.dataset(spec, tmp_path)
    assert toolbox.dataset(spec, tmp_path) is first
    others = [
        toolbox.dataset(toys.data(count=8).config.dataset, tmp_path),
        toolbox.dataset(spec, tmp_path / "other"),
        toolbox.dataset(toys.data(count=6, root=tmp_path / "root").config.dataset, tmp_path),
    ]
    assert len({id(one.dataset) for one in (first, *others)}) == 4
