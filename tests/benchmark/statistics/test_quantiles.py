"""Quantiles and p-values against SciPy's distributions and printed tables."""

from __future__ import annotations

import pytest
from scipy import stats

from benchmark.statistics.quantiles import two_sided_p, two_sided_quantile

DEGREES = [None, 1, 2.5, 19, 37.8, 1e6]


def distribution(df):
    return stats.norm() if df is None else stats.t(df)


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_quantile_holds_the_level_between_its_two_signs(df, level):
    """By the distribution's own cumulative function, and as SciPy's interval."""
    found = two_sided_quantile(level, df)
    known = distribution(df)
    assert known.cdf(found) - known.cdf(-found) == pytest.approx(level, rel=1e-9)
    assert found == pytest.approx(known.interval(level)[1], rel=1e-8)


def test_quantiles_of_the_printed_tables():
    """Normal 1.960; t with 4 and 19 degrees of freedom 2.776 and 2.093."""
    assert [round(two_sided_quantile(0.95, df), 3) for df in (None, 4, 19)] == [1.96, 2.776, 2.093]


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("ratio", [-3.2, -0.4, 0.0, 0.4, 3.2])
def test_p_value_is_both_tails(df, ratio):
    """Of the ratio to the standard error, whatever its sign."""
    expected = 2.0 * distribution(df).sf(abs(ratio))
    assert two_sided_p(ratio * 0.25, standard_error=0.25, df=df) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("df", DEGREES)
def test_p_value_and_quantile_belong_together(df):
    """An interval that just touches zero has p = 5 %."""
    assert two_sided_p(2.0 * two_sided_quantile(0.95, df), standard_error=2.0, df=df) == pytest.approx(0.05)


def test_far_tails_do_not_round_to_zero_early():
    """Ten standard errors: 1.5e-23, not 0."""
    assert two_sided_p(10.0, standard_error=1.0, df=None) == pytest.approx(1.523971e-23, rel=1e-6, abs=0)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_nothing_that_varies_tests_nothing(value):
    """Neither a certain zero nor a certain difference."""
    assert two_sided_p(value, standard_error=0.0, df=5) is None


@pytest.mark.parametrize("df", [0, -1.0, float("nan")])
def test_degrees_of_freedom_are_above_zero(df):
    """Else SciPy would answer NaN."""
    with pytest.raises(ValueError, match="Degrees of freedom must be above 0, got"):
        two_sided_quantile(0.95, df)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_level_is_checked(level):
    """Before any quantile."""
    with pytest.raises(ValueError, match="level lies between 0 and 1"):
        two_sided_quantile(level, None)
