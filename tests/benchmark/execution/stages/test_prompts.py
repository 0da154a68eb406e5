"""The stage in which training images are described."""

from __future__ import annotations

import pytest

from benchmark import seeds
from benchmark.artifacts import prompt_set
from benchmark.execution.failures import ContractFault
from benchmark.execution.stages import prompts, surroundings
from benchmark.plan.specs import ExtractorSpec
from benchmark.suite.schema import RoleEntry

GUIDE = ExtractorSpec(name="toy-guide", target="toybench.measure:Guide", version=1)


def test_what_a_builder_says_is_kept_with_a_record(desk, toys):
    """Of the role that it is given alone; what else it leaves is kept too. Its seed hangs on no seed of the user's."""
    on = RoleEntry(split="train", part=(0.0, 0.5), by="image")
    at = desk(toys.prompts(toys.data(), on=on, params={"skip": 3}, guided_by=(GUIDE,)))
    prompts.run(at)
    found, record = prompt_set.read(at.out), prompt_set.read_record(at.out)
    assert found.rows.tolist() == list(range(3, 10))
    assert found.texts == ("a dark square", "a bright square")
    assert found.left_out["first"].tolist() == [0, 1, 2]
    assert (record.images, record.kept, record.left_out) == (10, 7, {"first": 3})
    assert [(one.text, one.label, one.cluster, one.images) for one in record.prompts] == [
        ("a dark square", "dark", None, 3), ("a bright square", "bright", None, 4),
    ]  # fmt: skip
    assert (record.params, record.guided_by) == ({"skip": 3}, ("toy-guide",))
    assert (at.out / "extra.txt").read_text() == f"10 images, seed {seeds.derive(0, 'prompts')}"


def test_fit_and_sampling_are_handed_the_prompts(desk, toys):
    """Where the variant has some."""
    data, spec = toys.data(), toys.generator()
    described = toys.prompts(data)
    fit = toys.fit(data, spec, prompts=described)
    context = surroundings.of_fit(desk(fit), fit.config)
    assert context.prompts.texts == ("a dark square", "a bright square")
    shard = toys.sample(data, spec, fit=fit, prompts=described)
    assert surroundings.of_sample(desk(shard), shard.config).prompts.rows.tolist() == context.prompts.rows.tolist()
    bare = toys.fit(data, spec)
    assert surroundings.of_fit(desk(bare), bare.config).prompts is None


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("none", "must return a benchmark.contracts.prompts.PromptSet, not NoneType"),
        ("nothing", "leave no image to learn from"),
        ("shape", r"'prompt' of the prompts is int64 \(17,\); expected int64 \(18,\)"),
        ("dtype", r"'labels' of the prompts is int32 \(2,\); expected int64 \(2,\)"),
        ("order", "'rows' of the prompts must rise"),
        ("forgotten", "speak of 18 images, 20 were given"),
        ("twice", "speak of 21 images, 20 were given"),
        ("range", "'prompt' of the prompts holds 5 to 6; expected 0 to 1"),
        ("class", "'labels' of the prompts holds 0 to 2; expected 0 to 1"),
        ("cluster", "'clusters' of the prompts holds -2 to 0; expected -1"),
        ("idle", "prompt 'a bright square' describes no image"),
        ("same", "stands twice"),
        ("swapped", "prompt 'a dark square' names another class than image 2 has"),
    ],
)
def test_a_builder_that_breaks_its_contract_is_told_how(desk, toys, how, said):
    """Nothing is written then."""
    at = desk(toys.prompts(toys.data(), target="toybench.prompts:Faulty", params={"how": how}))
    with pytest.raises(ContractFault, match=said):
        prompts.run(at)
    assert not (at.out / prompt_set.FOLDER).exists()
