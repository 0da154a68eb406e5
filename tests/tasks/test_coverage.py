"""Coverage: four shares in their authors' conventions, each with its interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import prdc as authors
import pytest
import torch
from scipy import stats
from torch_fidelity.metric_prc import prc_features_to_metric

from benchmark.contracts.task import Inputs
from benchmark.statistics import subsampling
from tasks.coverage import METRICS, Coverage

NAMES = ["precision-k3", "recall-k3", "density-k5", "coverage-k5"]


def by_others(real, synthetic):
    """All four by torch-fidelity and by the authors of density and coverage."""
    improved = prc_features_to_metric(
        torch.from_numpy(synthetic), torch.from_numpy(real), prc_neighborhood=3, verbose=False
    )
    four = authors.compute_prdc(real_features=real, fake_features=synthetic, nearest_k=5)
    return improved["precision"], improved["recall"], four["density"], four["coverage"]


@pytest.fixture
def sets(features):
    """A reference of twelve slides; a set like it, one shifted, one collapsed to a point within it, and noise."""
    rng = np.random.default_rng(0)
    return {
        "reference": features(rng.normal(size=(200, 4)), slides=12),
        "alike": features(rng.normal(size=(150, 4))),
        "shifted": features(rng.normal(2.0, 1.0, size=(150, 4))),
        "collapsed": features(rng.normal(0.0, 0.05, size=(150, 4))),
        "noise": features(rng.normal(0.0, 8.0, size=(150, 4))),
    }


def test_each_name_has_its_own_number(sets, context, measured):
    """Against two other implementations, on sets of unlike size: none is swapped for another."""
    for name in ("alike", "shifted", "collapsed"):
        found = measured(Coverage(splits=2), sets["reference"], sets[name], context)
        assert list(found) == NAMES
        expected = by_others(*(part.values.astype(np.float64) for part in (sets["reference"], sets[name])))
        assert [value.value for value in found.values()] == pytest.approx(expected, abs=1e-6)


def test_collapse_shift_and_noise_are_told_apart(sets, context, measured):
    """A collapsed set is precise and covers little: swapped roles would turn it around. Noise tops recall alone."""
    found = {
        name: {key: value.value for key, value in measured(Coverage(2), sets["reference"], sets[name], context).items()}
        for name in ("alike", "shifted", "collapsed", "noise")
    }
    assert found["collapsed"]["precision-k3"] > 0.9
    assert found["collapsed"]["recall-k3"] < 0.1
    assert found["collapsed"]["coverage-k5"] < 0.3 < found["alike"]["coverage-k5"]
    assert found["shifted"]["precision-k3"] < found["alike"]["precision-k3"]
    assert found["noise"]["recall-k3"] > found["alike"]["recall-k3"]
    assert max(found["noise"][name] for name in ("precision-k3", "density-k5", "coverage-k5")) < 0.1


def test_every_number_is_qualified(sets, context, measured):
    """Interval about the value and within the bounds, N by role, halves of slides and of rows."""
    found = measured(Coverage(splits=10), sets["reference"], sets["alike"], context)
    for metric in METRICS:
        value = found[metric.name]
        high = metric.bounds[1] if metric.bounds[1] is not None else np.inf
        assert 0.0 <= value.interval.low <= value.value <= value.interval.high <= high
        assert value.interval.low < value.interval.high
        assert value.n == {"reference": 200, "synthetic": 150}
        assert value.slides == {"reference": 12}
        assert (value.replicates.units, len(value.replicates.first), len(value.replicates.second)) == (12, 10, 10)
        assert value.replicates.full == value.value
        few, caution = value.note.split("; ") if metric.name == "coverage-k5" else (None, value.note)
        assert few is None or few.startswith("N = 150 is below N_min = 300: ")
        assert caution == (
            "in simulations this interval held the truth near the reference, and was too short for sets far from it"
        )
        assert value.refused is None


def test_density_is_not_cut_at_one(features, context, measured):
    """Crowding where real images are dense."""
    rng = np.random.default_rng(1)
    real, dense = features(rng.normal(size=(100, 2))), features(rng.normal(0, 0.1, size=(100, 2)))
    found = measured(Coverage(splits=5), real, dense, context)["density-k5"]
    assert found.value > 1.0
    assert found.interval.high > found.value


def test_thirty_splits_unless_told_otherwise(features, context, measured):
    """Behind each interval."""
    rng = np.random.default_rng(2)
    found = measured(Coverage(), features(rng.normal(size=(20, 2))), features(rng.normal(size=(20, 2))), context)
    assert {len(value.replicates.first) for value in found.values()} == {30}


def test_unknown_slides_are_said_and_rows_go_at_random(sets, context, measured):
    """Twenty groups on the real side."""
    found = measured(Coverage(splits=4), replace(sets["reference"], slides=None), sets["alike"], context)
    (note,) = {value.note for name, value in found.items() if name != "coverage-k5"}
    assert found["coverage-k5"].note.endswith(note)
    assert note.startswith("slides unknown: the interval treats patches as independent; in simulations")
    assert {value.replicates.units for value in found.values()} == {20}


def test_every_extractor_has_all_four(sets, context):
    """In order, each on its own features; a scale changes no count."""
    big = {name: replace(part, values=4 * part.values) for name, part in sets.items()}
    by_role = {
        "plain": {"synthetic": sets["alike"], "reference": sets["reference"]},
        "shifted": {"synthetic": sets["shifted"], "reference": sets["reference"]},
        "big": {"synthetic": big["alike"], "reference": big["reference"]},
    }
    found = Coverage(splits=3).measure(Inputs(features=by_role, images={}, baseline=None), context)
    assert [value.key for value in found] == [f"{name}.{extractor}" for extractor in by_role for name in NAMES]
    assert [value.value for value in found[:4]] == [value.value for value in found[8:]]
    assert found[0].value != found[4].value


def test_the_tasks_seed_plays_no_part(sets, context, measured):
    """Splits are fixed, so that variants and runs pair."""
    one, other = (
        measured(Coverage(splits=4), sets["reference"], sets["alike"], replace(context, seed=seed)) for seed in (1, 2)
    )
    assert one == other


def test_variants_of_one_size_pair(sets, features, context, measured):
    """Their difference is narrower than two intervals apart would make it."""
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(150, 4))
    one, other = (
        measured(Coverage(splits=30), sets["reference"], features(noise + shift), context) for shift in (0.5, 0.6)
    )
    for name in NAMES:
        gap = subsampling.difference(one[name].replicates, other[name].replicates)
        apart = np.hypot(one[name].replicates.standard_error, other[name].replicates.standard_error)
        assert gap.full == pytest.approx(one[name].value - other[name].value)
        assert gap.standard_error < 0.8 * apart


@pytest.mark.parametrize(("real", "synthetic"), [(11, 40), (40, 11), (5, 5)])
def test_too_few_images_are_refused(real, synthetic, features, context, measured):
    """With the reason in place of a number; one more image on either side is enough."""
    rng = np.random.default_rng(5)
    few, other = features(rng.normal(size=(real, 2))), features(rng.normal(size=(synthetic, 2)))
    found = measured(Coverage(splits=2), few, other, context)
    assert list(found) == NAMES
    for value in found.values():
        assert (value.value, value.interval, value.replicates) == (None, None, None)
        assert value.refused == f"half of the images must be more than k = 5; there are {min(real, synthetic)}"
        assert (value.n, value.extractor) == ({"reference": real, "synthetic": synthetic}, "toy")
    enough = [features(rng.normal(size=(max(size, 12), 2))) for size in (real, synthetic)]
    assert all(value.refused is None for value in measured(Coverage(splits=2), *enough, context).values())


@pytest.mark.parametrize(("sizes", "held"), [((30, 3, 2), 2), ((30, 2, 2, 2, 2), 4), ((20, 5), 5), ((20, 6), None)])
def test_slides_whose_half_holds_too_few_images_are_refused(sizes, held, features, context, measured):
    """The smallest slides could make up a half that has no fifth neighbor."""
    rng = np.random.default_rng(6)
    names = np.repeat([f"s{number}" for number in range(len(sizes))], sizes)
    slided = replace(features(rng.normal(size=(sum(sizes), 2))), slides=rng.permutation(names))
    reason = f"any half of the slides must hold more than k = 5 images; the smallest slides hold {held}"
    other = features(rng.normal(size=(40, 2)))
    for real, synthetic in ((slided, other), (other, slided)):
        for value in measured(Coverage(splits=20), real, synthetic, context).values():
            assert value.refused == (None if held is None else reason)
            assert (value.value is None) == (held is not None)


def test_slides_of_a_control_are_halved_whole(sets, features, context, measured):
    """Nine units in place of 150: fewer degrees of freedom, the same number."""
    slided = features(sets["alike"].values, slides=9)
    one, other = (measured(Coverage(20), sets["reference"], part, context) for part in (slided, sets["alike"]))
    for name in NAMES:
        assert one[name].value == other[name].value
        assert one[name].interval.df < other[name].interval.df


def test_edges_have_exact_bounds_and_constants_have_none(features, context, measured):
    """All features equal: closed balls hold everything, open ones nothing; a density of 0 says nothing of its error."""
    same = features(np.ones((40, 3)))
    found = measured(Coverage(splits=4), same, same, context)
    assert [value.value for value in found.values()] == [1.0, 1.0, 0.0, 0.0]
    bound = 0.025 ** (1 / 20)
    for name, ends in (("precision-k3", (bound, 1)), ("recall-k3", (bound, 1)), ("coverage-k5", (0, 1 - bound))):
        assert (found[name].interval.low, found[name].interval.high) == pytest.approx(ends)
        assert "; slides unknown: the interval treats patches as independent; " in found[name].note
    assert found["density-k5"].interval is None
    assert found["density-k5"].note.endswith("; no interval: no half of the rows differs from the other")


@pytest.mark.parametrize("policy", ["usual", "mark", "refuse"])
def test_the_suite_says_whether_too_few_images_are_marked_or_refused(policy, features, context, measured):
    """By metric: of 50 images all numbers but coverage stand without a word, which takes 300."""
    rng = np.random.default_rng(7)
    for rows, least in ((49, 50), (50, 300), (300, None)):
        few, many = (features(rng.normal(size=(count, 2)), slides=10) for count in (rows, 300))
        found = measured(Coverage(2, below_n_min=policy), few, many, context)
        for name, value in found.items():
            short = least is not None and (least == 50 or name == "coverage-k5")
            assert (value.value is None) is (short and policy == "refuse")
            assert (value.refused or value.note).startswith(f"N = {rows} is below N_min = ") is short


def test_nothing_is_left_for_a_baseline(context):
    """The folder stays empty."""
    Coverage().baseline(Inputs(features={}, images={}, baseline=None), context)
    assert list(context.folder.iterdir()) == []


def test_metrics_say_what_bounds_them():
    """Recall orders nothing, so no control row bounds it; none compares at unlike N."""
    assert [metric.name for metric in Coverage.metrics] == NAMES
    both = ("real-holdout", "noise")
    assert [metric.bounded_by for metric in METRICS] == [both, (), both, both]
    assert [metric.bounds for metric in METRICS] == [(0.0, 1.0), (0.0, 1.0), (0.0, None), (0.0, 1.0)]
    assert {(metric.direction, metric.comparable_at) for metric in METRICS} == {("higher", "equal N")}


def simulate(draw, trials, features, context, measured):
    """Return, by metric, how many intervals hold the metric's expectation, and their half width over its spread."""
    found = {name: [] for name in NAMES}
    for _ in range(trials):
        for name, value in measured(Coverage(), *map(features, draw()), context).items():
            found[name].append(value)
    more = [measured(Coverage(splits=2), *map(features, draw()), context) for _ in range(800)]
    rates = {}
    for name, values in found.items():
        known = np.mean([value.value for value in [*values, *(one[name] for one in more)]])
        hits = sum(value.interval.low <= known <= value.interval.high for value in values)
        half = np.mean([value.interval.high - value.interval.low for value in values]) / 2
        rates[name] = hits, half / np.std([value.value for value in values], ddof=1)
        print(f"{name}: {hits} of {trials} intervals hold {known:.4f}; half width {rates[name][1]:.2f} sd")
    return rates


@pytest.mark.slow
def test_intervals_hold_the_expectation(features, context, measured):
    """Two hundred pairs of samples, D = 3, N = M = 120, near each other; a sound method passes 99 % of the time."""
    rng = np.random.default_rng(0)
    rates = simulate(
        lambda: (rng.normal(size=(120, 3)), rng.normal(0.5, 0.8, size=(120, 3))), 200, features, context, measured
    )
    for name, (hits, width) in rates.items():
        assert hits >= stats.binom.ppf(0.01 / 4, 200, 0.95), name
        assert width < 1.5 * 2.1, name


@pytest.mark.slow
def test_intervals_of_far_sets_are_known_to_be_short(features, context, measured):
    """Where a few outlying balls decide, those of precision and density hold three times in four; not fewer than 60 %."""
    rng = np.random.default_rng(1)
    rates = simulate(
        lambda: (rng.normal(size=(120, 3)), rng.normal(2.0, 0.5, size=(120, 3))), 100, features, context, measured
    )
    assert min(hits for hits, _ in rates.values()) >= 60
