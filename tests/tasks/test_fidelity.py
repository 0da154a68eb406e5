"""Fidelity: the distances under every extractor, each with groups, null and words a reader needs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.linalg
from scipy import stats

from benchmark.contracts.task import Inputs
from benchmark.errors import UserError
from benchmark.statistics import jackknife
from tasks import frechet_limit
from tasks.fidelity import FRECHET, KERNEL, Fidelity


def frechet(real, synthetic):
    """The definition, with SciPy's matrix square root."""
    first, second = np.cov(real.T), np.cov(synthetic.T)
    gap = real.mean(axis=0) - synthetic.mean(axis=0)
    return gap @ gap + np.trace(first) + np.trace(second) - 2 * np.trace(scipy.linalg.sqrtm(first @ second).real)


def kernel(real, synthetic):
    """The definition, with whole matrices."""
    width = real.shape[1]

    def within(rows):
        table = (rows @ rows.T / width + 1) ** 3
        return (table.sum() - np.trace(table)) / (len(rows) * (len(rows) - 1))

    return within(real) + within(synthetic) - 2 * np.mean((real @ synthetic.T / width + 1) ** 3)


@pytest.fixture
def sets(features):
    """A reference of twelve slides, a set like it, and one shifted; of unlike sizes."""
    rng = np.random.default_rng(0)
    return {
        "reference": features(rng.normal(size=(200, 4)), slides=12),
        "alike": features(rng.normal(size=(150, 4))),
        "shifted": features(rng.normal(2.0, 1.0, size=(150, 4))),
    }


def test_values_are_the_definitions(sets, context, measured):
    """Computed another way; the kernel distance of sets alike may be below zero."""
    for name in ("alike", "shifted"):
        found = measured(Fidelity(permutations=9), sets["reference"], sets[name], context)
        real, synthetic = (part.values.astype(np.float64) for part in (sets["reference"], sets[name]))
        assert found["fd"].value == pytest.approx(frechet(real, synthetic), rel=1e-6)
        assert found["kd"].value == pytest.approx(kernel(real, synthetic), rel=1e-7, abs=1e-7)


def test_sets_are_ordered_and_every_number_is_qualified(sets, context, measured):
    """Alike is nearer than shifted; each distance has interval, N by role, and replicates by slide and by request."""
    near, far = (
        measured(Fidelity(permutations=99), sets["reference"], sets[name], context) for name in ("alike", "shifted")
    )
    for name in ("fd", "kd"):
        assert near[name].interval.high < far[name].interval.low
        assert near[name].interval.low <= near[name].value <= near[name].interval.high
        assert near[name].n == {"reference": 200, "synthetic": 150}
        assert [side.role for side in near[name].replicates.sides] == ["real", "synthetic"]
        assert [len(side.values) for side in near[name].replicates.sides] == [12, 20]
        assert [sum(side.sizes) for side in near[name].replicates.sides] == [200, 150]
        assert near[name].interval == near[name].replicates.interval(
            bounds=(0.0, float("inf")) if name == "fd" else (-np.inf, np.inf)
        )
        assert near[name].note is None
        assert near[name].refused is None


def test_real_images_in_the_place_of_synthetic_ones_are_left_out_by_slide(sets, features, context, measured):
    """Nine slides, nine values on that side; the distances themselves do not change."""
    named = features(sets["alike"].values, slides=9)
    one, other = (measured(Fidelity(9), sets["reference"], part, context) for part in (named, sets["alike"]))
    for name in ("fd", "kd"):
        assert [len(side.values) for side in one[name].replicates.sides] == [12, 9]
        assert (one[name].slides, other[name].slides) == ({"reference": 12, "synthetic": 9}, {"reference": 12})
        # Kernels are in float32: their sums by other groups are rounded otherwise.
        assert one[name].value == pytest.approx(other[name].value, rel=1e-9, abs=1e-7 if name == "kd" else 0)


def test_only_the_frechet_distance_is_cut_at_zero(features, context, measured):
    """The unbiased kernel distance may lie below, and so may its interval."""
    rng = np.random.default_rng(3)
    found = measured(Fidelity(9), features(rng.normal(size=(60, 2))), features(rng.normal(size=(60, 2))), context)
    assert found["fd"].interval.low == 0.0
    assert found["kd"].interval.low < 0.0


def test_every_extractor_has_all_distances(sets, context):
    """In order, each on its own features."""
    wide = {name: replace(part, values=3 * part.values) for name, part in sets.items()}
    given = {"plain": (sets["reference"], sets["shifted"]), "wide": (wide["reference"], wide["shifted"])}
    by_role = {name: {"reference": first, "synthetic": second} for name, (first, second) in given.items()}
    found = Fidelity(9).measure(Inputs(features=by_role, images={}, baseline=None), context)
    assert [value.key for value in found] == [
        f"{metric}.{name}" for name in ("plain", "wide") for metric in ("fd", "fd-infinity", "kd")
    ]
    assert found[3].value == pytest.approx(9 * found[0].value, rel=1e-5)
    assert found[4].value == pytest.approx(9 * found[1].value, rel=1e-5)


@pytest.fixture
def single(sets):
    """The same sets, of images from nobody knows which slides."""
    return {**sets, "reference": replace(sets["reference"], slides=None)}


def test_the_null_tells_alike_from_shifted(single, context, measured):
    """A set alike lies within the band of shuffles; a shifted one beyond all of them, p = 1 in a hundred."""
    near, far = (
        measured(Fidelity(permutations=99), single["reference"], single[name], context)["kd"]
        for name in ("alike", "shifted")
    )
    assert set(near.samples) == {"null_low", "null_high", "null_p"}
    assert near.samples["null_low"] < 0 < near.samples["null_high"]
    assert near.samples["null_low"] < near.value < near.samples["null_high"]
    assert near.samples["null_p"] > 0.05
    assert far.samples["null_p"] == pytest.approx(0.01)
    assert far.value > far.samples["null_high"]


def test_the_null_is_that_of_rows_shuffled_between_the_sides(single, context, measured):
    """At the floor its band is that of single rows, shuffled another way; far from it the groups make it wider."""
    rng = np.random.default_rng(1)
    for name in ("alike", "shifted"):
        found = measured(Fidelity(permutations=999), single["reference"], single[name], context)["kd"].samples
        pooled = np.concatenate([single["reference"].values, single[name].values]).astype(np.float64)
        shuffled = [kernel(rows[:200], rows[200:]) for rows in (rng.permutation(pooled) for _ in range(400))]
        width = (found["null_high"] - found["null_low"]) / np.subtract(*np.quantile(shuffled, [0.975, 0.025]))
        assert width == pytest.approx(1.0, abs=0.25) if name == "alike" else width > 1.25


def test_slides_are_no_match_for_single_images(sets, context, measured):
    """A slide of correlated patches cannot change places with independent images, so there is no null."""
    assert measured(Fidelity(99), sets["reference"], sets["alike"], context)["kd"].samples == {}


def test_slides_change_sides_whole(features, context, measured):
    """Slides that differ look like a difference of the sides where patches are shuffled, and do not as slides."""
    rng = np.random.default_rng(2)

    def of_slides(count):
        rows = np.arange(20 * count) % count
        return features(rng.normal(size=(count, 4))[rows] + 0.3 * rng.normal(size=(20 * count, 4)), slides=count)

    first, second = of_slides(16), of_slides(16)
    by_slide = measured(Fidelity(199), first, second, context)["kd"]
    bare = [replace(part, slides=None) for part in (first, second)]
    by_patch = measured(Fidelity(199), *bare, context)["kd"]
    assert by_slide.value == pytest.approx(by_patch.value)
    assert by_slide.samples["null_p"] > 0.1
    assert by_patch.samples["null_p"] < 0.05


def test_seed_and_number_of_shuffles_decide_the_null(single, context, measured):
    """And nothing else of the two distances."""
    base, again, other = (
        measured(Fidelity(49), single["reference"], single["alike"], replace(context, seed=seed)) for seed in (1, 1, 2)
    )
    assert base == again
    assert base["kd"].samples != other["kd"].samples
    assert base["kd"].replicates == other["kd"].replicates
    assert base["fd"] == other["fd"]
    few = measured(Fidelity(4), single["reference"], single["shifted"], context)
    assert few["kd"].samples["null_p"] == pytest.approx(1 / 5)


def test_variants_of_one_size_pair(sets, features, context, measured):
    """Their difference is the difference of the values, narrower than either is wide."""
    rng = np.random.default_rng(5)
    noise = rng.normal(size=(150, 4))
    one, other = (measured(Fidelity(9), sets["reference"], features(noise + shift), context) for shift in (1.0, 1.1))
    for name in ("fd", "kd"):
        gap = jackknife.difference(other[name].replicates, one[name].replicates)
        assert gap.full == pytest.approx(other[name].value - one[name].value)
        assert gap.full > 0
        assert gap.standard_error < 0.5 * one[name].replicates.standard_error


def test_unknown_slides_are_said(sets, context, measured):
    """Of all distances."""
    found = measured(Fidelity(9), replace(sets["reference"], slides=None), sets["shifted"], context)
    assert {value.note for value in found.values()} == {"slides unknown: the interval treats patches as independent"}
    assert [len(side.values) for side in found["fd"].replicates.sides] == [20, 20]


@pytest.mark.parametrize(("real", "synthetic", "marked"), [(6, 40, True), (40, 6, True), (7, 7, False)])
def test_covariances_without_full_rank_are_marked(real, synthetic, marked, features, context, measured):
    """N on either side must be above D; the kernel distance has a rule of its own."""
    rng = np.random.default_rng(6)
    first, second = features(rng.normal(size=(real, 6)), slides=3), features(rng.normal(size=(synthetic, 6)))
    found = measured(Fidelity(9), first, second, context)
    said = "N = 6 is below N_min = 7 (D + 1): the covariances are not of full rank, the value is far from its limit"
    assert found["fd"].note == (said if marked else None)
    assert found["fd-infinity"].refused == "the real side has 3 groups or slides: expected 8 or more"
    assert found["kd"].note.startswith(f"N = {min(real, synthetic)} is below N_min = 50: ")


@pytest.mark.parametrize(
    ("policy", "refused"),
    [("usual", ["fd-infinity"]), ("mark", []), ("refuse", ["fd", "fd-infinity", "kd"])],
)
def test_the_suite_says_whether_too_few_images_are_marked_or_refused(policy, refused, features, context, measured):
    """At 20 images and 20 columns: all that is computed is the same, and no number stands without the reason."""
    rng = np.random.default_rng(6)
    first, second = features(rng.normal(size=(20, 20))), features(rng.normal(9.0, 1.0, size=(20, 20)))
    found = measured(Fidelity(9, below_n_min=policy), first, second, context)
    assert [name for name, value in found.items() if value.refused is not None] == refused
    marked = measured(Fidelity(9, below_n_min="mark"), first, second, context)
    for name, value in found.items():
        assert (value.refused or value.note).startswith("N = 20 is below N_min = ")
        assert value.value == (None if name in refused else marked[name].value)


def test_a_mark_does_not_hide_that_slides_are_unknown(features, context, measured):
    """Both are said."""
    few = features(np.eye(6)[:4])
    note = measured(Fidelity(9), few, few, context)["fd"].note
    assert note.startswith("N = 4 is below N_min = 7 (D + 1)")
    assert note.endswith("; slides unknown: the interval treats patches as independent")


def test_too_few_images_are_refused_with_a_message(features, context, measured):
    """Three rows make two groups, without one of which a single row is left."""
    three, many = features(np.random.default_rng(0).normal(size=(3, 2))), features(np.zeros((40, 2)))
    with pytest.raises(UserError, match=r"Without its largest group the synthetic side has 1 row\(s\)"):
        measured(Fidelity(9), many, three, context)


def test_nothing_is_left_for_a_baseline(sets, context):
    """The folder stays empty."""
    Fidelity().baseline(Inputs(features={}, images={}, baseline=None), context)
    assert list(context.folder.iterdir()) == []


def test_metrics_say_what_may_be_compared():
    """The biased distance at equal N only; lower is better for both; noise and the floor bound them."""
    assert Fidelity.metrics == (FRECHET, frechet_limit.METRIC, KERNEL)
    assert (FRECHET.comparable_at, KERNEL.comparable_at) == ("equal N", "any N")
    assert FRECHET.direction == KERNEL.direction == "lower"
    assert FRECHET.bounded_by == KERNEL.bounded_by == ("real-holdout", "noise")
    assert (FRECHET.bounds, KERNEL.bounds) == ((0.0, None), (None, None))


def mean_kernel(first, second, spread, other):
    """E (x.y / D + 1)^3 for x ~ N(first, spread^2 I) and y ~ N(second, other^2 I) apart, in closed form."""
    width, a = len(first), first @ second
    square = first @ first + width * spread**2
    two = a**2 + spread**2 * (second @ second) + other**2 * square
    three = a**3 + 3 * a * spread**2 * (second @ second) + 3 * other**2 * (a * square + 2 * spread**2 * a)
    return 1 + 3 * a / width + 3 * two / width**2 + three / width**3


def fewest_hits(trials, metrics):
    """The hits that intervals of 95 % fall short of in 1 % of such tests."""
    return stats.binom.ppf(0.01 / metrics, trials, 0.95)


def check(found, truth, trials):
    """Intervals hold the truth often enough, and are not more than half as wide again as they need be."""
    for name, values in found.items():
        hits = sum(value.interval.low <= truth[name] <= value.interval.high for value in values)
        width = np.mean([value.interval.high - value.interval.low for value in values])
        print(f"{name}: {hits} of {trials} intervals hold {truth[name]:.4f}")
        assert hits >= fewest_hits(trials, len(found)), name
        assert width / 2 < 1.5 * 2.1 * np.std([value.value for value in values], ddof=1), name


@pytest.mark.slow
def test_intervals_hold_what_they_are_for(features, context, measured):
    """Two hundred pairs of samples, D = 4: FD's expectation at this N, the others' population value in closed form."""
    rng, trials, n, m, width = np.random.default_rng(0), 200, 150, 120, 4

    def draw():
        return rng.normal(size=(n, width)), rng.normal(0.5, 1.3, size=(m, width))

    found = {"fd": [], "fd-infinity": [], "kd": []}
    for _ in range(trials):
        for name, value in measured(Fidelity(1, "mark"), *map(features, draw()), context).items():
            found[name].append(value)
    zero, half = np.zeros(width), np.full(width, 0.5)
    within = mean_kernel(zero, zero, 1, 1) + mean_kernel(half, half, 1.3, 1.3)
    truth = {
        "fd": np.mean([frechet(*draw()) for _ in range(3000)]),
        "fd-infinity": width * (0.5**2 + 0.3**2),
        "kd": within - 2 * mean_kernel(zero, half, 1, 1.3),
    }
    error = np.std([value.value for value in found["kd"]]) / trials**0.5
    assert np.mean([value.value for value in found["kd"]]) == pytest.approx(truth["kd"], abs=2.6 * error)
    check(found, truth, trials)


@pytest.mark.slow
def test_intervals_by_slide_hold_where_patches_of_a_slide_are_alike(features, context, measured):
    """Twenty slides of ten; taken as independent, the same patches give intervals that miss far too often."""
    rng, trials, slides, width = np.random.default_rng(1), 200, 20, 4

    def draw():
        effect = np.tile(rng.normal(0, 0.7, size=(slides, width)), (10, 1))
        return effect + rng.normal(0, 0.7, size=(10 * slides, width)), rng.normal(0.8, 1.0, size=(200, width))

    found, naive = {"fd": [], "fd-infinity": [], "kd": []}, []
    for _ in range(trials):
        real, synthetic = draw()
        for name, value in measured(
            Fidelity(1, "mark"), features(real, slides=slides), features(synthetic), context
        ).items():
            found[name].append(value)
        naive.append(measured(Fidelity(1), features(real), features(synthetic), context)["fd"].interval)
    more = [draw() for _ in range(2000)]
    truth = {"fd": np.mean([frechet(*pair) for pair in more]), "kd": np.mean([kernel(*pair) for pair in more])}
    truth["fd-infinity"] = width * (0.8**2 + (1 - 0.98**0.5) ** 2)
    check(found, truth, trials)
    assert sum(one.low <= truth["fd"] <= one.high for one in naive) < fewest_hits(trials, 1) - 10
