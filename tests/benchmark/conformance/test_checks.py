"""Conformance: a sound generator keeps every check, and each breach is caught by the check that is there for it."""

from __future__ import annotations

import pytest

from benchmark.conformance import checks
from benchmark.errors import UserError

RUNS = "fits and samples"
SAME = "same seeds, same images"
THERE = "same in another process"
BATCH = "independent of the batch"
RESUMES = "a stopped fit resumes"
LEAVES = "sampling leaves the fit"
OWN = "each image its own"
SEEDS = "other seeds, other images"
PROMPTS = "labels in the prompts"
DRAWN = "labels in the images"
ALL = [RUNS, SAME, BATCH, RESUMES, LEAVES, OWN, SEEDS, PROMPTS, DRAWN]


@pytest.fixture
def found(choice):
    """The findings on a class of ``entrants.py``, by check; a process of its own only where that is what is tested."""

    def judge(name: str, *, leave_out=(THERE,), **more):
        return {one.check: one for one in checks.of_generator(choice(name, **more), "mine", leave_out=leave_out)}

    return judge


def broken(findings) -> list[str]:
    return [name for name, one in findings.items() if one.kept is False]


@pytest.mark.parametrize("fits", [True, False])
@pytest.mark.parametrize("batch", [1, 4, 24, 1000])
def test_a_sound_generator_keeps_every_check(found, fits, batch):
    """Whatever its batch, fitted or not; in the order in which people think."""
    findings = found("Sound", fits=fits, batch=batch)
    assert list(findings) == ALL
    assert broken(findings) == []
    assert findings[RUNS].what == "24 images of (16, 16, 3)"
    assert findings[SAME].what == "equal"
    assert findings[BATCH].what == "largest difference 0 grey levels, in 0.00% of the values"
    assert findings[RESUMES].what == (findings[BATCH].what if fits else "it does not fit")
    assert findings[LEAVES].what == ("untouched" if fits else "it does not fit")
    assert findings[OWN].what == "24 of 24 are distinct"
    assert findings[SEEDS].what == "others"
    assert findings[PROMPTS].what == "told apart"
    assert findings[DRAWN].what == ("not the other way round" if fits else "it does not fit")
    assert {one.generator for one in findings.values()} == {"mine"}


@pytest.mark.parametrize(
    ("name", "caught"),
    [
        ("Unseeded", [SAME, BATCH]),
        ("Counting", [SAME, BATCH]),
        ("Streaming", [BATCH]),
        ("Batching", [BATCH]),
        ("Repeating", [OWN]),
        ("Vague", [PROMPTS]),
        ("HalfVague", [PROMPTS]),
        ("Misnaming", [PROMPTS]),
    ],
)
def test_a_breach_in_sampling_is_caught(found, name, caught):
    """By the check that is there for it, and by no other."""
    assert broken(found(name)) == caught


@pytest.mark.parametrize("batch", [2, 3, 4, 6, 7, 8, 12, 16, 24])
def test_noise_by_the_batch_is_caught_whatever_the_batch(found, batch):
    """Also where its size divides the places at which the requests are cut."""
    assert broken(found("Batching", batch=batch)) == [BATCH]


@pytest.mark.parametrize(("levels", "caught"), [(1, []), (2, []), (3, [BATCH]), (40, [BATCH])])
def test_kernels_may_round_by_two_levels(found, levels, caught):
    """And no further; the difference is told."""
    findings = found("Normalizing", levels=levels)
    assert broken(findings) == caught
    assert findings[BATCH].what == f"largest difference {levels} grey levels, in 100.00% of the values"


@pytest.mark.parametrize(
    ("name", "said"), [("Alone", "ValueError: one is too few"), ("Shrinking", "ValueError: operands could not be")]
)
def test_a_breakdown_in_a_check_is_a_finding(found, name, said):
    """The checks after it are made all the same."""
    findings = found(name)
    assert broken(findings) == [BATCH]
    assert findings[BATCH].what.startswith(said)
    assert list(findings) == ALL


@pytest.mark.parametrize("name", ["Restarting", "Skipping", "Reseeding", "Clocked", "Phased"])
def test_a_fit_that_does_not_resume_is_caught(found, name):
    """Steps done twice, lost or drawn anew; no seed at all; a phase that is forgotten."""
    findings = found(name, fits=True)
    assert broken(findings) == [RESUMES]
    assert findings[RESUMES].what.startswith("largest difference")


def test_a_fit_that_tells_no_progress_is_fitted_twice(found):
    """There is no place to stop it at."""
    assert broken(found("Quiet", fits=True)) == []


def test_what_is_kept_anywhere_but_in_the_fit_is_caught(found):
    """In the memory of the process that fitted; what an entry keeps in its folder is there for all."""
    findings = found("Forgetful", fits=True, leave_out=())
    assert broken(findings) == [THERE]
    assert findings[THERE].what.startswith("largest difference")
    assert list(findings) == [*ALL[:2], THERE, *ALL[2:]]


def test_what_follows_the_order_of_a_set_is_caught(found):
    """Text is hashed in another way in every process."""
    assert broken(found("Unordered", leave_out=())) == [THERE]


def test_a_breakdown_in_another_process_is_a_finding(found):
    """With its reason, or the status the process ended with; the checks after it are made."""
    findings = found("Homebound", leave_out=())
    assert broken(findings) == [THERE]
    assert findings[THERE].what.startswith("RuntimeError: not here (entrants.py, line ")
    findings = found("Homebound", leave_out=(), hard=True)
    assert findings[THERE].what == "the process ended with status 7"
    assert list(findings)[2:4] == [THERE, BATCH]


@pytest.mark.parametrize(("how", "file"), [("change", "means.npy"), ("add", "notes.txt")])
def test_sampling_that_writes_into_the_fit_is_caught(found, how, file):
    """The store would find it damaged, and other shards would read something else."""
    findings = found("Scribbling", fits=True, how=how)
    assert broken(findings) == [LEAVES]
    assert findings[LEAVES].what == f"changed: {file}"


def test_images_that_no_seed_changes_are_told(found):
    """No breach, since images made elsewhere are what they are; but more seeds tell nothing."""
    finding = found("Unmoved")[SEEDS]
    assert (finding.kept, finding.what) == (None, "the same images: more seeds tell nothing more")


def test_labels_that_are_swapped_in_the_images_are_caught(found):
    """Dark squares under the name of bright ones; their prompts name the right ones."""
    findings = found("Swapped", fits=True)
    assert broken(findings) == [DRAWN]
    assert findings[DRAWN].what == "'dark' and 'bright' are swapped"


@pytest.mark.parametrize(
    ("name", "kept", "said"),
    [
        ("Silent", None, "it has no prompts"),
        ("Negating", True, "told apart"),
        ("Vague", False, "shared by classes: a square"),
        ("HalfVague", False, "shared by classes: a square"),
        ("Misnaming", False, "named by another class's name: dark, bright"),
    ],
)
def test_what_prompts_tell_of_labels(found, name, kept, said):
    """None is no breach; a class may be told by what it is not."""
    finding = found(name)[PROMPTS]
    assert (finding.kept, finding.what) == (kept, said)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("float", "expected uint8 RGB of shape (B, H, W, 3), the generator gave float32 of shape (24, 16, 16, 3)"),
        ("channels first", "the generator gave uint8 of shape (24, 3, 16, 16)"),
        ("gray", "the generator gave uint8 of shape (24, 16, 16)"),
        ("one too few", "24 images were asked for, the generator gave 23"),
    ],
)
def test_wrong_types_and_shapes_end_the_trial(found, how, said):
    """As the fault a run would record; there is nothing to check further."""
    (finding,) = found("Odd", how=how).values()
    assert (finding.check, finding.kept) == (RUNS, False)
    assert finding.what.startswith("ContractFault: ")
    assert said in finding.what


def test_a_fit_that_fails_ends_the_trial(found):
    """With its reason, as text that can be printed."""
    (finding,) = found("Unfit", fits=True).values()
    assert (finding.check, finding.kept) == (RUNS, False)
    assert finding.what.startswith(r"Diverged: the loss is nan at caf\udce9 (entrants.py, line ")


def test_a_generator_that_ends_the_process_is_caught(found, tmp_path):
    """With status 0 it would pass for one that keeps its contract."""
    (finding,) = found("Exiting", at=0).values()
    assert (finding.check, finding.kept) == (RUNS, False)
    assert finding.what.startswith("its code ended the process with status 0 (entrants.py, line ")
    findings = found("Exiting", at=1)
    assert broken(findings) == [SAME]
    assert findings[SAME].what.startswith("its code ended the process with status 0 (entrants.py, ")


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_a_tiny_suite_is_enough_for_a_trial(found, toy_suite, n):
    """Every cut gives at least one image."""
    assert broken(found("Sound", suite=toy_suite("tiny", n=n), fits=True)) == []


def test_a_variant_may_need_more_images_than_are_drawn(found, choice, toy_suite):
    """Clusters of the training images, or real images of the floor by label: 24 would be too few."""
    suite = toy_suite("large", dataset={"name": "toy", "params": {"count": 200}})
    assert broken(found("Hungry", fits=True, suite=suite)) == []
    assert (
        broken({one.check: one for one in checks.of_generator(choice("Sound"), "toy-real", leave_out=(THERE,))}) == []
    )


def test_an_unknown_name_is_a_mistake_and_no_finding(choice):
    """As everywhere else."""
    with pytest.raises(UserError, match=r"--generator mien: there is no such generator. Did you mean 'mine'\?"):
        list(checks.of_generator(choice("Sound"), "mien"))


def test_validate_shows_findings_and_ends_with_a_status(bench, choice):
    """0 where all is kept, 1 on a breach."""
    for name, code, word in (("Sound", 0, "kept"), ("Repeating", 1, "BROKEN")):
        (registry,) = choice(name).registries
        said = bench("validate", "--suite", "toy", "--registry", registry, "-g", "mine")
        assert said.code == code
        (line,) = (line for line in said.out.splitlines() if OWN in line)
        assert word in line
