"""Writes a phantom dataset in the PCam file layout."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmark.contracts import progress
from benchmark.datasets import pcam_meta, pcam_writer, splits
from benchmark.datasets.phantom import fields, patch, spec

_BLOCK = 128


def write(folder: Path, dataset: spec.PhantomSpec, progress: progress.Progress = progress.silent) -> None:
    """Write all splits of a phantom dataset to `folder`/pcam/, with slides but without the true morphologies.

    Args:
        folder: Folder to hold `pcam/`.
        dataset: What to draw.
        progress: Called now and then with the patches drawn so far and the number of all.

    Raises:
        UserError: A file exists already, or the disk refuses. Nothing is left behind.
    """
    total = sum(dataset.count(split) for split in splits.SPLITS)
    before = 0
    sources: dict[splits.Split, pcam_writer.SplitSource] = {}
    for split in splits.SPLITS:
        blocks = _blocks(dataset, split, functools.partial(_report, progress, before, total))
        sources[split] = pcam_writer.SplitSource(dataset.count(split), blocks)
        before += dataset.count(split)
    pcam_writer.write_splits(folder, sources)


def _blocks(
    dataset: spec.PhantomSpec, split: splits.Split, report: Callable[[int], None]
) -> Iterator[pcam_writer.PatchBlock]:
    """Yield the patches of a split in blocks and report how many of them are drawn."""
    count = dataset.count(split)
    for start in range(0, count, _BLOCK):
        stop = min(start + _BLOCK, count)
        drawn = [patch.draw(dataset, split, index) for index in range(start, stop)]
        yield pcam_writer.PatchBlock(
            images=np.stack([one.image for one in drawn]),
            labels=np.array([one.label for one in drawn], np.uint8),
            meta=tuple(_meta(split, start + offset, one) for offset, one in enumerate(drawn)),
        )
        report(stop)


def _meta(split: splits.Split, index: int, drawn: patch.Patch) -> pcam_meta.MetaRow:
    """Return the slide table entry of a patch; its coordinates keep the patches of a slide apart."""
    return pcam_meta.MetaRow(
        coord_y=0,
        coord_x=index * fields.SIZE,
        tumor_patch=bool(drawn.tumor.any()),
        center_tumor_patch=bool(drawn.label),
        wsi=f"phantom_{split}_{drawn.slide:03d}",
    )


def _report(progress: progress.Progress, before: int, total: int, done: int) -> None:
    """Report `done` patches of a split, after `before` of the splits written earlier."""
    progress(before + done, total, "patches drawn")
