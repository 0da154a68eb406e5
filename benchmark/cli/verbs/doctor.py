"""``bench doctor``: whether this installation is in order."""

from __future__ import annotations

import typer

from benchmark.cli import options
from benchmark.errors import ExitCode

app = typer.Typer(rich_markup_mode=None)


@app.command()
def doctor(store: options.StoreDir = options.DEFAULT_STORE, as_json: options.AsJson = False) -> None:
    """Check this installation: packages, shadowed names, entry points, device, disk; status 1 if anything is wrong."""
    from benchmark.cli import health, table

    findings = list(health.examine(store))
    rows: list[dict[str, object]] = [
        {"check": one.check, "state": "ok" if one.sound else "PROBLEM", "what": one.what} for one in findings
    ]
    table.show(rows, as_json=as_json)
    raise typer.Exit(int(ExitCode.COMPLETE if all(one.sound for one in findings) else ExitCode.PARTIAL))
