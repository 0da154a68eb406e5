"""The validity indices and the stability over K, as a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from generators.morphology import choosing
from generators.morphology.choosing import Line

TITLES = {
    "s_dbw": "S_Dbw, less is better",
    "sd": "SD, less is better",
    "silhouette": "Silhouette, more is better",
    "davies_bouldin": "Davies-Bouldin, less is better",
}
_INK, _MARK = "#5a3d8a", "#b0316b"


def png(lines: Sequence[Line], *, title: str) -> bytes:
    """Return a PNG with a panel for each index, its best K marked, and one for stability.

    Args:
        lines: What was found, by rising K.
        title: What stands above.
    """
    # Not pyplot, which keeps figures and settings for the whole process.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.2), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True).ravel()
    best = choosing.best(lines)
    for panel, (name, heading) in zip(panels, TITLES.items(), strict=False):
        known = {line.k: getattr(line, name) for line in lines if getattr(line, name) is not None}
        if name not in best:
            _panel(panel, f"{heading}: not defined")
            continue
        _panel(panel, f"{heading}: best at K = {best[name]}")
        panel.plot(list(known), list(known.values()), "o-", color=_INK, markersize=4)
        panel.plot(best[name], known[best[name]], "o", color=_MARK, markersize=9, fillstyle="none", markeredgewidth=2)
    _stability(panels[4], lines)
    panels[5].axis("off")
    panels[5].text(0, 1, _note(lines), va="top", fontsize=9, wrap=True, transform=panels[5].transAxes)
    figure.suptitle(title)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, metadata={"Software": None})
    return stream.getvalue()


def _panel(panel: Any, heading: str) -> None:
    panel.set_title(heading, fontsize=10)
    panel.set_xlabel("clusters K", fontsize=9)
    panel.tick_params(labelsize=8, labelbottom=True)
    panel.margins(y=0.12)
    panel.grid(alpha=0.25)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)


def _stability(panel: Any, lines: Sequence[Line]) -> None:
    _panel(panel, "Adjusted Rand index between seeds (1: the same)")
    known = [(line.k, line.stability) for line in lines if line.stability is not None]
    if not known:
        panel.text(0.5, 0.5, "one seed: not measured", ha="center", transform=panel.transAxes)
        return
    ks = [k for k, _ in known]
    panel.fill_between(ks, [one.least for _, one in known], [one.greatest for _, one in known], color=_INK, alpha=0.2)
    panel.plot(ks, [one.median for _, one in known], "o-", color=_INK, markersize=4)
    panel.set_ylim(min(0.0, *(one.least for _, one in known)), 1.03)


def _note(lines: Sequence[Line]) -> str:
    text = "Indices are of the first seed's fit.\nNone of them alone tells how many clusters there are."
    stability = lines[0].stability
    if stability is not None:
        text += (
            f"\n\nStability: median, least and greatest over\n{stability.pairs} pairs of {len(stability.seeds)} seeds."
        )
    return text
