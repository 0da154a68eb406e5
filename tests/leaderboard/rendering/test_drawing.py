"""Inline SVG: read back as XML, with its places in pixels on a picture 200 wide."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from leaderboard.rendering import drawing

WIDE = 200


def test_a_picture_is_markup_of_one_lines_height() -> None:
    """Its parts stand in it unescaped and in their order; a reader of a screen skips it."""
    made = drawing.picture("bar", [drawing.dot("generator", 0.5), drawing.level("ruler", 0, 1)])
    assert isinstance(made, Markup)
    root = ElementTree.fromstring(made)
    assert (root.tag, root.get("class"), root.get("height"), root.get("aria-hidden")) == ("svg", "bar", "20", "true")
    assert root.get("width") is None
    assert [part.tag for part in root] == ["circle", "line"]


def test_no_parts_are_an_empty_picture() -> None:
    """Still as high as a line."""
    root = ElementTree.fromstring(drawing.picture("bar", []))
    assert (len(root), root.get("height")) == (0, "20")


@pytest.mark.parametrize(("share", "place"), [(0.0, 0), (0.125, 25), (1.0, 200), (1 / 3, 66.66)])
def test_an_upright_line_stands_at_its_share(share, place) -> None:
    """From top to bottom unless told otherwise."""
    line = _only(drawing.upright("floor", share))
    assert (line.tag, line.get("class")) == ("line", "floor")
    assert _x(line, "x1") == _x(line, "x2") == pytest.approx(place, abs=0.011)
    assert (line.get("y1"), line.get("y2")) == ("0", "20")
    short = _only(drawing.upright("tick", share, top=3.5, bottom=8))
    assert (short.get("y1"), short.get("y2")) == ("3.5", "8")


def test_a_level_line_goes_from_left_to_right() -> None:
    """Half way up unless told otherwise."""
    line = _only(drawing.level("ruler", 0.25, 0.75))
    assert (line.tag, line.get("class")) == ("line", "ruler")
    assert (_x(line, "x1"), _x(line, "x2")) == (50, 150)
    assert line.get("y1") == line.get("y2") == "10"
    low = _only(drawing.level("ruler", 0, 1, height=18.5))
    assert low.get("y1") == low.get("y2") == "18.5"


def test_a_whisker_is_a_line_with_an_end_at_either_side() -> None:
    """All of one look; the ends are eight pixels high, about the line."""
    line, left, right = _all(drawing.whisker("better", 0.1, 0.4))
    assert line.get("class") == "whisker better"
    assert (_x(line, "x1"), _x(line, "x2")) == (20, 80)
    assert [one.get("class") for one in (left, right)] == ["end better", "end better"]
    assert [(_x(one, "x1"), _x(one, "x2")) for one in (left, right)] == [(20, 20), (80, 80)]
    assert {(one.get("y1"), one.get("y2")) for one in (left, right)} == {("6", "14")}


def test_a_dot_lies_on_the_line() -> None:
    """In the colour of what it stands for."""
    dot = _only(drawing.dot("control", 0.9))
    assert (dot.tag, dot.get("class")) == ("circle", "dot control")
    assert (_x(dot, "cx"), dot.get("cy"), dot.get("r")) == (180, "10", "3.5")


@pytest.mark.parametrize(("right", "place", "tip"), [(True, "100%", 4), (False, "0%", -4)])
def test_an_arrow_points_out_of_the_picture(right, place, tip) -> None:
    """At the end that it points over."""
    arrow = _only(drawing.arrow("generator", right=right))
    (path,) = arrow
    assert (arrow.tag, arrow.get("x"), arrow.get("overflow")) == ("svg", place, "visible")
    assert path.get("class") == "arrow generator"
    back, front, below = (point.split() for point in path.get("d").removeprefix("M").removesuffix("Z").split("L"))
    assert (float(front[0]), float(front[1])) == (tip, 10)
    assert float(back[0]) == float(below[0]) == -tip
    assert {float(back[1]), float(below[1])} == {5, 15}


@pytest.mark.parametrize(
    ("share", "anchor"),
    [(-0.1, "start"), (0.0, "start"), (0.01, "middle"), (0.99, "middle"), (1.0, "end"), (1.2, "end")],
)
def test_a_label_is_held_inside_at_the_ends(share, anchor) -> None:
    """And stands in the middle of its place between them."""
    text = _only(drawing.label(share, "0.25"))
    assert (text.tag, text.text, text.get("text-anchor")) == ("text", "0.25", anchor)
    assert (_x(text, "x"), text.get("y")) == (pytest.approx(WIDE * share), "19")


def _all(parts: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(f"<svg>{parts}</svg>"))


def _only(part: str) -> ElementTree.Element:
    (found,) = _all(part)
    return found


def _x(element: ElementTree.Element, name: str) -> float:
    """Return a place in pixels; places are shares, so that a picture fills its cell."""
    text = str(element.get(name))
    assert text.endswith("%")
    return float(text[:-1]) / 100 * WIDE
