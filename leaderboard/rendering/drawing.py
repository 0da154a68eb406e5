"""Inline SVG of one line's height: places are shares of the width, so that a picture fills its cell undistorted."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from leaderboard.table.model import Kind, Verdict

HEIGHT = 20
"""In pixels."""

Look = Kind | Verdict
"""What the style of a dot and its whisker goes by."""


def picture(name: str, parts: Iterable[str]) -> Markup:
    """Return parts as a picture; numbers stand beside it as text, so that readers of a screen skip it."""
    # All parts come from this package and hold numbers and names of its own, so nothing is left to escape.
    return Markup(f'<svg class="{name}" height="{HEIGHT}" aria-hidden="true">{"".join(parts)}</svg>')


def upright(look: str, share: float, *, top: float = 0.0, bottom: float = HEIGHT) -> str:
    """Return an upright line at a share of the width."""
    return f'<line class="{look}" x1="{_percent(share)}" x2="{_percent(share)}" y1="{top:g}" y2="{bottom:g}"/>'


def level(look: str, left: float, right: float, *, height: float = HEIGHT / 2) -> str:
    """Return a level line between two shares of the width."""
    return f'<line class="{look}" x1="{_percent(left)}" x2="{_percent(right)}" y1="{height:g}" y2="{height:g}"/>'


def whisker(look: Look, left: float, right: float) -> str:
    """Return an interval."""
    ends = (upright(f"end {look}", share, top=HEIGHT / 2 - 4, bottom=HEIGHT / 2 + 4) for share in (left, right))
    return level(f"whisker {look}", left, right) + "".join(ends)


def dot(look: Look, share: float) -> str:
    """Return a value."""
    return f'<circle class="dot {look}" cx="{_percent(share)}" cy="{HEIGHT // 2}" r="3.5"/>'


def arrow(look: Look, *, right: bool) -> str:
    """Return a value beyond the left or the right end."""
    tip = 4 if right else -4
    path = f'<path class="arrow {look}" d="M{-tip} 5L{tip} 10L{-tip} 15Z"/>'
    return f'<svg x="{"100%" if right else "0%"}" overflow="visible">{path}</svg>'


def label(share: float, text: str) -> str:
    """Return a number below a ruler, held inside the picture at its ends."""
    anchor = "start" if share <= 0 else "end" if share >= 1 else "middle"
    return f'<text x="{_percent(share)}" y="{HEIGHT - 1}" text-anchor="{anchor}">{text}</text>'


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
