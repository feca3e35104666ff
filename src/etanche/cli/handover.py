"""`etanche handover`: one controller's own part of a case, sealed to its own key."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError


def handover(
    context: typer.Context,
    case: Case,
    name: Annotated[str, typer.Option("--name", metavar="LAB", help="Whose list.")],
    to: Annotated[Path, typer.Option("--to", metavar="DIR", readable=False, help="Write the sealed part there.")],
    recipient: Annotated[
        str | None,
        typer.Option("--recipient", metavar="AGE1", help="The controller's own key; without it one is made."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was handed over, and nothing else.")] = False,
    key_file: KeyFile = None,
) -> int:
    """Give one controller its own part: list, addresses, rows, counts, log; and nothing of any other's."""
    from etanche import linking

    terminal: Terminal = context.obj
    options = linking.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    with _place(to):
        handed = linking.hand_over(linking.HandoverRequest(case, name, to, recipient, options), terminal.config)
    said = {
        "name": handed.name,
        "file": str(handed.file),
        "recipient": handed.recipient,
        "key_made": handed.key_made and str(handed.key_made),
        "persons": handed.persons,
        "rows": handed.rows,
        "withheld": handed.withheld,
    }
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    terminal.tell(terminal.words("linking.handover.written", **{**said, "path": handed.file}))
    if handed.withheld:
        terminal.tell(terminal.words("linking.handover.withheld", count=handed.withheld))
    if handed.key_made is not None:
        terminal.say(terminal.words("linking.handover.key_made", path=handed.key_made))
    return int(ExitCode.DONE)


_PROBLEMS = {
    "case_not_permitted": errno.EACCES,
    "case_no_space": errno.ENOSPC,
    "case_not_a_folder": errno.ENOTDIR,
}


@contextmanager
def _place(to: Path) -> Iterator[None]:
    """Say of a fault of the place that is written to that it is that of `--to`."""
    try:
        yield
    except UserError as error:
        path = Path(str(error.params.get("path", "")))
        if error.code not in _PROBLEMS or not path.resolve().is_relative_to(to.resolve()):
            raise
        raise UserError(
            "handover_place", ExitCode.FAILED, path=str(path), problem=os.strerror(_PROBLEMS[error.code])
        ) from error
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("handover_place", ExitCode.FAILED, path=str(to), problem=problem) from error


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("handover")(handover)
