"""`etanche custody`: is the case as étanche left it?"""

from __future__ import annotations

from typing import Annotated

import typer

from etanche.cli.options import Case
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode


def custody(
    context: typer.Context,
    case: Case,
    head: Annotated[str | None, typer.Option(metavar="HASH", help="Head of the chain, as a report printed it.")] = None,
) -> int:
    """Check the custody log, every result and every sealed part."""
    from etanche import casework

    terminal: Terminal = context.obj
    found = casework.check_custody(case, terminal.config, head)
    code = "ok" if found.fault is None else str(found.fault)
    line = terminal.words(
        f"casefile.verify.{code}", entries=found.entries, head=found.head, seq=found.seq, file=found.file
    )
    terminal.tell(line)
    return int(ExitCode.DONE if found.ok else ExitCode.FAILED)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("custody")(custody)
