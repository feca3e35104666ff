"""`etanche decide`: whether the authority is notified and the persons told, decided by a named person."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.options import Case
from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etanche.responding.deciding import Taken

_COLUMNS = ("controller", "article", "outcome", "by", "at")
_STATED = ("--controller", "--article", "--outcome", "--by", "--reasons")


def decide(
    context: typer.Context,
    case: Case,
    controller: Annotated[str | None, typer.Option("--controller", metavar="CODE", help="Whose decision.")] = None,
    article: Annotated[str | None, typer.Option("--article", metavar="33|34", help="Under which article.")] = None,
    outcome: Annotated[
        str | None,
        typer.Option("--outcome", help="33: notify, not_notify; 34: inform, not_inform, public_notice, later."),
    ] = None,
    exception: Annotated[
        str | None, typer.Option("--exception", metavar="a|b|c|none", help="Of article 34(3), with not_inform.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME, ROLE", help="Who decides, in what capacity.")] = None,
    reasons: Annotated[
        str | None, typer.Option("--reasons", metavar="FILE", help="Why: a text, - for standard input.")
    ] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="MOMENT", help="When, if not now.")] = None,
    every: Annotated[
        Path | None, typer.Option("--all", metavar="FILE", readable=False, help="CSV: a decision a line.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="OUT", readable=False, help="Write OUT/CODE/decisions/…, to be signed."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result, and nothing else, on stdout.")] = False,
) -> int:
    """Write down who decided what under articles 33 and 34, and why; alone: show the decisions that hold."""
    from etanche.responding import deciding

    terminal: Terminal = context.obj
    stated = (controller, article, outcome, by, reasons)
    if to is not None:
        deciding.check_place(case, to)
    if every is not None:
        if any(stated) or exception or date:
            raise UserError("decide_all_alone", ExitCode.USAGE)
        taken = _all(terminal, case, every)
    elif not any(stated):
        return _show(terminal, deciding.decisions_of(case, terminal.config), as_json)
    else:
        if missing := [name for name, given in zip(_STATED, stated, strict=True) if not given]:
            raise UserError("usage_missing", ExitCode.USAGE, name=missing[0])
        text = _text(_content(reasons or "", "decide_reasons_unreadable"))
        asked = deciding.Asked(article or "", outcome or "", by or "", text, exception, date)
        taken = (deciding.decide(case, controller or "", asked, terminal.config),)
    files = deciding.write_pages(case, taken, to, terminal.config) if to is not None else ()
    if as_json:
        documents = [each.document for each in taken]
        typer.echo(json.dumps(documents if every else documents[0], ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    for each in taken:
        _tell(terminal, each)
    for path in files:
        terminal.say(terminal.words("decide.worksheet.written", path=path))
    return int(ExitCode.DONE)


def _all(terminal: Terminal, case: Path, every: Path) -> Sequence[Taken]:
    from etanche.responding import deciding

    data = _content(str(every), "decide_unreadable")
    try:
        return deciding.decide_all(case, data, str(every), terminal.config)
    except UserError as error:
        why = error.__cause__
        if error.code != "decide_line" or not isinstance(why, UserError):
            raise
        said = terminal.words(f"errors.{why.code}", **why.params)
        raise UserError("decide_line", error.exit_code, **{**error.params, "why": said}) from why


def _content(name: str, code: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError(code, ExitCode.UNREADABLE, path=name, problem=problem) from None


def _text(data: bytes) -> str:
    """Return a text in UTF-8, or in what French office programs write."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _tell(terminal: Terminal, taken: Taken) -> None:
    said, words = taken.document, terminal.words
    outcome = words(f"decide.outcome.{said['outcome']}")
    line = "taken" if taken.written else "stands"
    terminal.tell(
        words(
            f"decide.{line}", controller=said["code"], article=said["article"], outcome=outcome, number=said["number"]
        )
    )
    if taken.written and said["supersedes"]:
        terminal.tell(words("decide.supersedes", number=said["supersedes"]["number"], file=said["supersedes"]["file"]))
    for code in taken.warnings:
        terminal.say(words(f"decide.warning.{code}"))


def _show(terminal: Terminal, decisions: list[dict[str, Any]], as_json: bool) -> int:
    words = terminal.words
    if as_json:
        typer.echo(json.dumps(decisions, ensure_ascii=False, indent=1))
        return int(ExitCode.DONE)
    table = Table(box=None, pad_edge=False)
    for heading in _COLUMNS:
        table.add_column(words(f"decide.heading.{heading}"))
    for each in decisions:
        outcome = words(f"decide.outcome.{each['outcome']}") + (f" ({each['exception']})" if each["exception"] else "")
        by, at = f"{each['by']}, {each['role']}", each["at"].replace("T", " ")[:16]
        table.add_row(*(Text(printable(cell)) for cell in (each["code"], each["article"], outcome, by, at)))
    if decisions:
        terminal.out.print(table)
    else:
        terminal.tell(words("decide.none"))
    return int(ExitCode.DONE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("decide")(decide)
