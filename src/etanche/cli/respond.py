"""`etanche respond`: what each controller owes, by when; `etanche respond status`: how far the clocks have run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode, UserError
from etanche.words import LANGUAGES

if TYPE_CHECKING:
    from etanche.words import Words

_COLUMNS = ("controller", "duty", "due", "left", "state")
_STYLES = {"late": "bold red", "alarm_95": "red", "alarm_80": "yellow", "alarm_50": "yellow", "done": "green"}
_QUIET = frozenset({"standing"})

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
    _show(terminal, done.document, as_json)
    if not as_json:
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")] = False,
) -> int:
    """Show each duty with the time left, and what is missing."""
    from etanche import responding

    terminal: Terminal = context.obj
    done = responding.status(case, terminal.config)
    _show(terminal, done.document, as_json)
    return int(done.exit_code)


def _show(terminal: Terminal, document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    words = terminal.words
    table = Table(box=None, pad_edge=False)
    for heading in _COLUMNS:
        right, whole = heading == "left", heading != "duty"
        table.add_column(words(f"respond.heading.{heading}"), justify="right" if right else "left", no_wrap=whole)
    for entry in document["controllers"]:
        for duty in entry["duties"]:
            if duty["state"] in _QUIET:
                continue
            table.add_row(*_row(words, entry, duty))
    terminal.out.print(table)
    for entry in document["controllers"]:
        if entry["missing"]:
            missing = ", ".join(entry["missing"])
            terminal.tell(words("respond.missing", controller=entry["code"], columns=missing))
        for name in entry.get("doubtful", ()):
            terminal.say(words("respond.doubtful", controller=entry["code"], column=name))
    _notes(terminal, document)
    if any(duty["left"] is not None for entry in document["controllers"] for duty in entry["duties"]):
        terminal.tell(_next(words, document))


def _row(words: Words, entry: dict[str, Any], duty: dict[str, Any]) -> list[Text]:
    state = words(f"respond.state.{duty['state']}") + ("" if duty["law"]["sure"] else " (?)")
    due = (duty["due"] or "").replace("T", " ")[:16]
    cells = (entry["code"], words(f"respond.duty.{duty['duty']}"), due, _left(words, duty["left"]), state)
    return [Text(printable(cell), style=_STYLES.get(duty["state"], "")) for cell in cells]


def _left(words: Words, seconds: int | None) -> str:
    """Return the time left in words: days and hours, or hours and minutes of the last day."""
    if seconds is None:
        return ""
    way = "late" if seconds < 0 else "left"
    minutes = abs(seconds) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return words(f"respond.{way}", days=days, hours=f"{hours:02}")
    return words(f"respond.{way}_hours", hours=hours, minutes=f"{minutes % 60:02}")


def _next(words: Words, document: dict[str, Any]) -> str:
    """Return in one line how many are late, and which ends next."""
    running = [
        (duty["left"], entry["code"], duty["duty"])
        for entry in document["controllers"]
        for duty in entry["duties"]
        if duty["left"] is not None
    ]
    late = sum(left < 0 for left, _, _ in running)
    coming = min((each for each in running if each[0] >= 0), default=None)
    if coming is None:
        return words("respond.no_next", late=late)
    left, code, duty = coming
    return words(
        "respond.next", late=late, controller=code, duty=words(f"respond.duty.{duty}"), left=_left(words, left)
    )


def _notes(terminal: Terminal, document: dict[str, Any]) -> None:
    """Say once what other readings there are and what is not sure."""
    duties = [duty for entry in document["controllers"] for duty in entry["duties"]]
    for code in sorted({each["code"] for duty in duties for each in duty["readings"]}):
        terminal.tell(terminal.words(f"respond.about.{code}"))
    if any(not duty["law"]["sure"] for duty in duties):
        terminal.tell(terminal.words("respond.unsure"))
    if any(duty["law"]["reviewed"] is None for duty in duties):
        terminal.tell(terminal.words("respond.unreviewed"))


def register(app: typer.Typer) -> None:
    """Add the command and its subcommand."""
    app.add_typer(commands, name="respond")
