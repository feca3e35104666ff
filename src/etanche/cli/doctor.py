"""`etanche doctor`: what is installed, what is missing, what each missing part would add."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode


def doctor(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False
) -> int:
    """Say what is installed, what is missing, and what each missing part would add."""
    from etanche.doctor import examine

    terminal: Terminal = context.obj
    words = terminal.words
    findings = examine(terminal.config)
    broken = any(finding.needed and not finding.present for finding in findings)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings]))
        return int(ExitCode.FAILED if broken else ExitCode.DONE)
    table = Table(title=words("doctor.title"), box=None, title_justify="left")
    for finding in findings:
        state = words("doctor.present" if finding.present else "doctor.absent")
        table.add_row(
            Text(finding.name),
            Text(state),
            Text(printable(finding.version)),
            Text(words(f"doctor.adds.{finding.adds}")),
        )
    terminal.out.print(table)
    return int(ExitCode.FAILED if broken else ExitCode.DONE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)
