"""What every synthetic image has a value of: realism, and the distance to its nearest training image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.contracts.task import Metric
from benchmark.statistics.arrays import Floats
from benchmark.statistics.medians import median_interval
from tasks.metrics.nearest import nearest_rows
from tasks.metrics.realism import realism
from tasks.score.definitions import metrics_of
from tasks.score.inputs import Inputs
from tasks.score.qualified import NOT_ASKED
from tasks.score.scored import Images, Scored


def realism_scores(inputs: Inputs) -> Iterator[Scored]:
    """Yield the median realism, with that of every synthetic row."""
    values = realism(real=inputs.real, synthetic=inputs.synthetic)
    yield _median(metrics_of("realism")[0], values, inputs, "real", images={"realism": values})


def nearest_train(inputs: Inputs) -> Iterator[Scored]:
    """Yield the median distance to the nearest training row, with every synthetic row's own and which row that is."""
    found = nearest_rows(of=inputs.synthetic, among=inputs.tables["train"])
    values = found.distances[:, 0]
    images = {"nearest_train_row": found.rows[:, 0], "distance_to_train": values}
    yield _median(metrics_of("nearest")[0], values, inputs, "train", images=images)


def _median(metric: Metric, values: Floats, inputs: Inputs, against: str, *, images: Images) -> Scored:
    """Return the median of the synthetic rows' values, qualified."""
    middle, n = float(np.median(values)), inputs.n(against, "synthetic")
    if not np.isfinite(middle):
        return Scored(
            metric, None, None, n, {}, f"half of the synthetic rows are copies of {against} rows", images=images
        )
    interval = median_interval(values) if inputs.intervals else None
    reason = "no interval: fewer than 6 synthetic rows" if inputs.intervals else NOT_ASKED
    return Scored(metric, middle, interval, n, {}, None if interval else reason, images=images)
