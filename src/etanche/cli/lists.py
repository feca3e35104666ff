"""What `etanche link` does with a list that is there: explain a person of it, write it for those who send letters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from etanche.cli.terminal import Terminal, printable
from etanche.errors import ExitCode

if TYPE_CHECKING:
    from etanche.linking import Explained, ExportRequest, WhyRequest

_BITS = 24
"""Characters of the longest bar."""


def explain(terminal: Terminal, request: WhyRequest, html: Path | None, as_json: bool) -> int:
    """Show why a person is decided so, on the terminal or as a page."""
    from etanche import linking

    if html is not None:
        linking.outside(html, request.case)
    told = linking.explain(request, terminal.config)
    if html is not None:
        linking.written(html, linking.page(told, terminal.config.language).encode())
    if as_json:
        typer.echo(json.dumps(told.document(), ensure_ascii=False, indent=1))
    else:
        _show(terminal, told)
        if html is not None:
            terminal.tell(terminal.words("linking.why.written", path=html))
    return int(ExitCode.DONE)


def _show(terminal: Terminal, told: Explained) -> None:
    """Draw the waterfall as a table."""
    from etanche import linking

    words = terminal.words
    table = Table(title=printable(words("linking.why.title", person=told.person, name=told.name)), title_justify="left")
    for head in ("comparison", "leak", "registry", "level", "bits", "total"):
        table.add_column(words(f"linking.why.{head}"), justify="right" if head in {"bits", "total"} else "left")
    most = max(1.0, *(abs(step.bits) for step in told.steps))
    table.add_row(words("linking.comparison.bias"), "", "", "", _bar(told.bias, most), f"{told.bias:+.2f}")
    for step in told.steps:
        table.add_row(
            words(f"linking.comparison.{step.comparison}"),
            _seen(step.leak, ""),
            _seen(step.registry, words("linking.why.not_kept")),
            linking.level_words(words, step.comparison, step.level),
            _bar(step.bits, most),
            f"{step.total:+.2f}",
        )
    terminal.out.print(table)
    decision, rule = words(f"linking.decision.{told.decision}"), words(f"linking.rule.{told.rule}")
    terminal.tell(f"{decision}: {rule}")
    rows = ", ".join(map(str, told.rows))
    terminal.tell(words("linking.why.rows", row=told.row, rows=rows, model=told.model))
    if not told.clear:
        terminal.tell(words("linking.why.masked"))


def _seen(values: tuple[str | None, ...], absent: str) -> Text:
    return Text(
        "\n".join(dict.fromkeys(absent if value is None else printable(value) for value in values if value != ""))
    )


def _bar(bits: float, most: float) -> Text:
    length = round(abs(bits) / most * _BITS)
    return Text(f"{'█' * length} {bits:+.2f}", style="green" if bits >= 0 else "red")


def write_letters(terminal: Terminal, request: ExportRequest, as_json: bool) -> int:
    """Write who is to be told, for those who send letters."""
    from etanche import linking

    told = linking.export(request, terminal.config)
    held = {name: each.held for name, each in told.items() if each.held is not None}
    if as_json:
        letters = {name: each.letters for name, each in told.items()}
        typer.echo(json.dumps({"letters": letters, **({"held": held} if held else {})}, ensure_ascii=False, indent=1))
    else:
        for name, each in told.items():
            terminal.tell(terminal.words("linking.export.written", name=name, letters=each.letters, path=request.to))
    for name, count in held.items():
        terminal.say(terminal.words("linking.export.by_letters", name=name, held=count))
    if bare := [name for name in told if name not in held]:
        terminal.say(terminal.words("linking.export.unfiltered", names=", ".join(bare)))
    return int(ExitCode.DONE)
