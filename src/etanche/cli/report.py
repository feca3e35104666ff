"""`etanche report`: the report of a case, again: in another language, or fit to be shared."""

from __future__ import annotations

from typing import Annotated

import typer

from etanche.cli.options import Case
from etanche.cli.terminal import Terminal


def report(
    context: typer.Context,
    case: Case,
    shareable: Annotated[bool, typer.Option("--shareable", help="No figure under 5: report-shareable.html.")] = False,
    lang: Annotated[str | None, typer.Option(help="fr or en.")] = None,
) -> None:
    """Write the report of a case again."""
    from etanche import casework

    terminal: Terminal = context.obj
    if lang is not None:
        terminal.speak(lang)
    path = casework.render_report(case, terminal.config, shareable=shareable)
    terminal.tell(terminal.words("cli.report_written", path=path))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)
