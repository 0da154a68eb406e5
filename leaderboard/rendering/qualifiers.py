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
    if trainings := of_trainings(value):
        found += trainings
        samples = {name: number for name, number in samples.items() if name not in _TRAININGS}
    return (*found, *(f"{name} {number:.4g}" for name, number in samples.items()))


def of_trainings(value: Value) -> tuple[str, ...]:
    """Return how far the classifiers behind a value differ, of which its interval tells nothing."""
    samples = dict(value.samples)
    if not samples.keys() >= set(_TRAININGS):
        return ()
    count, spread = (samples[name] for name in _TRAININGS)
    return (
        f"{count:.0f} classifiers, whose AUC differs by a standard deviation of {spread:.2g}; "
        "the interval holds them fixed",
    )
