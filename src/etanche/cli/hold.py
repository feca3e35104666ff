"""`etanche hold` and `etanche release`: legal hold."""

from __future__ import annotations

from typing import Annotated

import typer

from etanche.cli.options import By, Case
from etanche.cli.terminal import Terminal

Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]


def hold(context: typer.Context, case: Case, reason: Why, by: By) -> None:
    """Place a case under legal hold: nothing of it may be destroyed."""
    from etanche import casework

    terminal: Terminal = context.obj
    casework.hold(case, terminal.config, reason, by)
    terminal.tell(terminal.words("cli.held"))


def release(context: typer.Context, case: Case, reason: Why, by: By) -> None:
    """Lift the legal hold of a case."""
    from etanche import casework

    terminal: Terminal = context.obj
    casework.release(case, terminal.config, reason, by)
    terminal.tell(terminal.words("cli.released"))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("hold")(hold)
    app.command("release")(release)
