"""Suites planned and run, or only told what would be done: what `bench run` and `bench evaluate` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark import digests
from benchmark.cli import dry, invoke, references_page, results_table, table
from benchmark.errors import ExitCode, plain
from benchmark.execution import preflight
from benchmark.execution.run import exit_code
from benchmark.session import Choice, make_plan
from benchmark.store.store import Store
from benchmark.tracking import target


def perform(
    choices: Sequence[Choice], store: Path, *, quiet: bool, tracking: bool, uri: str | None, dry_run: bool,
    as_json: bool, paces: dry.Paces | None = None,
) -> ExitCode:  # fmt: skip
    """Run suites one after the other and print their results, or what would be done.

    Args:
        choices: A suite each.
        store: Folder of finished work.
        quiet: Whether no progress is shown.
        tracking: Whether results go to MLflow.
        uri: Its server or database; None for one in the store.
        dry_run: Whether nothing is done.
        as_json: Whether a program is to read what is printed.
        paces: As `dry.paces` returns them.

    Returns:
        The exit code of all of them.

    Raises:
        UserError: If a name is unknown or something needed is not there, before any work.
    """
    opened = Store(store, make=False)
    place = target.resolve(opened.root, uri) if tracking else None
    # Planning hashes data and weights; without work to follow, nothing is left behind for the sake of a memo.
    remembers = opened.is_there or not dry_run
    known = (opened.digest_of, opened.digest_of_files) if remembers else (digests.of_file, None)
    plans = [make_plan(choice, *known) for choice in choices]
    if not quiet:
        for note in (note for plan in plans for note in references_page.notes(plan)):
            table.note(plain(note))
    if dry_run:
        for plan in plans:
            preflight.check(plan.possible)
        rows = [row for plan in plans for row in dry.rows(plan, opened, in_words=not as_json, paces=paces)]
        table.show(rows, as_json=as_json)
        for note in dict.fromkeys(note for plan in plans for note in dry.notes(plan)):
            table.note(note)
        return ExitCode.COMPLETE
    runs = [
        invoke.run(plan, opened, limit=choice.limit, quiet=quiet, as_json=as_json, tracking=place)
        for choice, plan in zip(choices, plans, strict=True)
    ]
    if as_json:
        results_table.show_json([record for records in runs for record in records])
    return _worst([exit_code(records) for records in runs])


def _worst(codes: list[ExitCode]) -> ExitCode:
    """Return the code of several suites: nothing measured only where that holds for all."""
    if all(code is ExitCode.COMPLETE for code in codes):
        return ExitCode.COMPLETE
    return ExitCode.NOTHING if all(code is ExitCode.NOTHING for code in codes) else ExitCode.PARTIAL
