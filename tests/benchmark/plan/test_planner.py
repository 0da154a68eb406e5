"""Plans: what is shared is planned once, and what is not is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmark.errors import UserError
from benchmark.plan.planner import SHARD, Plan
from benchmark.session import Choice, make_plan
from benchmark.store.store import Store

TOY_SUITE = Path(__file__).parents[2] / "toybench" / "toybench" / "toy.yaml"


@pytest.fixture
def plan(tmp_path: Path):
    """Plans the toy suite, or one of one's own."""

    def make(suite: object = "toy", generators=(), seeds=(), limit=None, registries=()) -> Plan:
        choice = Choice(str(suite), tuple(generators), tuple(seeds), None, "cpu", limit, registries, offline=False)
        return make_plan(choice, Store(tmp_path / "store", make=False).digest_of)

    return make


def keys(plan: Plan, kind: str, variant: str | None = None) -> set[str]:
    return {
        step.key
        for cell in plan.cells
        if variant in (None, cell.variant.name)
        for step in cell.measure.walk()
        if step.kind == kind
    }


def test_a_cell_for_every_seed_variant_and_task_in_the_suites_order(plan):
    """Whatever the order of `--generator`."""
    made = plan(generators=["toy-fitted", "toy-plain"], seeds=[5, 3])
    assert [(cell.seed, cell.variant.name) for cell in made.cells] == [
        (5, "toy-plain"), (5, "toy-fitted"), (3, "toy-plain"), (3, "toy-fitted"),
    ]  # fmt: skip


def test_every_step_comes_once_and_after_its_inputs(plan):
    """The order in which a worker can take them."""
    seen: set[str] = set()
    for step in plan(seeds=[0, 1]).steps:
        assert step.key not in seen
        assert {inner.key for inner in step.inputs.values()} <= seen
        seen.add(step.key)


def test_variants_of_one_suite_share_data_features_of_real_images_and_baselines(plan):
    """Four variants: one dataset, one baseline, one embedding of the reference, four of their own images."""
    made = plan()
    kinds = [step.kind for step in made.steps]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "data": 1, "fit": 2, "sample": 4, "embed": 5, "baseline": 1, "measure": 4,
    }  # fmt: skip


def test_suites_share_fits_and_images(plan, toy_suite):
    """A suite with other tasks, protocol and extractors trains nothing again."""
    other = toy_suite("other", extractors=["random-network"], protocol={"size": 16}, primary=[], version=9)
    for kind in ("data", "fit", "sample"):
        assert keys(plan(), kind) == keys(plan(other), kind)
    for kind in ("embed", "measure"):
        assert not keys(plan(), kind) & keys(plan(other), kind)


def test_a_suite_with_other_training_images_shares_no_fit(plan, toy_suite):
    """The role a generator learns from is in its key."""
    roles = {
        "train": {"split": "train", "n": 40}, "reference": {"split": "valid", "part": [0.0, 0.5]},
        "floor": {"split": "valid", "part": [0.5, 1.0]}, "test": {"split": "test"},
    }  # fmt: skip
    assert not keys(plan(), "fit") & keys(plan(toy_suite("other", roles=roles)), "fit")


def test_a_variant_under_a_second_name_shares_everything(plan, tmp_path):
    """Names are for people."""
    registry = tmp_path / "mine.yaml"
    registry.write_text("twin: {extends: toy-fitted, summary: the same}\nlouder: {extends: toy-fitted, version: 2}\n")
    made = plan(generators=["toy-fitted", "twin", "louder"], registries=(registry,))
    for kind in ("fit", "sample", "embed", "measure"):
        assert keys(made, kind, "twin") == keys(made, kind, "toy-fitted")
    assert keys(made, "fit", "louder") != keys(made, "fit", "toy-fitted")


def test_the_text_of_ones_own_file_is_in_the_key(plan, tmp_path):
    """Edited, it is another generator; moved, it is the same."""
    code = "class Mine:\n    def fit(self, train, context): ...\n    def sample(self, requests, context): ...\n"
    found = []
    for number, text in enumerate([code, code, code + "# edited\n"]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mine.py").write_text(text)
        (folder / "r.yaml").write_text("mine: {generator: 'mine.py:Mine', summary: x, fits_on: train}")
        found.append(keys(plan(generators=["mine"], registries=(folder / "r.yaml",)), "fit"))
    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("kind", ["fit", "sample", "measure"])
def test_seeds_share_no_work_of_their_own(plan, kind):
    """Each seed trains, samples and measures for itself."""
    assert not keys(plan(seeds=[0]), kind) & keys(plan(seeds=[1]), kind)


def test_shards_cover_every_request_once(plan, toy_suite):
    """The last is shorter."""
    n = 2 * SHARD + 3
    made = plan(toy_suite("big", n=n), generators=["toy-plain"])
    spans = [(shard.config.start, shard.config.stop) for shard in made.cells[0].shards]
    assert spans == [(0, SHARD), (SHARD, 2 * SHARD), (2 * SHARD, n)]


def test_a_larger_set_reuses_the_full_shards_of_a_smaller_one(plan, toy_suite):
    """Going from 500 to 750 images costs 250."""
    small = keys(plan(toy_suite("small", n=2 * SHARD), generators=["toy-plain"]), "sample")
    large = keys(plan(toy_suite("large", n=3 * SHARD), generators=["toy-plain"]), "sample")
    assert small < large


def test_a_seed_asked_for_twice_is_planned_once(plan):
    """Or its number would stand twice in a mean."""
    assert len(plan(generators=["toy-plain"], seeds=[2, 2]).cells) == 1


def test_an_unknown_generator_is_refused(plan):
    """With the nearest of the suite's."""
    with pytest.raises(UserError, match="--generator toy-plian: there is no such generator. Did you mean 'toy-plain'"):
        plan(generators=["toy-plian"])


def test_steps_that_read_all_images_know_every_shard_in_order(plan, toy_suite):
    """Eleven shards: by number, not by the letters of the number."""
    made = plan(toy_suite("big", n=11 * SHARD), generators=["toy-plain"])
    embed = made.cells[0].measure.inputs["features/toy-mean/synthetic"]
    in_order = [embed.inputs[name].config.start for name in sorted(embed.inputs) if name.startswith("shard/")]
    assert in_order == list(range(0, 11 * SHARD, SHARD))


def test_images_are_estimated_at_the_side_of_the_protocol(plan, toy_suite):
    """Whichever form it is in; where it sets none, at that of Stable Diffusion, so that the disk is not too small."""

    def largest(**protocol: object) -> int:
        made = plan(toy_suite(protocol=protocol), generators=["toy-plain"])
        return max(step.bytes for step in made.steps if step.kind == "sample")

    path = [{"resize": 16}]
    assert largest(real=path, synthetic=path) == largest(size=16)
    assert largest(real=[], synthetic=[]) == largest(size=512) > largest(size=16)


def test_the_weights_that_steer_a_variant_may_not_score_it(plan, tmp_path):
    """Under entries that share nothing but the files: a copy of them is the same network."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.bin").write_text("tensors")
    (tmp_path / "net.py").write_text(
        "class Net:\n    version, summary, width = 1, 'x', 1\n    to = embed = None\n    def __init__(self, weights): ...\n"
    )
    entries = {name: {"extractor": "net.py:Net", "weights": {"path": name}} for name in ("one", "two")}
    variant = {"generator": "toybench.generate:Plain", "summary": "x", "guided_by": ["one"]}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump({"extractors": entries, "steered": variant}))
    suite = yaml.safe_load(TOY_SUITE.read_text()) | {
        "name": "own", "extractors": ["two"], "variants": ["steered"], "primary": []
    }  # fmt: skip
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(suite))
    given = {"suite": tmp_path / "own.yaml", "registries": (tmp_path / "mine.yaml",)}
    with pytest.raises(UserError, match="'one' steers variant 'steered', and 'two' has the same weights"):
        plan(**given)
    (tmp_path / "two" / "net.bin").write_text("others")
    assert plan(**given).cells


def test_prompts_are_shared_by_variants_and_seeds(plan, tmp_path):
    """As long as builder, parameters and images are the same; what stands on other prompts is made for itself."""
    prompts = "prompts: {builder: 'toybench.prompts:ByLabel', params: {skip: 1}}"
    (tmp_path / "mine.yaml").write_text(
        f"one: {{extends: toy-fitted, {prompts}}}\n"
        f"two: {{extends: one, params: {{noise: 5.0}}}}\n"
        f"three: {{extends: one, prompts: {{params: {{skip: 2}}}}}}\n"
    )
    made = plan(generators=["one", "two", "three", "toy-fitted"], seeds=[0, 1], registries=(tmp_path / "mine.yaml",))
    assert len(keys(made, "prompts")) == 2
    assert keys(made, "prompts", "one") == keys(made, "prompts", "two")
    assert not keys(made, "prompts", "toy-fitted")
    for kind in ("fit", "sample"):
        assert len(keys(made, kind, "one") | keys(made, kind, "three") | keys(made, kind, "toy-fitted")) == 3 * len(
            keys(made, kind, "one")
        )


def test_what_guides_prompts_may_not_score(plan, tmp_path, toy_suite):
    """The honesty rule holds for prompts too."""
    (tmp_path / "mine.yaml").write_text(
        "one: {extends: toy-plain, fits_on: train, "
        "prompts: {builder: 'toybench.prompts:ByLabel', guided_by: [toy-mean]}}\n"
    )
    with pytest.raises(UserError, match="'toy-mean' steers variant 'one' and would also score it"):
        plan(generators=["one"], registries=(tmp_path / "mine.yaml",))


MADE_LARGE = {
    "large": {"generator": "toybench.generate:Plain", "summary": "Large.", "pixels": 64},
    "small": {"extends": "large", "pixels": 16},
    "unsaid": {"generator": "toybench.generate:Plain", "summary": "Nobody knows."},
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"protocol": {"size": 16, "filter": "box"}}, {"large": 16}),
        ({"protocol": {"size": 16, "codec": "none"}}, {"large": 16}),
        ({"protocol": {"size": 8, "codec": "none"}}, {"large": 8, "small": 8}),
        (
            {"protocol": {"size": 8}},
            {},
        ),  # The toy dataset has 16 pixels: which of the two comes first, a codec decides.
        ({"protocol": {"size": 16}, "stored_size": "made"}, {}),
        ({"protocol": {"real": [], "synthetic": [{"codec": "jpeg-75"}, {"resize": 16}]}}, {}),
        ({"protocol": {"real": [], "synthetic": [{"resize": 32}, {"resize": 16}]}}, {"large": 32}),
    ],
)
def test_large_images_are_stored_at_the_size_the_protocol_gives_them_first(
    plan, toy_suite, tmp_path, changes, expected
):
    """Where that is certain before the data are there; disk is counted so."""
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(MADE_LARGE))
    suite = toy_suite("stored", variants=["toy-plain"], primary=[], **changes)
    made = plan(suite, generators=list(MADE_LARGE), registries=[tmp_path / "mine.yaml"])
    shards = {cell.variant.name: cell.shards[0] for cell in made.cells}
    stored = {name: step.config.stored for name, step in shards.items() if step.config.stored is not None}
    assert {name: one.resize for name, one in stored.items()} == expected
    side = expected.get("large", 64)
    assert shards["large"].bytes == 40 * (side * side * 3 + 400)


def test_a_larger_set_begins_with_the_shards_of_a_smaller_one(plan, toy_suite):
    """Whole ones are reused; the one that was cut short is made again."""
    small, large = (
        plan(toy_suite(f"n-{n}", n=n, variants=["toy-plain"], primary=[])).cells[0].shards
        for n in (2 * SHARD + 10, 900)
    )
    assert [one.key for one in small[:2]] == [one.key for one in large[:2]]
    assert small[2].key != large[2].key
    assert [step.config.stop for step in large] == [250, 500, 750, 900]


def test_scratch_is_what_a_fit_needs_besides_and_for_each_image(plan, tmp_path, toy_suite):
    """Of as many as learn; it is no part of a key."""
    (tmp_path / "mine.yaml").write_text("mine: {extends: toy-fitted, scratch_mb: 2, scratch_kb: 0.5}\n")
    suite = toy_suite(
        "thinned", roles={**yaml.safe_load(TOY_SUITE.read_text())["roles"], "train": {"split": "train", "n": 8}}
    )
    made = plan(suite, generators=["mine", "toy-fitted"], registries=(tmp_path / "mine.yaml",))
    fits = [step for cell in made.cells for step in cell.measure.walk() if step.kind == "fit"]
    assert {step.scratch for step in fits} == {0, 2_004_000}
    assert len({step.key for step in fits}) == 1


def test_what_is_not_here_is_told_once(tmp_path, monkeypatch):
    """Three variants on one set of weights, and what steers them or scores: the first that asks is named."""
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    hub = "{hub: toy/net, revision: '" + "0" * 40 + "', files: [a.bin]}"
    (tmp_path / "mine.yaml").write_text(
        f"one: {{extends: toy-fitted, weights: {{base: {hub}}}, guided_by: [guide]}}\n"
        "two: {extends: one, params: {noise: 60.0}}\n"
        "extractors:\n  guide: {extractor: 'benchmark.extractors.transformers_model:TransformersModel', weights: "
        + hub.replace("toy/net", "toy/guide") + "}\n"
    )  # fmt: skip
    choice = Choice("toy", ("one", "two"), (), None, "cpu", None, (tmp_path / "mine.yaml",), offline=True, to_run=False)
    made = make_plan(choice, Store(tmp_path / "store", make=False).digest_of)
    assert [(one.what, one.remedy) for one in made.absent] == [
        ("toy/net at 0000000", "bench weights fetch one"), ("toy/guide at 0000000", "bench weights fetch guide"),
    ]  # fmt: skip
