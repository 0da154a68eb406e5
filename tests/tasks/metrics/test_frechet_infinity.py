"""FD-infinity: against a refit of everything, known truths, and cases that each test of validity must tell."""

from __future__ import annotations

import numpy as np
import pytest

from benchmark.errors import UserError
from benchmark.statistics.groups import random_groups, slide_groups
from benchmark.statistics.jackknife import Replicates, Side, delete_groups
from tasks.metrics import frechet_infinity as module
from tasks.metrics.frechet import frechet_distance
from tasks.metrics.frechet_infinity import FrechetInfinity, frechet_infinity


def fitted(real, synthetic, *, real_groups=20, synthetic_groups=20):
    """With so many random groups a side, other ones on each."""
    return frechet_infinity(
        real=real, synthetic=synthetic,
        real_groups=random_groups(len(real), seed=0, groups=real_groups),
        synthetic_groups=random_groups(len(synthetic), seed=1, groups=synthetic_groups),
    )  # fmt: skip


def dealt(groups):
    """Part of each row, for groups whose sizes fall with their number: the next group into the emptiest part."""
    parts, filled = {}, [0, 0, 0, 0]
    for group, size in sorted(enumerate(np.bincount(groups)), key=lambda one: -one[1]):
        parts[group] = filled.index(min(filled))
        filled[parts[group]] += size
    return np.array([parts[group] for group in groups])


SUBSETS = {4: [(0, 1, 2, 3)], 3: [(0, 1, 2), (1, 2, 3), (2, 3, 0), (3, 0, 1)], 2: [(0, 1), (2, 3)],
           1: [(0,), (1,), (2,), (3,)]}  # fmt: skip


def anew(real, synthetic, groups):
    """Intercept, and shift by a quadratic term, computed anew without each group, by NumPy's polynomial fit."""
    parts = {role: dealt(labels) for role, labels in groups.items()}
    sizes = (4, 3, 2, 1) if min(len(real), len(synthetic)) >= 8 * real.shape[1] else (4, 3, 2)

    def both(**kept):
        abscissa, values = [], []
        for size in sizes:
            chosen = [
                {role: rows[np.isin(parts[role][rows], subset)] for role, rows in kept.items()}
                for subset in SUBSETS[size]
            ]
            values.append(
                np.mean(
                    [frechet_distance(real=real[one["real"]], synthetic=synthetic[one["synthetic"]]) for one in chosen]
                )
            )
            abscissa.append(np.mean([1 / len(one["real"]) + 1 / len(one["synthetic"]) for one in chosen]))
        scaled = np.array(abscissa) / abscissa[0]
        line, parabola = np.polyfit(scaled, values, 1)[-1], np.polyfit(scaled, values, 2)[-1]
        return line, parabola - line

    return delete_groups(both, groups=groups)


@pytest.mark.parametrize(("n", "m", "d"), [(200, 240, 4), (90, 64, 16), (300, 150, 12)])
def test_near_refitting_everything_without_each_group(n, m, d):
    """The value is that of another fit; the standard error is near, by group on each side; the first order is not wider."""
    rng = np.random.default_rng(0)
    real, synthetic = rng.normal(size=(n, d)), rng.normal(0.4, 1.3, size=(m, d))
    groups = {"real": np.sort(random_groups(n, seed=0)), "synthetic": random_groups(m, seed=1, groups=12)}
    found = frechet_infinity(
        real=real, synthetic=synthetic, real_groups=groups["real"], synthetic_groups=groups["synthetic"]
    )
    for mine, other in zip((found.intercept, found.shift), anew(real, synthetic, groups), strict=True):
        assert mine.full == pytest.approx(other.full, rel=1e-8, abs=1e-8)
        assert [(side.role, side.sizes, side.digest) for side in mine.sides] == [
            (side.role, side.sizes, side.digest) for side in other.sides
        ]
        assert 0.75 < mine.standard_error / other.standard_error < 1.05
    for mine, other in zip(found.intercept.sides, anew(real, synthetic, groups)[0].sides, strict=True):
        assert np.corrcoef(mine.values, other.values)[0, 1] > 0.95
    assert found.plain == pytest.approx(frechet_distance(real=real, synthetic=synthetic))
    assert (found.n, found.width) == ({"real": n, "synthetic": m}, d)


def test_a_distance_without_bias_is_kept():
    """A plain shift: every subset has the distance itself, so nothing is extrapolated, nothing bends, nothing varies."""
    real = np.random.default_rng(1).normal(size=(101, 3))
    groups = random_groups(101, seed=0, groups=9)
    found = frechet_infinity(real=real, synthetic=real + 2.0, real_groups=groups, synthetic_groups=groups)
    assert found.intercept.full == pytest.approx(12.0)
    assert found.shift.full == pytest.approx(0.0, abs=1e-9)
    assert found.invalid() is None


@pytest.mark.parametrize(("n", "m"), [(64, 64), (64, 300), (300, 64)])
def test_the_truth_is_met_where_the_plain_value_is_far_off(n, m):
    """Sixteen columns, both sides small or one: on average within three standard errors, and the bias is 30 % or more."""
    rng, width = np.random.default_rng(2), 16
    truth = 1.0 + width * 0.2**2
    found = [
        fitted(rng.normal(size=(n, width)), np.eye(width)[0] + 1.2 * rng.normal(size=(m, width))) for _ in range(60)
    ]
    values = np.array([one.intercept.full for one in found])
    assert np.mean([one.plain for one in found]) > 1.3 * truth
    assert abs(values.mean() - truth) < 3 * values.std(ddof=1) / 60**0.5


def test_rows_in_another_order_change_nothing():
    """With their groups; and nothing is drawn."""
    rng = np.random.default_rng(3)
    real, synthetic, groups = rng.normal(size=(80, 3)), rng.normal(1.0, 1.0, size=(80, 3)), random_groups(80, seed=0)
    turn = rng.permutation(80)
    one = frechet_infinity(real=real, synthetic=synthetic, real_groups=groups, synthetic_groups=groups)
    other = frechet_infinity(real=real[turn], synthetic=synthetic, real_groups=groups[turn], synthetic_groups=groups)
    assert other.intercept.full == pytest.approx(one.intercept.full, rel=1e-9)
    assert other.intercept.standard_error == pytest.approx(one.intercept.standard_error, rel=1e-6)


@pytest.mark.parametrize(("rows", "counted"), [(31, 7), (32, 11)])
def test_quarters_count_where_they_hold_two_rows_a_column(rows, counted, monkeypatch):
    """At D = 4: one distance of all rows, four of three quarters, two of halves, and from 32 rows on four of quarters."""
    calls = []
    monkeypatch.setattr(module, "influences", lambda **sides: calls.append(sides) or influences(**sides))
    from tasks.metrics.frechet import influences

    rng = np.random.default_rng(4)
    fitted(rng.normal(size=(rows, 4)), rng.normal(size=(40, 4)), real_groups=8, synthetic_groups=8)
    assert len(calls) == counted


def test_groups_are_never_parted_and_every_row_counts_alike(monkeypatch):
    """Of slides of unlike size: a slide is in a subset whole or not at all; rows are in equally many of one share."""
    seen = []
    monkeypatch.setattr(module, "influences", lambda **sides: seen.append(sides["real"][:, 0]) or influences(**sides))
    from tasks.metrics.frechet import influences

    sizes = [5, 7, 4, 7, 5, 8, 6, 9, 4, 5]
    groups = np.repeat(np.arange(10), sizes)
    real = np.column_stack([np.arange(60.0), np.random.default_rng(5).normal(size=60)])
    frechet_infinity(real=real, synthetic=real[::-1], real_groups=groups, synthetic_groups=random_groups(60, seed=0))
    assert len(seen) == 11
    for rows in seen:
        taken = np.bincount(groups[rows.astype(int)], minlength=10)
        assert all(count in (0, size) for count, size in zip(taken, sizes, strict=True))
    for share, times in ((seen[:1], 1), (seen[1:5], 3), (seen[5:7], 1), (seen[7:], 1)):
        assert set(np.bincount(np.concatenate(share).astype(int), minlength=60)) == {times}
    assert [len(rows) for rows in seen[7:]] == [14, 17, 13, 16]  # Worked out by hand.


@pytest.mark.parametrize(("real", "synthetic", "said"), [(32, 40, None), (31, 40, 31), (40, 30, 30)])
def test_four_rows_a_column_or_no_line(real, synthetic, said):
    """On both sides, at D = 8."""
    rng = np.random.default_rng(6)
    found = fitted(rng.normal(size=(real, 8)), rng.normal(9.0, 1.0, size=(synthetic, 8)))
    expected = f"N = {said} is below N_min = 32 (4 D): the distance need not be a line in 1/N yet"
    assert found.invalid() == (None if said is None else expected)


def test_images_like_the_real_ones_are_not_told_by_extrapolation():
    """There the value is all bias; the estimate may lie below 0 and is not cut."""
    rng = np.random.default_rng(7)
    found = [fitted(*rng.normal(size=(2, 100, 8))) for _ in range(10)]
    assert all(one.invalid().startswith("extrapolation would move it by more than half: from 0.") for one in found)
    assert min(one.intercept.full for one in found) < 0.0 < max(one.intercept.full for one in found)


@pytest.mark.parametrize(("value", "said"), [(1.6, False), (1.4, True), (1.1, True), (0.9, False), (2.9, False)])
def test_near_the_limit_of_half_a_shown_value_says_that_it_is_selected(value, said):
    """Plain value 2: from a quarter below on; beyond half it is refused, and so there is nothing to say."""
    found = FrechetInfinity(spread(value, 0.1), spread(0.0, 0.1), 2.0, {"real": 99, "synthetic": 99}, 4)
    assert (found.selected() is not None) is said
    if said:
        assert found.invalid() is None
        assert found.selected().startswith(
            f"near the limit of half: extrapolation moves it from 2 at this N to {value}; values beyond the limit are "
        )


def test_near_the_floor_the_values_shown_are_too_high_and_say_so():
    """Apart by 0.04 in truth: the mean of all is right, that of the valid twice as large; of them nearly all say it."""
    rng, truth = np.random.default_rng(12), 0.2**2
    found = [fitted(rng.normal(size=(300, 4)), rng.normal(0.1, 1.0, size=(300, 4))) for _ in range(120)]
    values = np.array([one.intercept.full for one in found])
    valid = np.array([one.invalid() is None for one in found])
    said = np.array([one.selected() is not None for one in found])
    assert abs(values.mean() - truth) < 3 * values.std(ddof=1) / 120**0.5
    assert 12 <= valid.sum() < 60
    assert values[valid].mean() > 1.5 * truth
    assert said[valid].mean() > 0.8


def test_a_line_that_bends_is_told():
    """Twenty copies of each of sixteen rows of sixteen columns: 320 rows, but slides are what counts."""
    rng = np.random.default_rng(8)
    slides = np.arange(320) % 16
    real = rng.normal(size=(16, 16))[slides] + 0.01 * rng.normal(size=(320, 16))
    found = frechet_infinity(
        real=real, synthetic=rng.normal(0.7, 1.5, size=(320, 16)), real_groups=slides,
        synthetic_groups=random_groups(320, seed=0),
    )  # fmt: skip
    assert found.invalid().startswith("the distance is no line in 1/N: a quadratic term (p = ")
    assert found.invalid().endswith(
        f"would move the intercept from {found.intercept.full:.4g} to {found.intercept.full + found.shift.full:.4g}"
    )


@pytest.mark.parametrize(
    ("shift", "error", "own", "bends"),
    [(0.1, 0.02, 0.15, True), (-0.1, 0.02, 0.15, True), (0.1, 0.02, 0.25, False), (0.1, 0.06, 0.15, False)],
)
def test_a_bend_must_be_significant_and_matter(shift, error, own, bends):
    """Beyond chance, and more than half a standard error of the intercept."""
    found = FrechetInfinity(spread(3.0, own), spread(shift, error), 3.1, {"real": 99, "synthetic": 99}, 4)
    assert (found.invalid() is not None) is bends


def spread(full, error):
    """Replicates of one side, twenty groups, with so large a standard error."""
    jitter = np.tile([1.0, -1.0], 10) * error / 19**0.5
    side = Side("real", tuple(full + jitter), (5,) * 20, "same")
    found = Replicates(full, (side,))
    assert found.standard_error == pytest.approx(error)
    return found


@pytest.mark.parametrize("role", ["real", "synthetic"])
def test_too_few_groups_are_refused_by_role(role):
    """Seven leave some part with a single one; eight do."""
    rows = np.random.default_rng(9).normal(size=(40, 2))
    with pytest.raises(UserError, match=f"the {role} side has 7 groups .* expected 8 or more"):
        fitted(rows, rows, **{f"{role}_groups": 7})
    assert fitted(rows, rows + 1.0, **{f"{role}_groups": 8}).invalid() is None


def test_one_slide_cannot_be_half_of_a_side():
    """A part that is one slide alone would be gone without it."""
    rows, slides = np.random.default_rng(9).normal(size=(60, 2)), np.append(np.full(30, 9), np.arange(30) % 9)
    with pytest.raises(UserError, match="cannot be dealt into 4 equal parts .* the largest holds 30 of 60 rows"):
        frechet_infinity(real=rows, synthetic=rows, real_groups=slides, synthetic_groups=random_groups(60, seed=0))


@pytest.mark.parametrize("constant", [("real",), ("synthetic",), ("real", "synthetic")])
def test_constant_features_have_a_limit(constant):
    """|gap|^2, and the trace of the side that varies: near the truth, and that of another fit."""
    rng, level = np.random.default_rng(12), {"real": 0.5, "synthetic": 3.0}
    sets = {role: np.full((80, 3), level[role]) for role in constant}
    sets |= {role: rng.normal(level[role], 1.0, (80, 3)) for role in level if role not in constant}
    groups = {"real": np.arange(80) % 10, "synthetic": np.arange(80) % 10}
    found = frechet_infinity(**sets, real_groups=groups["real"], synthetic_groups=groups["synthetic"])
    assert found.plain == pytest.approx(frechet_distance(**sets))
    assert found.intercept.full == pytest.approx(anew(**sets, groups=groups)[0].full)
    truth, tolerated = (18.75, 1e-9) if len(constant) == 2 else (21.75, 2.5)
    assert found.intercept.full == pytest.approx(truth, abs=tolerated)


def test_bad_features_are_refused():
    """As by every metric."""
    rows = np.ones((40, 2))
    with pytest.raises(UserError, match="synthetic features hold NaN"):
        fitted(rows, np.full((40, 2), np.nan))


@pytest.mark.slow
def test_intervals_hold_where_patches_of_a_slide_are_alike():
    """Forty slides of fifteen: the interval holds the value of infinitely many slides; single patches tell too much."""
    rng, slides = np.random.default_rng(10), np.arange(600) % 40
    whole = {"real_groups": slide_groups(slides.astype(str)), "synthetic_groups": random_groups(600, seed=0)}
    single = {**whole, "real_groups": random_groups(600, seed=1)}
    truth, hits = (1.5 * 1.3) ** 2 + 4 * 0.3**2, {"whole": 0, "single": 0}
    for _ in range(300):
        real = (rng.normal(size=(40, 4))[slides] + rng.normal(size=(600, 4))) / 2**0.5
        synthetic = 1.3 * rng.normal([1.5, 0.0, 0.0, 0.0], size=(600, 4))
        for name, groups in (("whole", whole), ("single", single)):
            interval = frechet_infinity(real=real, synthetic=synthetic, **groups).intercept.interval()
            hits[name] += interval.low <= truth <= interval.high
    print(hits)
    assert hits["whole"] >= 276  # A method of 95 % has so many in 99 % of such tests.
    assert hits["single"] < 240


@pytest.mark.slow
def test_slides_as_few_as_columns_are_known_to_be_told_in_part_only():
    """Four fifths of the variance between sixteen slides: far too high, and the bend is told in fewer than half."""
    rng, slides, values, told = np.random.default_rng(11), np.arange(320) % 16, [], 0
    whole = {"real_groups": slides, "synthetic_groups": random_groups(320, seed=0)}
    for _ in range(200):
        real = 0.8**0.5 * rng.normal(size=(16, 16))[slides] + 0.2**0.5 * rng.normal(size=(320, 16))
        found = frechet_infinity(real=real, synthetic=rng.normal(1.95 * np.eye(16)[0], 1.3, size=(320, 16)), **whole)
        values.append(found.intercept.full)
        told += found.invalid() is not None
    truth = 1.95**2 + 16 * 0.3**2
    print(np.mean(values) / truth, told)
    assert 1.3 < np.mean(values) / truth < 1.6
    assert 50 < told < 100
