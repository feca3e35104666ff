"""`etanche exposure`: what a controller may be fined at most, for counsel alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.options import Case
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode


def exposure(
    context: typer.Context,
    case: Case,
    controller: Annotated[str, typer.Option("--controller", metavar="CODE", help="Whose.")],
    turnover: Annotated[
        str,
        typer.Option("--turnover", metavar="EUROS", help="Worldwide, of the year before: 12.5M, 10M..15M, unknown."),
    ] = "unknown",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE/privileged/exposure.*.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")] = False,
) -> int:
    """Work out the ceilings of both tiers of fines; never part of the file for an inspector."""
    from etanche.responding import exposing

    terminal: Terminal = context.obj
    done = exposing.expose(case, controller, turnover, to, terminal.config)
    if as_json:
        typer.echo(json.dumps(done.document, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    for line in exposing.lines(done.document, terminal.config.language):
        terminal.tell(line)
    for path in done.files:
        terminal.say(terminal.words("decide.worksheet.written", path=path))
    return int(ExitCode.DONE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("exposure")(exposure)
