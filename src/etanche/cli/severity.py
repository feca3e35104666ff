"""`etanche severity`: the worksheet of a controller (ENISA 2013), with the EDPB's examples beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from etanche.cli.options import Case
from etanche.cli.terminal import Terminal
from etanche.errors import ExitCode, UserError


def severity(
    context: typer.Context,
    case: Case,
    controller: Annotated[str, typer.Option("--controller", metavar="CODE", help="Whose worksheet.")],
    dpc: Annotated[
        str | None, typer.Option("--dpc", metavar="CHOICE", help="Data context: 1 to 4, sensitive, simple+2.")
    ] = None,
    why_dpc: Annotated[str, typer.Option("--why-dpc", metavar="TEXT", help="Why.")] = "",
    ei: Annotated[
        str | None, typer.Option("--ei", metavar="CHOICE", help="Ease of identification: 0.25, 0.5, 0.75 or 1.")
    ] = None,
    why_ei: Annotated[str, typer.Option("--why-ei", metavar="TEXT", help="Why.")] = "",
    cb: Annotated[
        str | None, typer.Option("--cb", metavar="CHOICES", help="Circumstances: confidentiality=0.5,malicious=0.5.")
    ] = None,
    why_cb: Annotated[str, typer.Option("--why-cb", metavar="TEXT", help="Why.")] = "",
    by: Annotated[str | None, typer.Option("--by", metavar="NAME, ROLE", help="Who changes it.")] = None,
    like: Annotated[
        list[str] | None, typer.Option("--like", metavar="MARK", help="A mark of the breach: ransomware, device…")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE/documents/severity.*.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")] = False,
) -> int:
    """Fill in the severity worksheet of a controller; each change has a person and a reason."""
    from etanche.responding import weighing

    terminal: Terminal = context.obj
    stated = {}
    for term, chosen, why in (("dpc", dpc, why_dpc), ("ei", ei, why_ei), ("cb", cb, why_cb)):
        if chosen is not None and not why.strip():
            raise UserError("severity_why", ExitCode.USAGE, name=f"--{term}", term=term)
        if chosen is not None:
            stated[term] = (chosen, why)
    request = weighing.Weighing(case, controller, stated, by, frozenset(like or ()), to)
    done = weighing.weigh(request, terminal.config)
    said, result, words = done.document, done.document["result"], terminal.words
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    terms = {term: f"{result[term]:g}" for term in ("dpc", "ei", "cb", "score")}
    band = words(f"decide.band.{result['band']}")
    terminal.tell(words("decide.worksheet.said", controller=said["code"], band=band, **terms))
    if done.kept and stated:
        terminal.tell(words("decide.worksheet.kept", number=said["number"]))
    for line in weighing.alike(said, terminal.config.language):
        terminal.tell(line)
    for path in done.files:
        terminal.say(words("decide.worksheet.written", path=path))
    return int(ExitCode.DONE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("severity")(severity)
