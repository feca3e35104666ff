"""`etanche review`: pairs judged blind, one key a pair."""

from __future__ import annotations

import json
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.options import Case, KeyFile
from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.linking import Question, Review

_UNDO, _QUIT = ("u", "\x7f", "\b"), ("q", "\x04")


def review(
    context: typer.Context,
    case: Case,
    name: Annotated[
        str | None, typer.Option("--name", metavar="LIST", help="Which list, when there are several.")
    ] = None,
    reviewer: Annotated[
        str | None, typer.Option("--reviewer", metavar="NAME", help="Who judges; default: who works on the case.")
    ] = None,
    labels: Annotated[int | None, typer.Option("--labels", metavar="N", help="Pairs of the sample: 400.")] = None,
    settle: Annotated[bool, typer.Option("--settle", help="Judge what two reviewers differ on.")] = False,
    export: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", readable=False, help="Write the pairs there, as CSV.")
    ] = None,
    take: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", readable=False, help="Take the answers of such a file.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="OUT.parquet", readable=False, help="Write the settled list there."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print where the review stands, and nothing else.")] = False,
    key_file: KeyFile = None,
) -> int:
    """Judge pairs blind: is it one person?  Gives precision and recall, and settles the review pile."""
    from etanche import linking

    terminal: Terminal = context.obj
    if not (terminal.attended or as_json or export or take):
        raise UserError("review_unattended", ExitCode.USAGE)
    options = linking.KeyOptions(key_file, terminal.ask_passphrase if terminal.attended else None)
    request = linking.ReviewRequest(case, name, reviewer, labels, settle, to, options)
    given = None if take is None else linking.answers_of(take)
    if export is not None:
        linking.outside(export, case)
    with linking.reviewed(request, terminal.config) as session:
        if given is not None:
            session.take(given)
        if export is not None:
            session.export(export)
        if not (as_json or export or take):
            _judge(terminal, session)
        said = session.document()
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False, indent=1))
    else:
        _tell(terminal, said)
    return int(ExitCode.DONE)


def _judge(terminal: Terminal, session: Review) -> None:
    """Show pair after pair, and take down each answer by one key."""
    from etanche.linking import Answer

    answers = {"y": Answer.YES, "o": Answer.YES, "n": Answer.NO, "?": Answer.UNSURE, " ": Answer.UNSURE}
    with _keyboard() as pressed:
        while (question := session.question()) is not None:
            _show(terminal, question)
            while (key := pressed()) not in answers and key not in (*_UNDO, *_QUIT):
                pass
            if key in answers:
                session.judge(answers[key])
            elif key in _UNDO:
                session.undo()
            else:
                return
    terminal.say(terminal.words("linking.review.all_judged"))


@contextmanager
def _keyboard() -> Iterator[Callable[[], str]]:
    """Yield what waits for a key; keys typed ahead are kept, Ctrl-C works, and the terminal is as before afterwards."""
    stream = sys.stdin.fileno()
    before = termios.tcgetattr(stream)
    tty.setcbreak(stream, termios.TCSANOW)
    try:
        # The end of what is typed, nothing at all, leaves the session.
        yield lambda: os.read(stream, 1).decode("latin-1").lower() or _QUIT[0]
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def _show(terminal: Terminal, question: Question) -> None:
    words = terminal.words
    table = Table(
        title=words("linking.review.pair", number=question.done + 1, total=question.total), title_justify="left"
    )
    for heading in ("", "A", "B"):
        table.add_column(heading, overflow="fold")
    for name, one, other in question.fields:
        style = "" if one == other else "bold"
        table.add_row(words(f"linking.field.{name}"), _cell(one), _cell(other), style=style)
    terminal.out.print(table, markup=False)
    terminal.out.print(words("linking.review.keys"), markup=False)


def _cell(text: str) -> Text:
    return Text(printable(text))


def _tell(terminal: Terminal, said: dict[str, Any]) -> None:
    words = terminal.words
    terminal.tell(
        words(
            "linking.review.stands", judged=said["sample"]["judged"], pairs=said["sample"]["pairs"], left=said["left"]
        )
    )
    if said["agreement"]:
        terminal.tell(words("linking.review.agreement", **said["agreement"]))
    terminal.tell(words("linking.review.decisions", **said["decisions"]))
    if said["audit"] is None:
        terminal.tell(words("linking.review.not_whole"))
        return
    for figure in ("precision", "recall"):
        shown = {name: f"{value:.2%}" for name, value in said["audit"][figure].items()}
        terminal.tell(words(f"linking.review.{figure}", **shown))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review")(review)
