"""`etanche letters`: everyone in the file written to, once, by each controller."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.responding.letters import Lettered, LettersRequest

_COLUMNS = ("controller", "letters", "ready", "waiting", "released", "sent", "returned")
_NAMED = 4
_QUIET = frozenset({"ready", "deceased", "not_them", "withdrawn"})

Controllers = Annotated[
    Path, typer.Option("--controllers", metavar="FILE", readable=False, help="CSV: a controller a line.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the counts, and nothing else, on stdout.")]

commands = typer.Typer(help="Letters to everyone in the file, once, by each controller.", no_args_is_help=False)


@commands.callback(invoke_without_command=True)
def letters(
    context: typer.Context,
    case: Annotated[Path | None, typer.Option("--case", metavar="DIR", readable=False, help="Case folder.")] = None,
    controllers: Annotated[
        Path | None,
        typer.Option("--controllers", metavar="FILE", readable=False, help="CSV: a controller a line."),
    ] = None,
    lists: Annotated[
        Path | None,
        typer.Option("--lists", metavar="FILE", readable=False, help="CSV: the deceased, those at risk…; it is kept."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="OUT", readable=False, help="Release: write OUT/CONTROLLER/letters/…")
    ] = None,
    proofs: Annotated[bool, typer.Option("--proofs", help="Draw 20 letters of each controller, to be read.")] = False,
    proofs_read: Annotated[bool, typer.Option("--proofs-read", help="The proofs were read; says --by.")] = False,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who read the proofs.")] = "",
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="CODE", help="This controller alone; may be repeated.")
    ] = None,
    variant: Annotated[str, typer.Option("--letter", help="fr, en, or fr-large: large print, plain words.")] = "fr",
    email: Annotated[bool, typer.Option("--email", help="By e-mail where the registry has an address.")] = False,
    unlinked: Annotated[
        bool, typer.Option("--unlinked", help="Without a linked registry, write to the leaked addresses.")
    ] = False,
    again: Annotated[int | None, typer.Option("--again", metavar="N", help="Write release N once more.")] = None,
    as_json: Json = False,
    key_file: KeyFile = None,
) -> int:
    """Bring the letters up to date; with --to release those that may go out."""
    if context.invoked_subcommand is not None:
        return int(ExitCode.DONE)
    from etanche.responding import letters as story

    terminal: Terminal = context.obj
    for name, given in (("--case", case), ("--controllers", controllers)):
        if given is None:
            raise UserError("usage_missing", ExitCode.USAGE, name=name)
    acts = [name for name, said in (("--proofs", proofs), ("--proofs-read", proofs_read), ("--again", again)) if said]
    if len(acts) > 1:
        raise UserError("letters_acts", ExitCode.USAGE, first=acts[0], second=acts[1])
    with _asking(terminal, case, controllers, key_file) as request:
        asked = replace(
            request, lists=lists, to=to, only=frozenset(only or ()), variant=variant, email=email, unlinked=unlinked
        )
        if proofs:
            done = story.proofs(asked, terminal.config)
        elif proofs_read:
            done = story.proofs_read(asked, by, terminal.config)
        elif again is not None:
            done = story.again(asked, again, terminal.config)
        else:
            act = story.prepare if to is None else story.release
            done = act(asked, terminal.config)
    if as_json:
        typer.echo(json.dumps(done.document, ensure_ascii=False, indent=1))
        return int(done.exit_code)
    _show(terminal, done.document)
    _tell(terminal, done, to, "proofs" if proofs else "read" if proofs_read else "release" if to else "drafted", by)
    return int(done.exit_code)


@commands.command("status")
def status(context: typer.Context, case: Case, as_json: Json = False) -> int:
    """Show how many letters wait, for what, and how many are sent."""
    from etanche.responding import letters as story

    terminal: Terminal = context.obj
    done = story.status(case, terminal.config)
    if as_json:
        typer.echo(json.dumps(done.document, ensure_ascii=False, indent=1))
    else:
        _show(terminal, done.document)
    return int(done.exit_code)


@commands.command("sent")
def sent(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="CSV: letter, date, proof.")],
    case: Case,
    controllers: Controllers,
    as_json: Json = False,
    key_file: KeyFile = None,
) -> int:
    """Take in the printer's or the post's proofs of sending."""
    return _fed(context, "sent", file, (case, controllers, key_file), as_json)


@commands.command("returned")
def returned(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="CSV: letter, date, reason.")],
    case: Case,
    controllers: Controllers,
    as_json: Json = False,
    key_file: KeyFile = None,
) -> int:
    """Take in mail that came back."""
    return _fed(context, "returned", file, (case, controllers, key_file), as_json)


@commands.command("piles")
def piles(
    context: typer.Context,
    case: Case,
    controllers: Controllers,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", readable=False, help="CSV to write; it names people.")],
    only: Annotated[list[str] | None, typer.Option("--only", metavar="CODE", help="This controller alone.")] = None,
    key_file: KeyFile = None,
) -> int:
    """Write what waits for somebody, a letter a line, with why."""
    from etanche.responding import letters as story

    terminal: Terminal = context.obj
    with _asking(terminal, case, controllers, key_file) as request:
        story.piles(replace(request, only=frozenset(only or ())), to, terminal.config)
    terminal.tell(terminal.words("letters.piles", path=to))
    return int(ExitCode.DONE)


def _fed(context: typer.Context, act: str, file: Path, where: tuple[Path, Path, Path | None], as_json: bool) -> int:
    from etanche.responding import letters as story

    terminal: Terminal = context.obj
    with _asking(terminal, *where) as request:
        done = (story.sent if act == "sent" else story.returned)(request, file, terminal.config)
    if as_json:
        typer.echo(json.dumps(done.document, ensure_ascii=False, indent=1))
    else:
        _show(terminal, done.document)
    return int(done.exit_code)


@contextmanager
def _asking(
    terminal: Terminal, case: Path | None, controllers: Path | None, key_file: Path | None
) -> Iterator[LettersRequest]:
    """Yield what every act is asked with; a refusal is told in the words of the letters."""
    from etanche.responding import letters as story

    options = story.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    try:
        with terminal.progress() as progress:
            yield story.LettersRequest(Path(case or ""), Path(controllers or ""), keys=options, progress=progress)
    except UserError as error:
        if error.code != "letters_blocked":
            raise
        codes, columns = (str(error.params[name]).split(", ") for name in ("controller", "columns"))
        whose = codes[0] if len(codes) == 1 else terminal.words("letters.code")
        why = _why(terminal, whose, str(error.params["why"]), tuple(columns))
        raise UserError("letters_blocked", error.exit_code, controller=_names(codes), why=why) from error


def _why(terminal: Terminal, controller: str, code: str, columns: tuple[str, ...]) -> str:
    return terminal.words(f"letters.blocked.{code}", controller=controller, columns=", ".join(columns))


def _show(terminal: Terminal, document: dict[str, Any]) -> None:
    words = terminal.words
    table = Table(box=None, pad_edge=False)
    for heading in _COLUMNS:
        justify = "left" if heading == "controller" else "right"
        table.add_column(words(f"letters.heading.{heading}"), justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for entry in document["controllers"]:
        waiting = sum(count for pile, count in entry["piles"].items() if pile not in _QUIET)
        counts = (entry["letters"], entry["piles"].get("ready", 0), waiting)
        cells = (entry["code"], *counts, *(entry[name] for name in ("released", "sent", "returned")))
        table.add_row(*(Text(printable(str(cell))) for cell in cells))
    terminal.out.print(table)
    entries = document["controllers"]
    for pile in dict.fromkeys(pile for entry in entries for pile in entry["piles"] if pile not in _QUIET):
        some = [entry["code"] for entry in entries if pile in entry["piles"]]
        count = sum(entry["piles"].get(pile, 0) for entry in entries)
        why = f"{count} {words('letters.pile.' + pile)}"
        terminal.tell(words("letters.waits", controller=_names(some), why=why))
    for code in dict.fromkeys(code for entry in entries for code in entry["blocked"]):
        held = [entry for entry in entries if code in entry["blocked"]]
        columns = tuple(dict.fromkeys(name for entry in held for name in entry["missing"]))
        why = _why(terminal, held[0]["code"] if len(held) == 1 else words("letters.code"), code, columns)
        terminal.tell(words("letters.waits", controller=_names([entry["code"] for entry in held]), why=why))
    if document["unassigned_rows"]:
        terminal.tell(
            words("letters.unassigned", rows=document["unassigned_rows"], persons=document["unassigned_persons"])
        )


def _names(codes: list[str]) -> str:
    """Return codes as a list that fits a line."""
    return ", ".join(codes) if len(codes) <= _NAMED else f"{', '.join(codes[: _NAMED - 1])}… ({len(codes)})"


def _tell(terminal: Terminal, done: Lettered, to: Path | None, act: str, by: str) -> None:
    entries = done.document["controllers"]
    ready = sum(entry["piles"].get("ready", 0) for entry in entries)
    if act == "proofs":
        for file in done.files:
            terminal.tell(terminal.words("letters.proofs", count=_proofs(entries, file), path=file))
        terminal.say(terminal.words("letters.unreviewed"))
    elif act == "read":
        count = sum(bool((entry["proofs"] or {}).get("read_by")) for entry in entries)
        terminal.tell(terminal.words("letters.read", by=by, count=count))
    elif act == "release" and not done.files:
        terminal.tell(terminal.words("letters.nothing"))
    elif act == "release":
        letters = sum(_last(entry) for entry in entries if any(entry["code"] in file.parts for file in done.files))
        terminal.tell(terminal.words("letters.released", letters=letters, path=to))
    else:
        terminal.tell(terminal.words("letters.drafted", letters=sum(e["letters"] for e in entries), ready=ready))


def _proofs(entries: list[dict[str, Any]], file: Path) -> int:
    return next(
        (int(each["proofs"]["letters"]) for each in entries if each["code"] in file.parts and each["proofs"]), 0
    )


def _last(entry: dict[str, Any]) -> int:
    return int(entry["releases"][-1]["letters"]) if entry["releases"] else 0


def register(app: typer.Typer) -> None:
    """Add the command and its subcommands."""
    app.add_typer(commands, name="letters")
