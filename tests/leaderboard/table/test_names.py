"""Names for people and for files."""

from __future__ import annotations

import pytest

from leaderboard.table import names


@pytest.mark.parametrize(
    "text", ["../../etc/passwd", "<script>alert(1)</script>", "", ".", "..", "a/b", "A", "é", "x" * 300]
)
def test_slugs_are_safe_file_names(text) -> None:
    """No separator, no leading dot, not empty, not too long."""
    slug = names.slug(text)
    assert 0 < len(slug) < 80
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert not slug.startswith(".")


def test_plain_names_stay_and_others_never_collide() -> None:
    """`SD` and `sd` differ on every file system."""
    assert names.slug("sd-morphology-k12.v2") == "sd-morphology-k12.v2"
    assert len({names.slug(text) for text in ("sd", "SD", "s d", "s/d", "s-d")}) == 5


@pytest.mark.parametrize(
    ("seeds", "words"),
    [((), "no seeds"), ((3,), "seed 3"), ((0, 1), "seeds 0, 1"), ((4, 0, 1, 2, 3), "seeds 0 to 4"), ((0, 2, 7), "seeds 0, 2, 7"),
     ((2**63 - 1, 100, 101), f"seeds 100, 101, {2**63 - 1}")],
)  # fmt: skip
def test_seeds_in_words(seeds, words) -> None:
    """Runs are shortened, others listed, however far apart they are."""
    assert names.seeds_in_words(seeds) == words


def test_images_in_words() -> None:
    """By role, with the slides of those whose slides are known."""
    assert names.n_in_words({"synthetic": 9, "reference": 7}, {"reference": 3}) == "reference 7 (3 slides), synthetic 9"
    assert names.n_in_words({"test": 7}, {"test": 1}) == "test 7 (1 slide)"
    assert names.n_in_words({}, {"test": 1}) == ""
