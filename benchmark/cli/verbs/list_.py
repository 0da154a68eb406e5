"""``bench list``: what there is to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmark.cli import options
from benchmark.errors import UserError, nearest
from benchmark.registry import targets

if TYPE_CHECKING:
    from benchmark.registry.extractors import ListedExtractor
    from benchmark.registry.registry import Registry

app = typer.Typer(rich_markup_mode=None)


class Kind(StrEnum):
    """What can be listed."""

    SUITES = "suites"
    GENERATORS = "generators"
    TASKS = "tasks"
    DATASETS = "datasets"
    EXTRACTORS = "extractors"
    PROTOCOLS = "protocols"


def _kind(name: str) -> Kind:
    if name not in list(Kind):
        raise UserError(f"bench list {name}: there is nothing of that kind. {nearest(name, Kind)}")
    return Kind(name)


def _kinds(incomplete: str) -> list[str]:
    return [kind for kind in Kind if kind.startswith(incomplete)]


@app.command("list")
def list_(
    kind: Annotated[
        Kind,
        typer.Argument(help="What to list.", parser=_kind, metavar=f"{{{','.join(Kind)}}}", autocompletion=_kinds),
    ],
    registry: options.Registries = None,
    as_json: options.AsJson = False,
) -> None:
    """List suites, generators, tasks, datasets, extractors or protocols."""
    from benchmark.cli import table
    from benchmark.protocol import named
    from benchmark.registry import discovery
    from benchmark.registry.variants import Catalogue
    from benchmark.suite import catalogue

    rows: list[dict[str, object]]
    if kind is Kind.SUITES:
        rows = [
            {
                "name": suite.name,
                "version": suite.version,
                "dataset": suite.dataset.name,
                "summary": suite.summary,
            }
            for suite in catalogue.installed()
        ]
    elif kind is Kind.GENERATORS:
        rows = [
            {"name": one.name, "kind": one.variant.kind, "from": one.origin, "summary": one.variant.summary}
            for one in Catalogue.discover(registry or ())
        ]
    elif kind is Kind.EXTRACTORS:
        extractors = Catalogue.discover(registry or ()).extractors
        rows = [{"name": one.name, "from": one.origin, "summary": _summary_of(one)} for one in extractors]
    elif kind is Kind.PROTOCOLS:
        rows = [
            {"name": name, "digest": found.protocol.digest, "summary": found.summary}
            for name, found in named.everything().items()
        ]
    else:
        rows = list(_summaries(discovery.tasks() if kind is Kind.TASKS else discovery.datasets()))
    table.show(rows, as_json=as_json)


def _summaries(registry: Registry[Any]) -> Iterator[dict[str, object]]:
    for entry in registry:
        yield {"name": entry.name, "from": entry.origin, "summary": _summary(partial(registry.load, entry.name))}


def _summary_of(one: ListedExtractor) -> str:
    """Return an extractor's summary: its entry's own, or that of its class."""
    return one.entry.summary or _summary(lambda: targets.load(one.entry.extractor, relative_to=one.folder))


def _summary(load: Callable[[], Any]) -> str:
    """Return the summary of what is loaded; what does not load must not hide the others."""
    try:
        return str(load().summary)
    except Exception as error:
        return f"(does not load: {error})"
