"""``bench track``: send results to MLflow that are not there yet."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import options
from benchmark.errors import ExitCode

app = typer.Typer(rich_markup_mode=None)


@app.command()
def track(
    store: options.StoreDir = options.DEFAULT_STORE,
    tracking_uri: options.TrackingUri = None,
    data_root: options.DataRoot = None,
    as_json: options.AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", envvar="BENCH_QUIET", help="No progress.")] = False,
) -> None:
    """Send all results of a store to MLflow that are not there yet; status 1 if some could not be sent."""
    import sys

    from benchmark.cli import table
    from benchmark.errors import plain
    from benchmark.store.store import Store
    from benchmark.tracking import target
    from benchmark.tracking.replay import Replay

    opened = Store.existing(store)
    place = target.resolve(opened.root, tracking_uri)

    def advance(done: int, total: int) -> None:
        if not quiet and sys.stderr.isatty():
            print(f"\r{done} of {total} variants and seeds", end="\n" if done == total else "", file=sys.stderr)

    done = Replay(place, opened, data_root, advance).run()
    for problem in done.problems:
        table.note(plain(f"note: {problem}"))
    if as_json:
        table.show([{"sent": done.sent, "there": done.there, "failed": done.failed}], as_json=True)
    else:
        print(f"{done.sent} results sent to {place.shown}, {done.there} were there already{_failures(done.failed)}.")
    raise typer.Exit(int(ExitCode.PARTIAL if done.failed else ExitCode.COMPLETE))


def _failures(count: int) -> str:
    return f", {count} could not be sent" if count else ""
