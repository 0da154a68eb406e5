"""From what a user asks for to a plan."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmark import session
from benchmark.errors import UserError
from benchmark.session import Choice
from benchmark.store.store import Store


@pytest.fixture
def choose():
    """What a user asks for; the toy suite unless told otherwise."""

    def build(suite="toy", generators=(), seeds=(), **more) -> Choice:
        fields = {"data_root": None, "device": "cpu", "limit": None, "registries": (), "offline": False} | more
        return Choice(str(suite), tuple(generators), tuple(seeds), **fields)

    return build


@pytest.fixture
def plan(tmp_path, choose):
    """The plan of what a user asks for."""

    def make(*arguments, **more):
        return session.make_plan(choose(*arguments, **more), Store(tmp_path / "store", make=False).digest_of)

    return make


@pytest.fixture
def registry(tmp_path) -> Path:
    """A user's own entries."""
    path = tmp_path / "mine.yaml"
    path.write_text(
        "mine: {extends: toy-fitted, summary: mine}\nunused: {extends: toy-plain, summary: not asked for}\n"
    )
    return path


def rows(made) -> list[tuple[str, int]]:
    return [(cell.variant.name, cell.seed) for cell in made.cells]


def test_a_suite_by_itself_is_all_its_variants_and_seeds(plan):
    """In its order."""
    assert rows(plan()) == [(name, 0) for name in ("toy-plain", "toy-fitted", "toy-fitted-noisy", "toy-real")]


def test_what_is_chosen_is_planned_and_nothing_else(plan):
    """Variants in the suite's order, seeds in the user's; a name given twice is one row."""
    made = plan(generators=["toy-real", "toy-plain", "toy-real"], seeds=[7, 3, 7])
    assert rows(made) == [("toy-plain", 7), ("toy-real", 7), ("toy-plain", 3), ("toy-real", 3)]


def test_seed_zero_is_a_seed(plan):
    """And not the lack of one."""
    assert rows(plan(generators=["toy-plain"], seeds=[0])) == [("toy-plain", 0)]


def test_planning_makes_no_store(plan, tmp_path):
    """`--dry-run` leaves nothing."""
    plan()
    assert not (tmp_path / "store").exists()


def test_a_generator_of_ones_own_joins_the_board(plan, registry):
    """As one more row, last; rows of the suite stay comparable with it."""
    made, alone = plan(generators=["mine", "toy-plain"], registries=(registry,)), plan()
    assert rows(made) == [("toy-plain", 0), ("mine", 0)]
    assert made.suite.variants == (*alone.suite.variants, "mine")
    assert made.suite.identifier == alone.suite.identifier
    assert made.suite.digest != alone.suite.digest


def test_a_generator_of_ones_own_given_twice_joins_once(plan, registry):
    """Or its number would stand twice on the board."""
    made = plan(generators=["mine", "mine"], registries=(registry,))
    assert rows(made) == [("mine", 0)]
    assert made.suite.variants.count("mine") == 1


def test_entries_nobody_asks_for_do_not_join(plan, registry):
    """A registry file may list many."""
    assert plan(registries=(registry,)).suite.variants == plan().suite.variants


def test_an_installed_generator_joins_a_suite_that_does_not_list_it(plan):
    """As a user's own does."""
    assert rows(plan(generators=["toy-slow"])) == [("toy-slow", 0)]


@pytest.mark.parametrize("with_registry", [False, True])
def test_a_generator_nobody_knows_is_refused(plan, registry, with_registry):
    """With the nearest of all that are listed, those of the user's own file too."""
    with pytest.raises(UserError) as error:
        plan(generators=["toy-plain", "toy-rael"], registries=(registry,) if with_registry else ())
    said = str(error.value)
    assert said.startswith("--generator toy-rael: there is no such generator. Did you mean 'toy-real'? Known: ")
    assert (", mine," in said) == with_registry
    assert said.endswith(". One of your own is listed in a file that --registry names.")


def test_a_limit_cuts_the_roles_and_the_images(plan):
    """To that many, never more than there were; the suite is another, so that its numbers stand apart."""
    made, whole = plan(limit=10), plan()
    assert made.suite.n == 10
    assert {role: made.suite.roles[role].n for role in ("train", "reference", "test")} == {
        "train": 10,
        "reference": 10,
        "test": 10,
    }
    assert made.suite.identifier != whole.suite.identifier
    assert [cell.shards[0].config.stop for cell in made.cells] == [10] * 4
    assert plan(limit=10**6).suite.n == whole.suite.n == 40


def test_the_suite_is_checked_against_the_variants(plan, toy_suite, tmp_path):
    """Those that the user adds too: what steers may not score."""
    path = tmp_path / "leaky.yaml"
    path.write_text("leaky: {extends: toy-fitted, summary: x, guided_by: [toy-mean]}")
    with pytest.raises(UserError, match="'toy-mean' steers variant 'leaky' and would also score it"):
        plan(generators=["leaky"], registries=(path,))
    with pytest.raises(UserError, match="suite 'mine', key 'variants': There is no generator 'nobody'"):
        plan(toy_suite(variants=["toy-plain", "nobody"], primary=[]))


def test_an_unknown_suite_is_refused_before_anything_else(plan, tmp_path):
    """Though other things are wrong too."""
    with pytest.raises(UserError, match="There is no suite 'tyo'. Did you mean 'toy'"):
        plan("tyo", generators=["nobody"], data_root=tmp_path / "nowhere")


def test_reading_gives_the_suite_and_all_variants(choose, registry):
    """Without a plan, for `bench validate`: no data is looked for."""
    suite, variants = session.read(choose(generators=["mine"], registries=(registry,), data_root=Path("/nowhere")))
    assert suite.variants[-1] == "mine"
    assert {"mine", "unused", "toy-slow"} <= {*variants.names()}


class TestDataRoot:
    def test_a_folder_that_is_not_there_is_refused(self, plan, tmp_path):
        """Though the toy needs none."""
        with pytest.raises(UserError) as error:
            plan(data_root=tmp_path / "nowhere")
        assert str(error.value) == f"--data-root {tmp_path / 'nowhere'}: there is no such folder."

    def test_a_file_is_no_folder(self, plan, registry):
        """Said the same way."""
        with pytest.raises(UserError, match="there is no such folder"):
            plan(data_root=registry)

    def test_a_place_that_cannot_be_looked_at_is_one_message(self, plan, tmp_path):
        """A name too long for the disk."""
        place = tmp_path / ("a" * 300)
        with pytest.raises(UserError) as error:
            plan(data_root=place)
        assert str(error.value) == f"--data-root {place} cannot be read: File name too long."

    def test_a_folder_is_taken(self, plan, tmp_path):
        """As it is."""
        assert len(plan(data_root=tmp_path).cells) == 4

    def test_data_that_is_needed_and_not_named_is_asked_for(self, plan, toy_suite):
        """What to give, and what to fetch."""
        suite = toy_suite(dataset={"name": "pcam"}, protocol={"size": 8})
        with pytest.raises(UserError, match=r"Dataset 'pcam' needs --data-root \(or BENCH_DATA_ROOT\)\. \w"):
            plan(suite)


class TestOffline:
    @pytest.fixture(autouse=True)
    def _restored(self, monkeypatch):
        """The environment is as it was afterwards."""
        monkeypatch.setenv("HF_HUB_OFFLINE", "unset")
        monkeypatch.delenv("HF_HUB_OFFLINE")

    def test_hubs_are_not_asked_when_told_so(self, plan):
        """Read by what downloads, when it is imported."""
        plan(offline=True)
        assert os.environ["HF_HUB_OFFLINE"] == "1"

    def test_hubs_may_be_asked_otherwise(self, plan):
        """Nothing is set."""
        plan(offline=False)
        assert "HF_HUB_OFFLINE" not in os.environ


@pytest.mark.parametrize(("device", "said"), [("tpu", "expected 'auto', 'cpu' or 'cuda'"), ("CPU", "--device CPU")])
def test_an_unknown_device_is_refused(plan, device, said):
    """Nothing is planned for it."""
    with pytest.raises(UserError, match=said):
        plan(device=device)


def test_steps_are_for_the_device_asked_for(plan):
    """It is in every key."""
    assert {step.platform.device for step in plan(device="cpu").steps} == {"cpu"}
