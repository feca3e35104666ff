"""`etanche lexicon`: what étanche knows of names, places and medicines, and from where."""

from __future__ import annotations

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.terminal import Terminal


def lexicon(context: typer.Context) -> None:
    """Show each word list: what, from whom, under which licence, of what date and size."""
    from etanche import casework

    terminal: Terminal = context.obj
    table = Table(box=None, title=terminal.words("cli.lexicon_title"), title_justify="left")
    for heading in ("name", "title", "publisher", "licence", "date"):
        table.add_column(terminal.words(f"cli.lexicon.{heading}"))
    for source in casework.lexicon_sources():
        table.add_row(*(Text(str(getattr(source, key))) for key in ("name", "title", "publisher", "licence", "date")))
    terminal.out.print(table)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("lexicon")(lexicon)
