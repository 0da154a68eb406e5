"""How fast steps like this one were on this device."""

from __future__ import annotations

import pydantic

from benchmark import digests
from benchmark.plan.steps import Step
from benchmark.store import manifest as manifests
from benchmark.store.store import Store

_PARTS = ("generator", "extractor", "task", "dataset", "reference")
"""The part of a step's configuration that decides its speed."""


class Throughput:
    """Seconds per unit of finished steps, by stage, class, parameters and platform."""

    def __init__(self, store: Store) -> None:
        """Read the manifests of a store."""
        self._seconds: dict[str, list[float]] = {}
        for _, key, folder in store.objects():
            try:
                manifest = manifests.read(folder)
            except (OSError, pydantic.ValidationError):
                continue  # Damaged: a run sets it aside, an estimate does without it.
            if not manifests.is_sound(manifest, key):
                continue
            config, platform = manifest.recipe["config"], manifest.recipe["platform"]
            seconds = manifest.run.wall_s / _units(config)
            self._seconds.setdefault(_key(manifest.kind, config, platform), []).append(seconds)

    def seconds(self, step: Step) -> float | None:
        """Return the estimated seconds of a step, or None where nothing like it was measured."""
        config, platform = step.config.model_dump(mode="json"), step.platform.model_dump(mode="json")
        found = self._seconds.get(_key(step.kind, config, platform))
        return None if found is None else sum(found) / len(found) * _units(config)


def _key(kind: str, config: dict[str, object], platform: object) -> str:
    return digests.of_value([kind, platform, {part: config[part] for part in _PARTS if part in config}])


def _units(config: dict[str, object]) -> float:
    """Return the images a step goes through where its configuration says so, else 1."""
    stop, start = config.get("stop"), config.get("start")
    return float(stop - start) if isinstance(stop, int) and isinstance(start, int) else 1.0
