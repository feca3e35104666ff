"""`etanche find`: one person's rows, asked for on the terminal, never on the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.linking import Asked

_FIELDS = ("surname", "first_name", "birth_date", "nir")
_BYTES = 64 * 1024


def find(
    context: typer.Context,
    case: Case,
    clear: Annotated[bool, typer.Option("--clear", help="Show the rows as leaked. It is logged.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; needed for --clear, and logged.")] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Read the identity as JSON on stdin; print the rows as JSON.")
    ] = False,
    key_file: KeyFile = None,
) -> int:
    """Find one person's rows: for the help line, for the right of access.  Limited, and logged."""
    from etanche import linking

    terminal: Terminal = context.obj
    if not (as_json or terminal.attended):
        raise UserError("find_unattended", ExitCode.USAGE)
    options = linking.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    asked = _typed(terminal) if terminal.attended else _read()
    said = linking.find(linking.FindRequest(case, clear, reason, options), asked, terminal.config)
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        _show(terminal, said)
    return int(ExitCode.DONE)


def _typed(terminal: Terminal) -> Asked:
    """Ask for an identity; what is not known is left empty."""
    from etanche.linking import Asked

    return Asked.of({name: terminal.ask(terminal.words(f"linking.find.ask.{name}")) for name in _FIELDS})


def _read() -> Asked:
    """Read an identity from standard input."""
    from etanche.linking import Asked

    try:
        said = json.loads(sys.stdin.buffer.read(_BYTES))
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not set(said) <= set(_FIELDS):
        raise UserError("find_input", ExitCode.USAGE)
    return Asked.of(said)


def _show(terminal: Terminal, said: dict[str, Any]) -> None:
    words = terminal.words
    for row in said["rows"]:
        title = words(f"linking.find.{'sure' if row['sure'] else 'maybe'}", row=row["row"], weight=row["weight"])
        table = Table(title=title, title_justify="left", show_header=False)
        table.add_column()
        table.add_column(overflow="fold")
        shown = row.get("cells") or {words(f"linking.field.{name}"): each for name, each in row["identity"].items()}
        for name, value in shown.items():
            table.add_row(Text(printable(name)), Text(printable(value)))
        families = ", ".join(words(f"linking.family.{family}") for family in row["families"])
        table.add_row(words("linking.find.families"), Text(families, style="bold"))
        if row["laboratory"]:
            table.add_row(words("linking.find.laboratory"), Text(printable(row["laboratory"])))
        terminal.out.print(table)
    terminal.tell(words("linking.find.count", found=said["found"], maybe=said["maybe"]))
    if not said["rows"]:
        terminal.tell(words("linking.find.none"))
    if said["others_under_number"]:
        terminal.tell(words("linking.find.others", count=said["others_under_number"]))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("find")(find)
