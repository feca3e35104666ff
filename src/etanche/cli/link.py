"""`etanche link`: which persons of a controller's registry are in the leak."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.lists import explain, write_letters
from etanche.cli.options import Case, KeyFile, content
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError


def link(
    context: typer.Context,
    case: Case,
    registry: Annotated[
        Path | None,
        typer.Option("--registry", metavar="FILE", readable=False, help="The registry: any file that is read."),
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="KEY", help="Explain one person of a list, by the registry's key.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", readable=False, help="With --why: the same as a page.")
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="With --why: values as they are. It is logged.")] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="DIR",
            readable=False,
            help="Write who is to be told, for who prints elsewhere; as the letters stand, where there are any.",
        ),
    ] = None,
    own: Annotated[bool, typer.Option("--own", help="You are the controller of this registry. It is logged.")] = False,
    mandate: Annotated[
        Path | None,
        typer.Option(
            "--mandate", metavar="FILE", readable=False, help="TOML: controller, scope, until (a day), signed_by."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="LAB", help="Name of the controller's list.")] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="OUT.parquet", readable=False, help="Write keys and decisions there."),
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", readable=False, help="Corrected kinds and roles of its columns."),
    ] = None,
    table: Annotated[str | None, typer.Option(help="Which table, when the registry holds several.")] = None,
    password_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Passwords, one a line, tried on whatever is locked."),
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="FILE", readable=False, help="Weights that --train wrote.")
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option("--train", metavar="FILE", readable=False, help="Write the weights that this case teaches there."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Make a list that is there anew; what was judged of it is lost.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts, and nothing else, on stdout.")] = False,
    key_file: KeyFile = None,
) -> int:
    """Say exactly who of a registry is in the leak: notify, review, or not."""
    from etanche import linking

    terminal: Terminal = context.obj
    if [registry, why, export].count(None) != 2:
        raise UserError("link_one_thing", ExitCode.USAGE)
    options = linking.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    if why is not None:
        return explain(terminal, linking.WhyRequest(case, why, name, clear, options), html, as_json)
    if export is not None:
        from etanche.responding.letters_standing import standing

        linking.outside(export, case)
        letters = standing(case, name, options, terminal.config)
        return write_letters(terminal, linking.ExportRequest(case, export, name, letters, options), as_json)
    given, file = content(corrections), content(model)
    weights = None if file is None else linking.read_model(file, str(model))
    with terminal.progress() as progress:
        request = linking.LinkRequest(
            case=case, registry=registry or Path(), own=own, mandate=mandate, name=name, again=again, to=to,
            corrections=given, table=table, model=weights, train=train,
            passwords=password_file, keys=options, progress=progress,
            notice=terminal.notice,
        )  # fmt: skip
        linked = linking.link_registry(request, terminal.config)
    if as_json:
        typer.echo(json.dumps(linked.document, ensure_ascii=False, indent=1))
        return int(linked.exit_code)
    said = linked.document
    for column in said["registry"]["columns"]:
        if column["kind"] not in {"unknown", "empty", "constant"}:
            terminal.tell(f"  {column['name']}: {terminal.words('report.kind.' + column['kind'])}")
    terminal.tell(
        terminal.words(
            "cli.linked",
            persons=said["registry"]["persons"],
            notify=said["notify"],
            review=said["review"],
            rows=said["rows"],
            wrong=said["error"]["wrong_expected"],
        )
    )
    for each in said["warnings"]:
        terminal.tell(
            terminal.words(f"linking.warning.{each['code']}", **{k: v for k, v in each.items() if k != "code"})
        )
    return int(linked.exit_code)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)
