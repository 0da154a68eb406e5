"""The further numbers that qualify a value, in words."""

from __future__ import annotations

from benchmark.contracts.task import Value

_NULL = ("null_low", "null_high", "null_p")
"""Names under which a task leaves the band of a permutation null and its p."""

_TRAININGS = ("classifiers", "classifiers_sd")
"""Names under which a task leaves how many classifiers it trained and how far they differ."""


def of(value: Value) -> tuple[str, ...]:
    """Return one phrase a finding; numbers without words of their own by name."""
    samples = dict(value.samples)
    found = []
    if samples.keys() >= set(_NULL):
        low, high, p = (samples.pop(name) for name in _NULL)
        found.append(
            f"if both sides were of one kind, 95 % of shuffles would lie in [{low:.3g}, {high:.3g}]; p {p:.3g}"
        )
    if samples.keys() >= set(_TRAININGS):
        count, spread = (samples.pop(name) for name in _TRAININGS)
        found.append(f"{count:.0f} classifiers, whose AUC differs by a standard deviation of {spread:.2g}")
    return (*found, *(f"{name} {number:.4g}" for name, number in samples.items()))
