"""What generators and tasks may reach, and what they may not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark import digests, seeds
from benchmark.errors import UserError
from benchmark.execution.stages import sample, surroundings
from benchmark.plan import weights
from benchmark.plan.specs import ExtractorSpec
from benchmark.registry.weights import Wanted, Weights
from benchmark.suite.schema import RoleEntry

GUIDE = ExtractorSpec(name="toy-guide", target="toybench.measure:Guide", version=1)
FLOOR = RoleEntry(split="valid", part=(0.5, 1.0), by="image")


@pytest.fixture
def weighed(tmp_path: Path):
    """A folder of weights, and its spec as planning gives it."""
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "net.bin").write_bytes(b"123")
    wanted = Wanted("variant", "a", "base", Weights(path=str(folder)), "a test", Path())
    return weights.resolve(wanted, digest_of=digests.of_file, offline=True)


def test_a_fit_writes_into_the_output_and_reads_no_images_but_its_own(desk, toys):
    """The images it learns from are handed to it; through the context there are none, whatever it declares."""
    step = toys.fit(toys.data(), toys.generator(reads=("floor",)), seed=4)
    at = desk(step)
    context = surroundings.of_fit(at, step.config)
    assert (context.folder, context.scratch, context.device) == (at.out, at.scratch, "cpu")
    assert context.seed == seeds.derive(4, "fit")
    for role in ("floor", "train"):
        with pytest.raises(
            UserError, match=rf"asked for '{role}', but its entry does not declare it. Add it under 'reads'"
        ):
            context.images(role)


def test_a_shard_s_context_shows_what_the_fit_left(desk, toys):
    """Its seed is no image's."""
    data, spec = toys.data(), toys.generator()
    step = toys.sample(data, spec, fit=toys.fit(data, spec), seed=4, stop=300)
    at = desk(step)
    context = surroundings.of_sample(at, step.config)
    assert context.folder == at.inputs["fit"].folder
    assert (context.folder / "means.npy").exists()
    assert context.scratch == at.scratch
    assert context.seed == seeds.derive(4, "sample/context")
    assert context.seed not in sample.requests_of(at).seeds
    assert context.classes == ("dark", "bright")


def test_without_a_fit_the_context_s_folder_is_scratch(desk, toys):
    """Whatever is written there is no part of the output."""
    step = toys.sample(toys.data(), toys.generator())
    at = desk(step)
    assert surroundings.of_sample(at, step.config).folder == at.scratch


def test_a_shard_reads_the_roles_that_are_declared_and_no_other(desk, toys):
    """The floor's own images, as they are stored."""
    step = toys.sample(toys.data(), toys.generator(), roles={"floor": FLOOR})
    at = desk(step)
    context = surroundings.of_sample(at, step.config)
    found, expected = context.images("floor"), at.dataset().role(FLOOR)
    assert found.rows.tolist() == expected.rows.tolist()
    assert len(found) == 10
    np.testing.assert_array_equal(found.read(0, 10), np.load(at.inputs["data"].folder / "valid.npy")[found.rows])
    with pytest.raises(UserError, match=r"asked for 'test', .* Declared: floor\."):
        context.images("test")


def test_guides_are_those_the_variant_declares(desk, toys, worker):
    """By the name it declares, and the one object this process keeps."""
    step = toys.sample(toys.data(), toys.generator(guided_by=(GUIDE,)))
    context = surroundings.of_sample(desk(step), step.config)
    assert context.extractor("toy-guide") is worker.toolbox.extractor(GUIDE)
    with pytest.raises(UserError, match=r"asked for 'toy-mean', .* Add it under 'guided_by'. Declared: toy-guide\."):
        context.extractor("toy-mean")


def test_weights_are_where_planning_found_them(desk, toys, weighed):
    """Under the name the variant gives them; what lies beside them and was not verified is not shown."""
    (weighed.folder / "later.bin").write_bytes(b"4")
    step = toys.fit(toys.data(), toys.generator(weights={"base": weighed}))
    context = surroundings.of_fit(desk(step), step.config)
    for _ in range(2):
        place = context.weights("base")
        assert [(path.name, path.read_bytes()) for path in place.iterdir()] == [("net.bin", b"123")]
        assert (place / "net.bin").resolve() == weighed.folder / "net.bin"
    with pytest.raises(UserError, match=r"asked for 'unet', .* Add it under 'weights'. Declared: base\."):
        context.weights("unet")


def test_weights_that_changed_since_planning_are_refused(desk, toys, weighed):
    """Same size, same time: they are hashed again when they are loaded."""
    step = toys.fit(toys.data(), toys.generator(weights={"base": weighed}))
    context = surroundings.of_fit(desk(step), step.config)
    (weighed.folder / "net.bin").write_bytes(b"124")
    with pytest.raises(
        UserError, match=rf"The weights of 'base' in {weighed.folder} changed while this run was under way. Start"
    ):
        context.weights("base")


def test_weights_that_are_gone_are_refused(desk, toys, weighed):
    """With the name they have in the variant."""
    step = toys.fit(toys.data(), toys.generator(weights={"base": weighed}))
    context = surroundings.of_fit(desk(step), step.config)
    (weighed.folder / "net.bin").unlink()
    with pytest.raises(UserError, match=f"The weights of 'base' are no longer in {weighed.folder}"):
        context.weights("base")
    weighed.folder.rmdir()
    with pytest.raises(UserError, match=f"The weights of 'base' are no longer in {weighed.folder}"):
        context.weights("base")


@pytest.mark.parametrize("kind", ["baseline", "measure"])
def test_a_task_s_seed_is_its_own_and_the_same_for_all_variants(desk, toys, told, kind):
    """Of the user's seed and the task's name alone; its folder is the output."""
    step = toys.task(kind, toys.data(), seed=6)
    at = desk(step)
    context = surroundings.of_task(at, step.config)
    assert context.seed == seeds.derive(6, "task/toy-distance")
    assert (context.folder, context.device, context.classes) == (at.out, "cpu", ("dark", "bright"))
    context.progress(1, 2, "halves")
    assert told.of("advance") == [(1, 2, "halves")]


def test_progress_and_curves_reach_those_who_wait(desk, toys, told):
    """From a generator's context to the reporter and the log."""
    step = toys.sample(toys.data(), toys.generator())
    context = surroundings.of_sample(desk(step), step.config)
    context.progress(3, 9, "images")
    context.log("loss", 0.25, 7)
    assert told.calls == [("advance", 3, 9, "images"), ("log", "loss", 0.25, 7)]
