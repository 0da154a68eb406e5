"""Seeds: fixed for ever, apart for every use, free of the global state."""

from __future__ import annotations

import hashlib
import inspect

import numpy as np

from benchmark import seeds


def test_golden_seeds():
    """Every image of every published set hangs on these."""
    assert [seeds.derive(0, "sample", index) for index in range(3)] == [
        178316582436694654,
        4703416825124098946,
        495787835692760789,
    ]
    assert seeds.derive(7, "fit") == 2320573449945923058


def test_a_seed_is_the_head_of_a_hash_of_its_parts():
    """The documented rule, worked out another way."""
    digest = hashlib.sha256(b"3/sample/12").hexdigest()
    assert seeds.derive(3, "sample", 12) == int(digest[:16], 16) // 2


def test_seeds_fit_a_signed_64_bit_integer_and_differ():
    """A thousand images of three stages and three users' seeds: no seed twice."""
    found = [
        seeds.derive(user, stage, i) for user in (0, 1, 10) for stage in ("fit", "sample", "s") for i in range(999)
    ]
    assert len(set(found)) == len(found)
    assert min(found) >= 0
    assert max(found) < 2**63


def test_neither_suite_nor_variant_can_be_a_part():
    """What is not handed in cannot change a seed."""
    assert list(inspect.signature(seeds.derive).parameters) == ["seed", "stage", "index"]


def test_generators_are_their_own():
    """NumPy's global state neither changes a stream nor is changed by it."""
    np.random.seed(1)  # noqa: NPY002
    first = seeds.generator(0, "fit").random(4)
    np.random.seed(2)  # noqa: NPY002
    untouched = np.random.get_state()[1].copy()  # noqa: NPY002
    np.testing.assert_array_equal(seeds.generator(0, "fit").random(4), first)
    np.testing.assert_array_equal(np.random.get_state()[1], untouched)  # noqa: NPY002
    assert not np.array_equal(seeds.generator(0, "fit", 1).random(4), first)


def test_seeds_from_a_hundred_up_report_nothing():
    """The one rule that boards, MLflow and JSON go by."""
    assert [seeds.kind_of(seed) for seed in (0, 99, 100, 2**40)] == [
        "reported",
        "reported",
        "development",
        "development",
    ]
    assert [seeds.is_reported(seed) for seed in (99, 100)] == [True, False]
