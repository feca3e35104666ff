"""`etanche lexicon`: what étanche knows of names, places and medicines, from where, and what the user adds to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.terminal import Terminal

_COLUMNS = ("name", "title", "publisher", "licence", "date", "size", "entries")

commands = typer.Typer(help="Show the word lists, or add your own.", no_args_is_help=False)


@commands.callback(invoke_without_command=True)
def lexicon(context: typer.Context) -> None:
    """Show each word list: what, from whom, under which licence, of what date and size; or add your own."""
    if context.invoked_subcommand is not None:
        return
    from etanche import casework

    terminal: Terminal = context.obj
    words = terminal.words
    table = Table(box=None, title=words("cli.lexicon_title"), title_justify="left")
    for heading in _COLUMNS:
        table.add_column(words(f"cli.lexicon.{heading}"), justify="right" if heading in _COLUMNS[-2:] else "left")
    for listing in casework.lists(terminal.config):
        shown = {
            "title": listing.title if listing.publisher else words("cli.lexicon.own", kind=listing.title),
            "publisher": listing.publisher or words("cli.lexicon.yours"),
            "size": words("cli.lexicon.bytes", size=-(-listing.size // 1000)),
        }
        table.add_row(*(Text(str(shown.get(column, getattr(listing, column)))) for column in _COLUMNS))
    terminal.out.print(table)


@commands.command("add")
def add(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An entry a line; for topics, TOML.")],
    kind: Annotated[
        str,
        typer.Option("--as", help="surnames, first_names, communes, medicines, passwords or topics."),
    ],
    name: Annotated[str | None, typer.Option("--name", help="What to call the list; default: the file's name.")] = None,
) -> None:
    """Add a list of your own: every triage after this one uses it, and its log says so."""
    from etanche import casework

    terminal: Terminal = context.obj
    listing = casework.add_list(file, kind, name, terminal.config)
    terminal.say(terminal.words("cli.lexicon.added", name=listing.name, kind=kind, entries=listing.entries))


@commands.command("remove")
def remove(
    context: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a list of your own.")]
) -> None:
    """Remove a list of your own; those that étanche ships stay."""
    from etanche import casework

    terminal: Terminal = context.obj
    casework.remove_list(name, terminal.config)
    terminal.say(terminal.words("cli.lexicon.removed", name=name))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.add_typer(commands, name="lexicon")
