"""`etanche dossier`: all that one controller hands to the authority's inspector, in one folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.responding.filing import Filed


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
    every: Annotated[bool, typer.Option("--all", help="Of every controller, each in a folder of its own.")] = False,
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
        if case or controller or to or documents or every:
            raise UserError("dossier_options", ExitCode.USAGE)
        return _check(terminal, check)
    if case is None or to is None or (controller is None) != every:
        raise UserError("dossier_options", ExitCode.USAGE)
    if every:
        found = filing.file_all(case, to, documents, terminal.config)
    else:
        found = (filing.file_of(case, controller or "", to, documents, terminal.config),)
    if as_json:
        manifests = [each.manifest for each in found]
        typer.echo(json.dumps(manifests if every else manifests[0], ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    for each in found:
        _tell(terminal, each)
    return int(ExitCode.DONE)


def _tell(terminal: Terminal, filed: Filed) -> None:
    said, words = filed.manifest, terminal.words
    told = {"files": len(said["files"]) + 2, "head": said["custody_head"], "path": filed.folder}
    terminal.tell(words("dossier.written", controller=said["controller"], **told))
    if filed.missing:
        listed = "; ".join(words(f"dossier.missing.{code}") for code in filed.missing)
        terminal.say(words("dossier.missing_some", missing=listed))


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
