"""Commands that hold others."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from benchmark.errors import UserError, nearest


class NamingGroup(TyperGroup):
    """A group that names the nearest command where there is none of the name given."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the arguments begin with.

        Raises:
            UserError: If there is none of that name.
        """
        name = args[0]
        if not ctx.resilient_parsing and not name.startswith("-") and self.get_command(ctx, name) is None:
            raise UserError(
                f"There is no command '{ctx.command_path} {name}'. {nearest(name, self.list_commands(ctx))}"
            )
        return super().resolve_command(ctx, args)
