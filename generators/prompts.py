"""The study's prompts, word by word.

Source: the two templates of Osorio et al. 2024 (Diagnostics 14(13):1442) as their release writes them: the label in
lower case, the cluster's index in words.
"""

from __future__ import annotations

import functools
import re

BASELINE = "Histology image of {label} tissue"
"""What is asked for where only the label is known."""

ENRICHED = "Histology image of {label} tissue, morphology type {index}"
"""What is asked for where the morphology is known too."""


def baseline(label: str) -> str:
    """Return the prompt of a class: ``Histology image of cancer tissue``."""
    return BASELINE.format(label=label.lower())


def enriched(label: str, cluster: int) -> str:
    """Return the prompt of a class and a cluster: ``..., morphology type twenty-one``.

    Args:
        label: Class name.
        cluster: Index of the cluster, from 0.
    """
    return ENRICHED.format(label=label.lower(), index=in_words(cluster))


@functools.cache
def in_words(number: int) -> str:
    """Return a whole number of at least 0 in words, as inflect writes it: ``one thousand and five``."""
    if number < 0:
        raise ValueError(f"a cluster's index is at least 0, found {number}")
    # Imported where a number is first written: it takes two seconds, and planning writes none.
    import inflect

    return str(inflect.engine().number_to_words(number))  # type: ignore[arg-type]


_TYPE = re.compile(r", morphology type (.+)$")


def cluster_of(prompt: str, k: int) -> int | None:
    """Return the cluster a prompt asks for, or None where it asks for none.

    Args:
        prompt: A prompt of either template.
        k: Number of clusters.
    """
    found = _TYPE.search(prompt)
    if found is None:
        return None
    return next((index for index in range(k) if in_words(index) == found.group(1)), None)
