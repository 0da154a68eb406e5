"""What can be asked for."""

from __future__ import annotations

import math

import pytest

from benchmark.errors import UserError
from tasks.score.choices import CHOICES, INCEPTION, NEEDS, PER_IMAGE, REPORTED, as_inception, chosen, order_of
from tasks.score.definitions import metrics_of


def test_names_are_read_in_any_case_and_by_their_other_names():
    """With commas and spaces between; each once."""
    assert chosen("FID, kid,pr ,fd") == ["fd", "kd", "pr"]
    assert {*NEEDS, *PER_IMAGE} <= set(CHOICES)


@pytest.mark.parametrize(
    ("text", "name", "order"),
    [
        ("vendi", "vendi-q1", 1.0),
        ("vendi-q2.0", "vendi-q2", 2.0),
        ("Vendi-qInf", "vendi-qinf", math.inf),
        ("vendi-q1.000000000000001", "vendi-q1.000000000000001", 1.000000000000001),
        ("vendi-q2.12345678", "vendi-q2.12345678", 2.12345678),
        ("vendi-q10000000", "vendi-q1e+07", 1e7),
        ("vendi-q-0", "vendi-q0", 0.0),
        ("fd", "fd", None),
    ],
)
def test_a_vendi_score_is_named_with_its_order(text, name, order):
    """However that is written."""
    assert chosen(text) == [name]
    assert order_of(name) == order


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fdd", "no metric 'fdd'. Did you mean 'fd'"),
        (" , ", "names none. Known: "),
        ("fd,cmmd-biased", "no metric 'cmmd-biased' of its own. Ask for cmmd."),
        ("vendi-q-1", "'-1' is no order of a Vendi score"),
        ("vendi-qnan", "'nan' is no order"),
        ("vendi-q", "'' is no order"),
    ],
)
def test_what_is_no_metric_is_refused(text, said):
    """With the nearest."""
    with pytest.raises(UserError, match=said):
        chosen(text)


def test_every_number_of_another_name_leads_to_what_gives_it():
    """But Vendi scores, whose names are made."""
    given = {metric.name: name for name in CHOICES if name != "vendi" for metric in metrics_of(name)}
    for name, choice in REPORTED.items():
        assert given.get(name, choice) == choice
    assert set(given) <= {*REPORTED, *CHOICES}


def test_who_asks_for_fid_means_inception():
    """Also where the same is asked for by its general name."""
    assert as_inception("fd, FID,pr") == {"fd"}
    assert as_inception("kid") == {"kd"}
    assert as_inception("fd,kd") == set()
    assert all(chosen(name) for name in INCEPTION)
