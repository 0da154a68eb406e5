"""``bench validate``: whether a suite or a generator keeps its contract."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmark.cli import completion, options
from benchmark.errors import ExitCode

app = typer.Typer(rich_markup_mode=None)

STATES = {True: "kept", False: "BROKEN", None: "nothing to check"}
"""How a finding is shown."""


@app.command()
def validate(
    suite: Annotated[
        str,
        typer.Option(
            "--suite",
            "-s",
            envvar="BENCH_SUITE",
            metavar="NAME",
            help="Suite to check, or to check on.",
            autocompletion=completion.suites,
        ),
    ] = "demo",
    generator: options.Generators = None,
    data_root: options.DataRoot = None,
    device: options.Device = "auto",
    registry: options.Registries = None,
    as_json: options.AsJson = False,
) -> None:
    """Check a suite, or run generators through the conformance checks on a few of its images; status 1 on a breach."""
    from benchmark.cli import table
    from benchmark.conformance import checks
    from benchmark.execution import preflight
    from benchmark.plan import resolve
    from benchmark.session import Choice, read

    choice = Choice(suite, tuple(generator or ()), (), data_root, device, None, tuple(registry or ()), offline=True)
    checked, variants = read(choice)
    resolve.check_suite(checked, data_root)
    for name in checked.extractors:
        resolve.check_extractor(variants.extractors.get(name))
    # Of a name that nobody knows, the plan of its trial tells.
    for name in [name for name in generator or checked.variants if name in variants.names()]:
        preflight.check_variant(variants.get(name))
    if not generator:
        table.note(f"Suite '{suite}' is valid.")
        if as_json:
            table.show([], as_json=True)
        return
    findings = [finding for name in generator for finding in checks.of_generator(choice, name)]
    rows: list[dict[str, object]] = [
        {
            "generator": one.generator,
            "check": one.check,
            "state": STATES[one.kept],
            "what": one.what,
        }
        for one in findings
    ]
    table.show(rows, as_json=as_json)
    raise typer.Exit(int(ExitCode.COMPLETE if all(one.kept is not False for one in findings) else ExitCode.PARTIAL))
