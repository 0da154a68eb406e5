from __future__ import annotations

import pytest

from generators import prompts

WORDS = {
    0: "zero", 1: "one", 12: "twelve", 21: "twenty-one", 32: "thirty-two", 99: "ninety-nine", 100: "one hundred",
    101: "one hundred and one", 999: "nine hundred and ninety-nine", 1000: "one thousand",
}  # fmt: skip


def test_baseline_is_the_study_s_wording():
    """The label alone, in lower case."""
    assert prompts.baseline("cancer") == "Histology image of cancer tissue"
    assert prompts.baseline("Healthy") == "Histology image of healthy tissue"


@pytest.mark.parametrize(("number", "words"), WORDS.items())
def test_enriched_is_the_study_s_wording(number, words):
    """The index follows in words, for any K."""
    assert prompts.enriched("cancer", number) == f"Histology image of cancer tissue, morphology type {words}"


def said(number):
    """A number below a thousand in British words, written out here."""
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    ones = [*ones.split(), "seventeen", "eighteen", "nineteen"]
    tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    hundreds, rest = divmod(number, 100)
    small = ones[rest] if rest < 20 else tens[rest // 10] + (f"-{ones[rest % 10]}" if rest % 10 else "")
    if not hundreds:
        return small
    return f"{ones[hundreds]} hundred" + (f" and {small}" if rest else "")


@pytest.mark.parametrize("label", ["healthy", "cancer"])
def test_every_cluster_below_a_thousand_has_the_study_s_wording(label):
    """Beside numbers that are put in words another way."""
    for number in range(1000):
        assert (
            prompts.enriched(label.title(), number)
            == f"Histology image of {label} tissue, morphology type {said(number)}"
        )


@pytest.mark.parametrize(("k", "last"), [
    (1, "zero"), (2, "one"), (33, "thirty-two"), (100, "ninety-nine"), (1000, "nine hundred and ninety-nine"),
])  # fmt: skip
def test_prompts_of_any_k_word_by_word(k, last):
    """All K of both classes, split at the blanks; the last one by hand."""
    for label in ("healthy", "cancer"):
        found = [prompts.enriched(label, number).split() for number in range(k)]
        head = ["Histology", "image", "of", label, "tissue,", "morphology", "type"]
        assert found == [[*head, *said(number).split()] for number in range(k)]
        assert found[-1] == [*head, *last.split()]


def test_prompts_of_all_clusters_differ():
    """No two clusters share a prompt."""
    assert len({prompts.enriched("cancer", number) for number in range(1001)}) == 1001


@pytest.mark.parametrize("cluster", [0, 7, 32])
def test_cluster_can_be_read_back(cluster):
    """What a prompt asks for can be told from it."""
    assert prompts.cluster_of(prompts.enriched("cancer", cluster), 33) == cluster
    assert prompts.cluster_of(prompts.baseline("cancer"), 33) is None
    assert prompts.cluster_of(prompts.enriched("cancer", cluster), cluster) is None


def test_negative_cluster_is_refused():
    """There is no cluster before the first."""
    with pytest.raises(ValueError, match="at least 0"):
        prompts.in_words(-1)
