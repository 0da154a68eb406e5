"""What a name stands for, as plain values."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.errors import UserError, nearest
from benchmark.protocol import named
from benchmark.registry import discovery, targets
from benchmark.registry.extractors import ListedExtractor
from benchmark.registry.registry import Registry
from benchmark.registry.variants import Catalogue
from benchmark.suite import catalogue


def everything_named(name: str, registries: Sequence[Path]) -> dict[str, Any]:
    """Return what a name stands for; suites come first, then generators, extractors, protocols, tasks, datasets.

    Raises:
        UserError: If nothing has the name.
    """
    variants = Catalogue.discover(registries)
    if name in catalogue.paths() or name.endswith((".yaml", ".yml")):
        suite = catalogue.read(name)
        return {"suite": suite.identifier, "digest": suite.digest, **suite.model_dump(mode="json")}
    if name in variants.names():
        listed = variants.get(name)
        return {"generator": name, "from": listed.origin, **listed.variant.model_dump(mode="json")}
    if name in variants.extractors:
        return _of_extractor(variants.extractors.get(name))
    protocols = named.everything()
    if name in protocols:
        return _of_protocol(name, protocols[name])
    parts: dict[str, Registry[Any]] = {"task": discovery.tasks(), "dataset": discovery.datasets()}
    for noun, part in parts.items():
        if name in part:
            return {noun: name, **_of_class(part, name)}
    known = [
        *catalogue.paths(),
        *variants.names(),
        *variants.extractors.names(),
        *protocols,
        *(entry.name for part in parts.values() for entry in part),
    ]
    raise UserError(f"Nothing is named '{name}'. {nearest(name, known)}")


def _of_extractor(listed: ListedExtractor) -> dict[str, Any]:
    """Return an extractor's entry, with what its class adds."""
    entry = listed.entry
    loaded: Any = targets.load(entry.extractor, relative_to=listed.folder)
    taken = {key: value for key, value in _parameters(loaded).items() if key != "weights"}
    found: dict[str, Any] = {
        "extractor": listed.name,
        "from": listed.origin,
        "class": entry.extractor,
        "version": loaded.version,
        "summary": entry.summary or loaded.summary,
        "parameters": json.loads(json.dumps({**taken, **entry.params}, default=str)),
    }
    if entry.weights is not None:
        found["weights"] = entry.weights.model_dump(mode="json", exclude_none=True)
    return found


def _of_protocol(name: str, found: named.Named) -> dict[str, Any]:
    return {
        "protocol": name,
        "summary": found.summary,
        "digest": found.protocol.digest,
        "pixels": found.protocol.describe(),
        "rules": found.protocol.rules(),
        "values": [line._asdict() for line in found.lines()],
        "lacking": list(found.lacking),
    }


def _of_class(registry: Registry[Any], name: str) -> dict[str, Any]:
    loaded, entry = registry.load(name), registry.entry(name)
    found: dict[str, Any] = {
        "from": entry.origin,
        "class": entry.target,
        "version": loaded.version,
        "summary": loaded.summary,
        "parameters": json.loads(json.dumps(_parameters(loaded), default=str)),
    }
    metrics = [dataclasses.asdict(metric) for metric in getattr(loaded, "metrics", ())]
    if metrics:
        found["metrics"] = json.loads(json.dumps(metrics))
    return found


def _parameters(factory: Any) -> dict[str, Any]:
    return {
        name: "required" if parameter.default is parameter.empty else parameter.default
        for name, parameter in inspect.signature(factory).parameters.items()
    }
