"""Quantiles and p-values of the normal and the t distribution."""

from __future__ import annotations

from scipy import special

from benchmark.statistics.interval import check_level


def two_sided_quantile(level: float, df: float | None) -> float:
    """Return q such that a standard normal or t variable lies within -q and q with probability `level`.

    Args:
        level: Probability, 0 < level < 1.
        df: Degrees of freedom of the t distribution, above 0 and not always whole; None for the normal.

    Returns:
        The quantile, above 0.

    Raises:
        ValueError: if the level or the degrees of freedom are out of range.
    """
    check_level(level)
    upper = 0.5 + level / 2.0
    if df is None:
        return float(special.ndtri(upper))
    if not df > 0.0:
        raise ValueError(f"Degrees of freedom must be above 0, got {df}.")
    return float(special.stdtrit(df, upper))


def two_sided_p(value: float, *, standard_error: float, df: float | None) -> float | None:
    """Return the p-value of the null that the estimand is zero, against either side.

    Args:
        value: Point estimate.
        standard_error: Its standard error, 0 or more.
        df: Degrees of freedom of the t distribution; None for the normal.

    Returns:
        The p-value, 0 to 1. None where the standard error is zero: data without variation test nothing.
    """
    if standard_error == 0.0:
        return None
    ratio = -abs(value) / standard_error
    return float(2.0 * (special.ndtr(ratio) if df is None else special.stdtr(df, ratio)))
