"""`etanche dossier`: all that one controller hands to the authority's inspector, in one folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError


def dossier(
    context: typer.Context,
    case: Annotated[Path | None, typer.Option("--case", metavar="DIR", readable=False, help="Case folder.")] = None,
    controller: Annotated[str | None, typer.Option("--controller", metavar="CODE", help="Whose.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE-dossier, a new folder.")
    ] = None,
    documents: Annotated[
        Path | None,
        typer.Option("--from", metavar="OUT", readable=False, help="Where etanche respond --to wrote the documents."),
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", metavar="FOLDER", readable=False, help="Is a folder as it was handed over? Alone."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest, and nothing else, on stdout.")] = False,
) -> int:
    """Write the file of a controller for the inspector: decisions, deadlines, figures, receipts, custody."""
    from etanche.responding import filing

    terminal: Terminal = context.obj
    if check is not None:
        if case or controller or to or documents:
            raise UserError("dossier_options", ExitCode.USAGE)
        return _check(terminal, check)
    if case is None or controller is None or to is None:
        raise UserError("dossier_options", ExitCode.USAGE)
    done = filing.file_of(case, controller, to, documents, terminal.config)
    if as_json:
        typer.echo(json.dumps(done.manifest, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    said, words = done.manifest, terminal.words
    told = {"files": len(said["files"]) + 2, "head": said["custody_head"], "path": done.folder}
    terminal.tell(words("dossier.written", controller=said["controller"], **told))
    if done.missing:
        listed = "; ".join(words(f"dossier.missing.{code}") for code in done.missing)
        terminal.say(words("dossier.missing_some", missing=listed))
    return int(ExitCode.DONE)


def _check(terminal: Terminal, folder: Path) -> int:
    from etanche.responding import filing

    wrong, head = filing.check(folder)
    if wrong:
        terminal.tell(terminal.words("dossier.wrong", names=", ".join(wrong)))
        return int(ExitCode.FAILED)
    terminal.tell(terminal.words("dossier.sound", head=head))
    return int(ExitCode.DONE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dossier")(dossier)
