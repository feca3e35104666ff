"""The verdict on a terminal, within 80 columns, and its first lines from the sample alone.

Values of the file pass `text.plain` (no terminal sequence survives) and reach Rich as `Text`, never as markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from rich.console import Console
from rich.text import Text

from etanche.model import Column, Source
from etanche.report import verdict
from etanche.report.document import kinds_found
from etanche.report.evidence import spoken_delimiter
from etanche.report.speech import Speech
from etanche.report.text import plain
from etanche.words import Words

_WIDTH = 80
_STYLES = {"low": "green", "medium": "yellow", "high": "bold yellow", "very_high": "bold red"}


def terminal(document: dict[str, Any], language: str, console: Console) -> None:
    """Print the summary of a census document; without colour where the console is no terminal."""
    speech = Speech(language)
    colour = console.is_terminal
    width = max(40, min(_WIDTH, console.width))
    style = _STYLES.get(document["severity"]["band"], "") if colour else ""
    for line in wrap(verdict.sentence(document, speech), width):
        _say(console, Text(line, style=style))
    _say(console, Text(""))
    lines = _lines(document, speech)
    margin = max(len(name) for name, _ in lines) + 2
    for name, said in lines:
        first, *rest = wrap(said, width - margin) or [""]
        _say(console, Text.assemble((name.ljust(margin), "bold" if colour else ""), first))
        for line in rest:
            _say(console, Text(" " * margin + line))


def _say(console: Console, text: Text) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _lines(document: dict[str, Any], speech: Speech) -> list[tuple[str, str]]:
    """Return the summary's lines: a name and what there is to say."""
    grave = document["severity"]
    terms = {name: speech.decimal(grave[name]) for name in ("dpc", "ei", "cb", "score")}
    kinds = [speech.label("kind", kind) for kind in verdict.kinds_found(document)]
    lines = [
        ("severity", f"{speech.label('band', grave['band'])}, {speech('terminal.formula', **terms)}"),
        ("rows", speech.number(document["rows"])),
        ("persons", _counts(document["roles"], "roles", speech)),
        ("period", speech.period(document["dates"].get("sample_date"))),
        ("categories", _counts(document["categories"], "category", speech)),
        ("kinds", f"{len(kinds)} ({', '.join(kinds)})"),
        ("quarantine", _quarantine(document, speech)),
        ("reading", "; ".join(_source(source, speech) for source in document["sources"])),
        ("report", speech("terminal.report_in", case=plain(document["case_id"]))),
    ]
    return [(speech(f"terminal.{name}"), said) for name, said in lines]


def _counts(counts: dict[str, int | None], table: str, speech: Speech) -> str:
    found = sorted(((code, count) for code, count in counts.items() if count != 0), key=lambda item: -(item[1] or 0))
    return ", ".join(f"{speech.label(table, code)} {speech.number(count)}" for code, count in found)


def _quarantine(document: dict[str, Any], speech: Speech) -> str:
    if document["quarantined"] == 0:
        return speech("terminal.all_read", lines=speech.number(document["lines"]))
    reasons = _counts(document["ledger"]["reasons"], "quarantine", speech)
    of = f"{speech.number(document['quarantined'])} / {speech.number(document['lines'])}"
    return f"{of} ({reasons})" if reasons else of


def _source(source: dict[str, Any], speech: Speech) -> str:
    return reading(source["reader"], source["delimiter"], source["encoding"], speech)


def reading(reader: str, delimiter: str | None, encoding: str, speech: Speech) -> str:
    """Return how a source was read, in a few words; an empty reader (not known yet) is passed over."""
    parts = [plain(reader)] if reader else []
    return ", ".join([*parts, *spoken_delimiter(delimiter, speech), plain(encoding).upper()])


def first_lines(columns: Sequence[Column], sources: Sequence[Source], words: Words) -> list[str]:
    """Return what the sample alone says, before anything is counted; no line is over 80 columns."""
    speech = Speech(words.language)
    kinds = kinds_found(columns)
    names = ", ".join(speech.label("kind", kind) for kind in kinds)
    code = f"first_lines.{('none', 'one')[len(kinds)] if len(kinds) < 2 else 'kinds'}"
    lines = [speech(code, count=len(kinds), columns=len(columns), names=names)]
    for source in sources:
        delimiter = source.dialect.delimiter if source.dialect else None
        lines.append(reading(source.reader, delimiter, source.encoding, speech))
    lines.append(speech("first_lines.under_way"))
    return [part for line in dict.fromkeys(lines) for part in wrap(line, _WIDTH, subsequent_indent="  ")]
