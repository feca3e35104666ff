"""`etanche respond`: what each controller owes, by when; `etanche respond status`: how far the clocks have run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from etanche.cli.options import Case, KeyFile
from etanche.cli.owed import details, show
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError
from etanche.words import LANGUAGES

commands = typer.Typer(help="What each controller owes, by when.", no_args_is_help=False)


@commands.callback(invoke_without_command=True)
def respond(
    context: typer.Context,
    case: Annotated[Path | None, typer.Option("--case", metavar="DIR", readable=False, help="Case folder.")] = None,
    controllers: Annotated[
        Path | None,
        typer.Option("--controllers", metavar="FILE", readable=False, help="CSV: a controller a line."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CONTROLLER/… instead of into the case."),
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Make a case without a file: a claim, a screenshot.")] = False,
    basis: Annotated[
        str, typer.Option("--basis", help="With --new: claim, screenshot, lines or ransomware.")
    ] = "claim",
    persons: Annotated[
        str, typer.Option("--persons", metavar="N", help="With --new: 500, 100-5000 or unknown.")
    ] = "unknown",
    packs: Annotated[
        list[str] | None, typer.Option("--with", metavar="PACK", help="Law that is off unless asked for: nis2, cra.")
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", metavar="LANG", help="en: documents in English too, where it is useful."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")] = False,
    key_file: KeyFile = None,
) -> int:
    """Work out what each controller owes, by when, with the other readings of the law."""
    if context.invoked_subcommand is not None:
        return int(ExitCode.DONE)
    from etanche import responding

    terminal: Terminal = context.obj
    for name, given in (("--case", case), ("--controllers", controllers)):
        if given is None:
            raise UserError("usage_missing", ExitCode.USAGE, name=name)
    if basis not in set(responding.Basis):
        raise UserError("respond_basis", ExitCode.USAGE)
    options = responding.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    if not set(language or ()) <= set(LANGUAGES):
        raise UserError("respond_language", ExitCode.USAGE, languages=", ".join(LANGUAGES))
    with terminal.progress() as progress:
        request = responding.RespondRequest(
            case=Path(case or ""), controllers=Path(controllers or ""), to=to, new=new, basis=responding.Basis(basis),
            persons=persons, switched_on=frozenset(packs or ()), languages=tuple(language or ()), keys=options,
            progress=progress,
        )  # fmt: skip
        done = responding.respond_case(request, terminal.config)
    if as_json:
        _print(done.document)
    else:
        show(terminal, done.document, case)
        place = to if to is not None else Path(case or "") / "respond"
        told = "respond.documents" if to is not None else "respond.written"
        terminal.say(terminal.words(told, count=len(done.document["controllers"]), path=place))
        if to is None:
            terminal.say(terminal.words("respond.no_documents"))
        for entry in done.document["controllers"]:
            for name in entry.get("kept", ()):
                terminal.say(terminal.words("respond.kept", path=Path(entry["code"]) / name))
    return int(done.exit_code)


@commands.command("status")
def status(
    context: typer.Context,
    case: Case,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CODE", help="This controller alone; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")] = False,
) -> int:
    """Show each duty with the time left, and what is missing."""
    from etanche import responding

    terminal: Terminal = context.obj
    done = responding.status(case, terminal.config, tuple(only or ()))
    if as_json:
        _print(done.document)
    else:
        details(terminal, done.document)
    return int(done.exit_code)


def _print(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))


def register(app: typer.Typer) -> None:
    """Add the command and its subcommand."""
    app.add_typer(commands, name="respond")
