"""The entry of ``bench``."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from typing import Annotated, Any

import typer

from benchmark import interrupts
from benchmark.cli.groups import NamingGroup
from benchmark.errors import ExitCode, UserError, is_full, plain
from benchmark.registry import discovery

WORKFLOW = (
    "run", "evaluate", "list", "show", "validate", "leaderboard", "score", "audit", "morphology", "track", "ui", "data",
    "weights", "store", "doctor",
)  # fmt: skip
"""Order of the verbs in the help; verbs of other packages follow by name."""

STOPPED = "\nStopped. Finished steps are kept; the same command continues from here."
"""What Ctrl-C and SIGTERM are answered with."""


class Verbs(NamingGroup):
    """The verbs that installed packages bring, each imported when it is called or helped."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all verbs, in the order of a user's work."""
        names = [entry.name for entry in discovery.verbs()]
        return sorted(names, key=lambda name: (WORKFLOW.index(name) if name in WORKFLOW else len(WORKFLOW), name))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a verb's command, or None where there is none of that name."""
        if cmd_name not in discovery.verbs():
            return None
        return typer.main.get_command(discovery.verbs().load(cmd_name))

    def invoke(self, ctx: Any) -> Any:
        """Call the verb. Typer would end a stopped one without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            print(STOPPED, file=sys.stderr)
            raise typer.Exit(int(ExitCode.INTERRUPTED)) from None


app = typer.Typer(
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        print(f"histobench {metadata.version('histobench')}")
        raise typer.Exit


@app.callback()
def bench(
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Benchmark generators of synthetic histology patches.

    Research use only: nothing here proves privacy or clinical fitness.
    """


def main() -> None:
    """Run ``bench``; a user's mistake is one message and status 2, never a traceback."""
    interrupts.listen()
    try:
        try:
            app()
        finally:
            # What is still held back is written now, while its failing can be answered.
            _flush()
    except UserError as error:
        print(plain(f"Error: {error}"), file=sys.stderr)
        raise SystemExit(int(ExitCode.USAGE)) from None
    except KeyboardInterrupt:
        print(STOPPED, file=sys.stderr)
        raise SystemExit(int(ExitCode.INTERRUPTED)) from None
    except OSError as error:
        if not is_full(error):
            raise
        print(
            f"Error: no space is left on the disk ({error.filename or 'of the store'}). Finished steps are kept; free "
            "some and give the same command again.",
            file=sys.stderr,
        )
        raise SystemExit(int(ExitCode.PARTIAL)) from None


def _flush() -> None:
    """Write what standard output holds back; that its reader has left changes nothing of how the command ended."""
    try:
        if sys.stdout is not None:  # As it is where the shell closed it (`>&-`).
            sys.stdout.flush()
    except OSError as error:
        # Or Python tries again at its very end, and adds a traceback and a status of its own.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise


if __name__ == "__main__":
    main()
