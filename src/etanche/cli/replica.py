"""`etanche replica`: a synthetic twin of the leak of February 2021."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.terminal import Terminal


def replica(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", readable=False, help="Where to write it: a new or empty folder.")
    ],
    rows: Annotated[int, typer.Option(help="Rows of the leak.")] = 491_840,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 2021,
    delimiter: Annotated[str, typer.Option(help="; , tab or |")] = ";",
    encoding: Annotated[str, typer.Option(help="cp1252, latin-1, utf-8, utf-16…")] = "cp1252",
    columns: Annotated[str, typer.Option(help="Style of the names: legacy, english, snake or camel.")] = "legacy",
    no_header: Annotated[bool, typer.Option("--no-header", help="No line of names.")] = False,
    shuffle: Annotated[bool, typer.Option("--shuffle", help="Columns in another order.")] = False,
    date_layout: Annotated[str, typer.Option(help="Layout of dates.")] = "%d/%m/%Y",
    bom: Annotated[bool, typer.Option("--bom", help="Begin with a byte order mark.")] = False,
    quoted: Annotated[
        bool, typer.Option("--quoted", help="Comments that hold delimiters, quotes, line breaks.")
    ] = False,
    unix_lines: Annotated[bool, typer.Option("--lf", help="Lines end in LF instead of CRLF.")] = False,
) -> None:
    """Write a synthetic twin of the 2021 leak: leak, registries, exports, truth.json."""
    from etanche import casework

    terminal: Terminal = context.obj
    options = casework.ReplicaOptions(
        rows=rows,
        seed=seed,
        delimiter={"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter),
        encoding=encoding,
        header=not no_header,
        columns=columns,
        shuffle=shuffle,
        date_layout=date_layout,
        bom=bom,
        quoted=quoted,
        line_end="\n" if unix_lines else "\r\n",
    )
    with terminal.progress() as progress:
        casework.write_replica(directory, options, lambda done, total: progress("replica", done, total))
    terminal.tell(terminal.words("cli.replica_made", rows=rows, path=directory))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replica")(replica)
