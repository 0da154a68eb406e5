"""The grid: one choice at a time."""

from __future__ import annotations

from typing import get_args

import pytest

from benchmark.protocol import named
from benchmark.protocol.operations import Resize, Store
from benchmark.protocol.pixels import Filter
from tasks.audit import choices

S, JPEG = Resize(resize=32), Store(codec="jpeg-75")
MADE = Resize(resize=512, filter="bilinear")


def by_name(tried):
    found = list(tried)
    names = [choice.name for choice in found]
    assert len(set(names)) == len(names)
    return {choice.name: choice for choice in found}


@pytest.fixture(params=["two sets", "halves"])
def grid(request):
    """Either comparison, at 32 px, real images of 96 px, synthetic ones of 512 px."""
    if request.param == "two sets":
        return by_name(choices.of_two_sets(32))
    return by_name(choices.of_halves(32, real_side=96, made_side=512))


def test_every_choice_is_held_against_an_earlier_line(grid):
    """So that its difference can be told at once."""
    names = list(grid)
    for place, choice in enumerate(grid.values()):
        assert choice.against is None or choice.against in names[:place]
    assert grid["root stopped early"].root == "newton-schulz"
    assert grid["root stopped early"].real == grid["half of the reference"].real == grid["clean"].real
    assert [choice.name for choice in grid.values() if choice.halved] == ["half of the reference"]


def test_between_two_sets_one_thing_is_changed_at_a_time():
    """Clean first and for all; every filter on both sides; codecs on one side and on both, before and after."""
    grid = by_name(choices.of_two_sets(32))
    assert (grid["clean"].real, grid["clean"].synthetic) == ((S,), (S,))
    for name in set(get_args(Filter)) - {"lanczos"}:
        other = (Resize(resize=32, filter=name),)
        assert (grid[f"filter {name}, both"].real, grid[f"filter {name}, both"].synthetic) == (other, other)
    assert (grid["no common size"].real, grid["no common size"].synthetic) == ((), ())
    found = {name: (grid[name].real, grid[name].synthetic) for name in grid if "JPEG" in name or "PNG" in name}
    assert found == {
        "JPEG 75 before the size, synthetic": ((S,), (JPEG, S)),
        "JPEG 75 before the size, real": ((JPEG, S), (S,)),
        "JPEG 75 before the size, both": ((JPEG, S), (JPEG, S)),
        "JPEG 75 after the size, synthetic": ((S,), (S, JPEG)),
        "JPEG 75 after the size, both": ((S, JPEG), (S, JPEG)),
        "PNG, synthetic": ((S,), (Store(codec="png"), S)),
    }
    assert {choice.against for choice in grid.values()} == {None, "clean"}


def test_of_halves_the_second_is_made_as_a_generator_would():
    """Brought to its size first, but on floors, where both sides are treated as the line has real images."""
    grid = by_name(choices.of_halves(32, real_side=96, made_side=512))
    for choice in grid.values():
        if choice.against is None:
            assert choice.real == choice.synthetic
        else:
            assert choice.synthetic[0] == MADE
            assert choice.against == "clean" or grid[choice.against].real == choice.real
    assert next(iter(grid)) == "floor"
    assert (grid["clean"].real, grid["clean"].synthetic) == ((S,), (MADE, S))
    assert grid["filter box, synthetic"].synthetic == (MADE, Resize(resize=32, filter="box"))
    assert grid["filter box, synthetic"].real == (S,)
    same = by_name(choices.of_halves(32, real_side=96, made_side=96))
    assert all(MADE not in choice.synthetic for choice in same.values())


def test_paper_is_the_named_protocol(grid):
    """Pixels of both sides, and the root; of halves after the generator's size."""
    paper, choice = named.everything()["paper"].protocol, grid["paper as a whole"]
    assert (choice.real, choice.synthetic[-2:], choice.root) == (paper.real, paper.synthetic, paper.root)
    assert len(choice.synthetic) == len(paper.synthetic) + (choice.against != "clean")


def test_a_resize_to_the_side_there_is_already_is_left_out():
    """The side that the operations before left counts."""
    up, back = Resize(resize=64), Resize(resize=32)
    assert choices.reduced((S,), 32) == ()
    assert choices.reduced((S, JPEG, back), 32) == (JPEG,)
    assert choices.reduced((up, back), 32) == (up, back)
    assert choices.reduced((S, JPEG), 96) == (S, JPEG)
    assert choices.reduced((up, up, JPEG, up), 96) == (up, JPEG)
