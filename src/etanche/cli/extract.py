"""`etanche extract`: any files made clean tables."""

from __future__ import annotations

import gc
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.extraction import Extracted

_SHOWN = 20
"""How many files that could not be read are named on the screen; the manifest names all."""


def extract(
    context: typer.Context,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", readable=False, help="New or empty folder for them.")],
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", readable=False, help="Files and folders to read.")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="csv|parquet", help="What tables are written as.")] = "csv",
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Passwords, one a line, tried on whatever is locked."),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Remove the extraction that is in DIR and start afresh.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest, and nothing else, on stdout.")] = False,
) -> int:
    """Make clean tables of any files: UTF-8 CSV or Parquet, cells untouched, with a manifest."""
    from etanche import extraction

    terminal: Terminal = context.obj
    if not paths:
        raise UserError("extract_nothing", ExitCode.USAGE)
    # What a closed terminal or a shutdown sends ends as Ctrl-C does: nothing half-written stays.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)
    # Thousands of files may be opened: what they leave in cycles must go, what the program is made of stays.
    gc.freeze()
    gc.enable()
    request = extraction.ExtractRequest(tuple(paths), to, form, password_file, new)
    try:
        with terminal.progress() as progress:
            listening = terminal.err.is_terminal
            hooks = extraction.Hooks((lambda done, total: progress("reading", done, total)) if listening else None)
            done = extraction.extract(request, terminal.config, hooks)
    except KeyboardInterrupt:
        raise UserError("extract_interrupted") from None
    if as_json:
        typer.echo(done.document, nl=False)
    _tell(terminal, done, to, quiet=as_json)
    return int(done.exit_code)


def _tell(terminal: Terminal, done: Extracted, to: Path, *, quiet: bool) -> None:
    """Say what could not be read and where the tables are.  Raises `UserError` when there are none."""
    words, faults = terminal.words, done.faults
    nothing = done.exit_code is ExitCode.UNREADABLE
    if nothing and len(faults) == 1:
        raise faults[0]
    for fault in faults[:_SHOWN]:
        terminal.say(done.said(fault))
    if len(faults) > _SHOWN:
        terminal.say(words("extract.more_unread" if nothing else "extract.more", count=len(faults) - _SHOWN))
    if nothing:
        raise UserError("extract_nothing_read", ExitCode.UNREADABLE, count=len(faults))
    if aside := done.total("quarantined"):
        terminal.say(words("extract.set_aside", count=aside))
    terminal.say(words("extract.notice", path=to))
    if not quiet:
        terminal.tell(words("extract.done", tables=done.tables, rows=done.total("rows"), path=to))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("extract")(extract)
