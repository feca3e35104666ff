"""`etanche rights`: the register of persons' requests: their clocks, the drafts of answers, the proof of sending."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.responding import KeyOptions
    from etanche.responding.rights import Done

_COLUMNS = ("number", "kind", "due", "left", "state")
_STYLES = {"late": "bold red", "alarm_95": "red", "alarm_80": "yellow", "alarm_50": "yellow", "done": "green"}

commands = typer.Typer(help="The register of persons' requests: clocks, answers, proof.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the request, such as LAB01-0001.")]
To = Annotated[Path | None, typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE/rights/….")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")]


@commands.command("add")
def add(
    context: typer.Context,
    case: Case,
    controller: Annotated[
        str | None, typer.Option("--controller", metavar="CODE", help="To whom the request was made.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", help="access, record, rectification, erasure, objection or damages.")
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="FILE", help="TOML: name, address…; - for stdin.")
    ] = None,
    received: Annotated[str | None, typer.Option("--received", metavar="MOMENT", help="When, if not now.")] = None,
    older: Annotated[bool, typer.Option("--older", help="A health record older than five years.")] = False,
    identity: Annotated[
        str | None, typer.Option("--identity", metavar="TEXT", help="How the person was recognised.")
    ] = None,
    departement: Annotated[
        str | None, typer.Option("--departement", metavar="CODE", help="Of the controller, for its holidays.")
    ] = None,
    every: Annotated[
        Path | None, typer.Option("--all", metavar="FILE", readable=False, help="CSV: a request a line. Alone.")
    ] = None,
    to: To = None,
    as_json: AsJson = False,
) -> int:
    """Enter a request, or many by a file; needs no key of the case."""
    from etanche.responding import rights

    terminal: Terminal = context.obj
    if every is not None:
        if controller or kind or person or received or older or identity or to:
            raise UserError("rights_all_alone", ExitCode.USAGE)
        return _add_all(terminal, case, every, as_json)
    for name, given in (("--controller", controller), ("--kind", kind), ("--person", person)):
        if not given:
            raise UserError("usage_missing", ExitCode.USAGE, name=name)
    controller, kind, person = controller or "", kind or "", person or ""
    asked = rights.Received(
        controller, kind, _content(person), person, received, older=older, identity=identity, departement=departement
    )
    done = rights.add(case, asked, to, terminal.config)
    entry = done.entry
    line = "added" if entry["due"] else "added_none"
    kind_name = terminal.words(f"rights.kind.{entry['kind']}")
    said = terminal.words(f"rights.{line}", number=entry["number"], kind=kind_name, due=_day(entry))
    return _tell(terminal, done, said, as_json)


def _add_all(terminal: Terminal, case: Path, every: Path, as_json: bool) -> int:
    from etanche.responding import rights

    try:
        entries = rights.add_all(case, _content(str(every)), str(every), terminal.config)
    except UserError as error:
        why = error.__cause__
        if error.code != "rights_line" or not isinstance(why, UserError):
            raise
        said = terminal.words(f"errors.{why.code}", **why.params)
        raise UserError("rights_line", error.exit_code, **{**error.params, "why": said}) from why
    if as_json:
        typer.echo(json.dumps(entries, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    first, last = entries[0]["number"], entries[-1]["number"]
    terminal.tell(terminal.words("rights.added_all", count=len(entries), first=first, last=last))
    return int(ExitCode.DONE)


@commands.command("extend")
def extend(
    context: typer.Context,
    number: Number,
    case: Case,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, as the person is told.")],
    told: Annotated[
        str | None, typer.Option("--told", metavar="MOMENT", help="When they were told, if not now.")
    ] = None,
    to: To = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> int:
    """Add two months, the person having been told why within the first (GDPR 12(3))."""
    from etanche.responding import rights

    terminal: Terminal = context.obj
    done = rights.extend(case, number, reason, told, to, terminal.config, _keys(terminal, key_file))
    said = terminal.words("rights.extended", number=done.entry["number"], due=_day(done.entry))
    return _tell(terminal, done, said, as_json)


@commands.command("answer")
def answer(
    context: typer.Context,
    number: Number,
    case: Case,
    outcome: Annotated[str, typer.Option("--outcome", help="granted, partly or refused.")],
    to: Annotated[Path, typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE/rights/….")],
    ground: Annotated[
        list[str] | None, typer.Option("--ground", metavar="CODE", help="Why not in full: legal_obligation…")
    ] = None,
    identity: Annotated[
        str | None, typer.Option("--identity", metavar="TEXT", help="How the person was recognised.")
    ] = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> int:
    """Draft the answer to a request."""
    from etanche.responding import rights

    terminal: Terminal = context.obj
    asked = rights.Answered(outcome, tuple(ground or ()), identity)
    done = rights.answer(case, number, asked, to, terminal.config, _keys(terminal, key_file))
    return _tell(terminal, done, terminal.words("rights.drafted", number=done.entry["number"]), as_json)


@commands.command("close")
def close(
    context: typer.Context,
    number: Number,
    case: Case,
    sent: Annotated[str | None, typer.Option("--sent", metavar="MOMENT", help="When it was sent, if not now.")] = None,
    outcome: Annotated[
        str | None, typer.Option("--outcome", help="granted, partly, refused or withdrawn, if not as drafted.")
    ] = None,
    receipt: Annotated[str, typer.Option("--receipt", metavar="TEXT", help="Number of the registered letter.")] = "",
    proof: Annotated[
        Path | None, typer.Option("--proof", metavar="FILE", readable=False, help="What shows it; it is sealed.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Say when a request was answered, and how one can show it; needs no key of the case."""
    from etanche.responding import rights

    terminal: Terminal = context.obj
    shown = _content(str(proof)) if proof is not None else None
    done = rights.close(case, number, rights.Closed(sent, outcome, receipt, shown), terminal.config)
    entry, words = done.entry, terminal.words
    late = entry["due"] is not None and entry["sent"] is not None and _later(entry)
    state = words(f"respond.state.{'done_late' if late else 'done'}")
    kind = words(f"rights.outcome.{entry['outcome']}")
    return _tell(terminal, done, words("rights.closed", number=entry["number"], outcome=kind, state=state), as_json)


@commands.command("show")
def show(context: typer.Context, number: Number, case: Case, key_file: KeyFile = None) -> int:
    """Print all that is sealed of a request, as JSON; it is logged."""
    from etanche.responding import rights

    terminal: Terminal = context.obj
    document = rights.show(case, number, terminal.config, _keys(terminal, key_file))
    typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    return int(ExitCode.DONE)


@commands.command("status")
def status(
    context: typer.Context,
    case: Case,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE/rights/requests.ics.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show each request with the time left, by number; nobody is named."""
    from etanche.responding import rights

    terminal: Terminal = context.obj
    document = rights.status(case, terminal.config)
    files = rights.write_agenda(case, to, terminal.config) if to is not None else ()
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    _show(terminal, document)
    for path in files:
        terminal.say(terminal.words("rights.written", path=path))
    return int(ExitCode.DONE)


def _content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("rights_unreadable", ExitCode.UNREADABLE, path=name, problem=problem) from None


def _keys(terminal: Terminal, key_file: Path | None) -> KeyOptions:
    from etanche.responding import KeyOptions

    return KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)


def _day(entry: dict[str, Any]) -> str:
    return (entry["due"] or "")[:16].replace("T", " ")


def _later(entry: dict[str, Any]) -> bool:
    from datetime import datetime

    return datetime.fromisoformat(entry["sent"]) > datetime.fromisoformat(entry["due"])


def _tell(terminal: Terminal, done: Done, said: str, as_json: bool) -> int:
    """Print what came of an act; what is still to be written and what is amiss go to standard error."""
    words = terminal.words
    if as_json:
        typer.echo(json.dumps(done.entry, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    terminal.tell(said)
    for code in done.warnings:
        terminal.say(words(f"rights.warning.{code}"))
    if done.blanks:
        terminal.say(words("rights.blanks", blanks="; ".join(done.blanks)))
    for path in done.files:
        terminal.say(words("rights.written", path=path))
    return int(ExitCode.DONE)


def _show(terminal: Terminal, document: dict[str, Any]) -> None:
    words = terminal.words
    if not document["requests"]:
        terminal.tell(words("rights.none"))
        return
    table = Table(box=None, pad_edge=False)
    for heading in _COLUMNS:
        table.add_column(words(f"rights.heading.{heading}"), justify="right" if heading == "left" else "left")
    for entry in document["requests"]:
        days, hours = divmod(abs(entry["left"] or 0) // 3600, 24)
        left = "late" if (entry["left"] or 0) < 0 else "left"
        cells = (
            entry["number"],
            words(f"rights.kind.{entry['kind']}"),
            _day(entry),
            "" if entry["left"] is None else words(f"rights.{left}", days=days, hours=f"{hours:02}"),
            words(f"respond.state.{entry['state']}"),
        )
        table.add_row(*(Text(printable(cell), style=_STYLES.get(entry["state"], "")) for cell in cells))
    terminal.out.print(table)
    for controller, counts in document["counts"].items():
        listed = ", ".join(f"{words('respond.state.' + state)} {count}" for state, count in sorted(counts.items()))
        terminal.tell(words("rights.counts", controller=controller, counts=listed))


def register(app: typer.Typer) -> None:
    """Add the command and its subcommands."""
    app.add_typer(commands, name="rights")
