"""How fast steps like this one were on this device."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pydantic

from benchmark import digests
from benchmark.plan.steps import Kind, Step
from benchmark.store import manifest as manifests
from benchmark.store.manifest import Manifest
from benchmark.store.store import Store

_PARTS: Mapping[Kind, tuple[str, ...]] = {
    "data": ("dataset",),
    "prompts": ("builder", "on"),
    "fit": ("generator",),
    "sample": ("generator",),
    "embed": ("extractor", "reference"),
    "baseline": ("task", "protocol", "images"),
    "measure": ("task", "protocol", "images"),
}
"""The parts of a step's configuration that decide its speed."""
_ON_DATA: Collection[str] = ("prompts", "baseline", "measure")
"""Stages whose time hangs on the data too, in no way that is known."""


class Throughput:
    """Seconds of finished steps by stage, class, parameters and platform; by the image where they go with images."""

    def __init__(self, store: Store) -> None:
        """Read the manifests of a store."""
        self._seconds: dict[str, list[float]] = {}
        found = _sound(store)
        for manifest in found.values():
            recipe = manifest.recipe
            drawn = _drawn(manifest, found)
            name, units = _like(
                manifest.kind, recipe["config"], recipe["platform"], recipe["inputs"].get("data"), drawn
            )
            self._seconds.setdefault(name, []).append(manifest.run.wall_s / units)

    def seconds(self, step: Step) -> float | None:
        """Return the estimated seconds of a step, or None where nothing like it was measured."""
        shards = {one.key: one.images or _count(one.config.model_dump()) for one in step.walk() if one.kind == "sample"}
        data = step.inputs["data"].key if "data" in step.inputs else None
        config, platform = step.config.model_dump(mode="json"), step.platform.model_dump(mode="json")
        name, units = _like(step.kind, config, platform, data, sum(shards.values()))
        found = self._seconds.get(name)
        return None if found is None else sum(found) / len(found) * units


def _sound(store: Store) -> dict[str, Manifest]:
    """Return the manifests of finished steps by key. A damaged one is left out: an estimate does without it."""
    found = {}
    for _, key, folder in store.objects():
        try:
            manifest = manifests.read(folder)
        except (OSError, pydantic.ValidationError):
            continue
        if manifests.is_sound(manifest, key):
            found[key] = manifest
    return found


def _like(kind: str, config: dict[str, Any], platform: object, data: str | None, drawn: int) -> tuple[str, float]:
    """Return the name of all steps that are as fast, and the units that time goes with.

    Sampling goes by images, and so does embedding those that were sampled; of real images it is not known how many play
    a role. What a task takes does not go by the image: it is known for as many alone.
    """
    alike: dict[str, object] = {part: config[part] for part in _PARTS.get(kind, ()) if part in config}  # type: ignore[call-overload]
    if kind == "embed" and config["role"] is not None:
        alike |= {"role": config["role"], "data": data}
    if kind in _ON_DATA:
        alike |= {"data": data, "drawn": drawn}
    by_image = kind == "sample" or (kind == "embed" and config["role"] is None)
    return digests.of_value([kind, platform, alike]), float(drawn) if by_image and drawn else 1.0


def _drawn(manifest: Manifest, known: Mapping[str, Manifest]) -> int:
    """Return how many sampled images a finished step stands on."""
    shards: set[str] = set()
    todo = [manifest.key]
    while todo:
        one = known.get(todo.pop())
        if one is not None and one.kind == "sample":
            shards.add(one.key)
        elif one is not None:
            todo += one.recipe["inputs"].values()
    return sum(_count(known[key].recipe["config"]) for key in shards)


def _count(config: Mapping[str, Any]) -> int:
    """Return the images of a shard."""
    return int(config["stop"]) - int(config["start"])
