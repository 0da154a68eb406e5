"""What a task is handed: features and images by role, and its own baseline."""

from __future__ import annotations

from benchmark.artifacts import features
from benchmark.contracts.images import Images
from benchmark.contracts.roles import Role
from benchmark.contracts.task import Features, Inputs
from benchmark.execution.desk import Desk
from benchmark.execution.stages.embed import synthetic
from benchmark.plan.steps import TaskConfig
from benchmark.protocol import view


def gather(desk: Desk, config: TaskConfig) -> Inputs:
    """Return the inputs of a baseline or a measurement."""
    baseline = desk.inputs.get("baseline")
    return Inputs(
        features=_features(desk),
        images=_images(desk, config),
        baseline=None if baseline is None else baseline.folder,
    )


def _features(desk: Desk) -> dict[str, dict[Role, Features]]:
    found: dict[str, dict[Role, Features]] = {}
    for name, result in desk.inputs.items():
        if name.startswith("features/"):
            _, extractor, role = name.split("/")
            found.setdefault(extractor, {})[role] = features.read(result.folder)  # type: ignore[index]
    return found


def _images(desk: Desk, config: TaskConfig) -> dict[Role, Images]:
    dataset = desk.dataset()
    return {
        role: synthetic(desk, dataset, config.protocol)
        if entry is None
        else view.apply(dataset.role(entry), config.protocol)
        for role, entry in config.images.items()
    }
