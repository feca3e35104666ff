"""`etanche persons`: who is who among the rows of a leak."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode


def persons(
    context: typer.Context,
    case: Case,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts, and nothing else, on stdout.")] = False,
    key_file: KeyFile = None,
) -> int:
    """Count the persons of a leak closely: its rows compared with one another, typing errors and marriages included."""
    from etanche import linking

    terminal: Terminal = context.obj
    options = linking.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    with terminal.progress() as progress:
        said = linking.persons_of_case(linking.PersonsRequest(case, options, progress), terminal.config)
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        counted = {"rows": said["rows"], "persons": said["persons"], "census": said["census_persons"]}
        terminal.say(terminal.words("persons.counted", **counted))
    return int(ExitCode.DONE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("persons")(persons)
