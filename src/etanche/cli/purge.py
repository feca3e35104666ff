"""`etanche purge`: destroy the data of a case, or the case."""

from __future__ import annotations

from typing import Annotated

import typer

from etanche.cli.options import Case
from etanche.cli.terminal import Terminal


def purge(
    context: typer.Context,
    case: Case,
    data: Annotated[
        bool, typer.Option("--data", help="Rows and letters only: register, decisions, receipts and hashes stay.")
    ] = False,
) -> None:
    """Destroy a case, or its data alone; refused under legal hold."""
    from etanche import casework

    terminal: Terminal = context.obj
    words = terminal.words
    receipt = casework.purge(case, terminal.config, data_only=data)
    scope = "data" if data else "all"
    lines = [
        words(f"casefile.purge.{scope}", time=receipt.time, files=receipt.files, bytes=receipt.bytes, seq=receipt.seq),
        words("casefile.purge.receipt", seq=receipt.seq, head=receipt.head),
    ]
    if receipt.key_destroyed:
        lines.append(words("casefile.purge.key_destroyed"))
    elif receipt.key_needed:
        lines.append(words("casefile.purge.key_kept"))
    elif receipt.key_file is not None:
        lines.append(words("casefile.purge.key_left", path=receipt.key_file))
    else:
        lines.append(words("casefile.purge.key_maybe"))
    lines.append(words("casefile.purge.disk"))
    for line in lines:
        terminal.tell(line)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("purge")(purge)
