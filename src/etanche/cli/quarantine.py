"""`etanche quarantine`: the lines that were set aside."""

from __future__ import annotations

from typing import Annotated

import typer

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal, printable


def quarantine(
    context: typer.Context,
    case: Case,
    clear: Annotated[bool, typer.Option("--clear", help="Show the lines as leaked. It is logged.")] = False,
    key_file: KeyFile = None,
) -> None:
    """Show the lines set aside: line, byte, reason, and their shape (letters x, digits 9)."""
    from etanche import casework

    terminal: Terminal = context.obj
    options = casework.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    count = 0
    for each in casework.read_quarantine(case, terminal.config, options, clear=clear):
        reason = terminal.words(f"report.quarantine.{each.reason}")
        place = f"{printable(each.place)}\t" if each.place else ""
        typer.echo(f"{place}{each.line}\t{each.offset}\t{reason}\t{printable(each.text)}")
        count += 1
    terminal.say(terminal.words("cli.quarantine_count", count=count))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("quarantine")(quarantine)
