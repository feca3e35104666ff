"""The first page of a file that is handed over: what is in it, and where every figure is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from etanche.config import Config
from etanche.report.speech import Speech
from etanche.respond import sheet

_RUNNING = frozenset({"standing"})
_TABLES = {"categories": "category", "roles": "role"}
"""Which names of the report the keys of a group have."""


def index_page(found: Mapping[str, Any], files: Sequence[str], config: Config) -> sheet.Sheet:
    """Return the first page of a file: decisions, deadlines, requests, figures with their sources, log, files."""
    speech, entry = Speech(config.language), found["entry"]
    words = speech.words
    custody = found["custody"]
    values: dict[str, str | sheet.Block] = {
        "name": entry["name"],
        "code": entry["code"],
        "day": speech.date(config.now().astimezone(ZoneInfo(entry["zone"])).date().isoformat()),
        "decisions": _decisions(found["decisions"], speech),
        "deadlines": _deadlines(entry["duties"], speech),
        "requests": _requests(found["requests"], speech),
        "figures": _figures(found["figures"], speech),
        "sources": _sources(found["figures"], speech),
        "head": custody["head"],
        "entries": str(custody["entries"]),
        "withheld": str(custody["withheld"]),
        "shown": str(custody["entries"] - custody["withheld"]),
        "files": sheet.bullets(files),
    }
    listed = [words(f"dossier.missing.{code}") for code in found["missing"]]
    values["missing"] = sheet.bullets(listed or [words("dossier.nothing_missing")])
    return sheet.sheet("dossier", speech.language, values)


def _heading(speech: Speech, *names: str) -> list[str]:
    return [speech.words(f"dossier.heading.{name}") for name in names]


def _decisions(decisions: Sequence[Mapping[str, Any]], speech: Speech) -> sheet.Block:
    words = speech.words
    if not decisions:
        return sheet.bullets([words("dossier.none")])
    newest = {each["article"]: each["number"] for each in decisions}
    rows = [
        [
            f"{each['article']}-{each['number']}",
            words(f"decide.outcome.{each['outcome']}"),
            f"{each['by']}, {each['role']}",
            each["at"].replace("T", " ")[:16],
            words("dossier.holds" if newest[each["article"]] == each["number"] else "dossier.superseded"),
        ]
        for each in decisions
    ]
    return sheet.table(_heading(speech, "decision", "outcome", "by", "at", "state"), rows)


def _deadlines(duties: Sequence[Mapping[str, Any]], speech: Speech) -> sheet.Block:
    rows = [
        [
            speech.words(f"respond.duty.{duty['duty']}"),
            ", ".join(duty["articles"]),
            _time(duty["due"]),
            _time(duty["filed"] and duty["filed"]["latest"]),
            duty["receipt"] or "",
            speech.words(f"respond.state.{duty['state']}") + ("" if duty["law"]["sure"] else " (?)"),
        ]
        for duty in duties
        if duty["state"] not in _RUNNING or duty["receipt"]
    ]
    return sheet.table(_heading(speech, "duty", "articles", "due", "filed", "receipt", "state"), rows)


def _requests(requests: Sequence[Mapping[str, Any]], speech: Speech) -> sheet.Block:
    words = speech.words
    if not requests:
        return sheet.bullets([words("dossier.none")])
    rows = [
        [
            each["number"],
            words(f"rights.kind.{each['kind']}"),
            _time(each["received"]["earliest"]),
            _time(each["due"]),
            _time(each["sent"]),
            words(f"respond.state.{each['state']}"),
        ]
        for each in requests
    ]
    return sheet.table(_heading(speech, "number", "kind", "received", "due", "sent", "state"), rows)


def _figures(figures: Sequence[Mapping[str, Any]], speech: Speech) -> sheet.Block:
    if not figures:
        return sheet.bullets([speech.words("dossier.none")])
    rows = [
        [
            _named(each["key"], speech),
            _value(each["value"], speech),
            " > ".join(each["key"]),
            each["file"],
            each["sha256"][:16] + "…",
            speech.words(f"dossier.of.{each['of']}"),
        ]
        for each in figures
    ]
    return sheet.table(_heading(speech, "what", "figure", "key", "file", "sha256", "of"), rows)


def _named(key: Sequence[str], speech: Speech) -> str:
    """Return what a figure counts, in words: its key is for whoever looks it up."""
    if key[0] in _TABLES:
        return speech.label(_TABLES[key[0]], key[1])
    return key[1] if key[0] == "laboratories" else speech.words(f"dossier.total.{'_'.join(key)}")


def _sources(figures: Sequence[Mapping[str, Any]], speech: Speech) -> sheet.Block:
    """Return each result that a figure is from with its whole hash."""
    found = dict.fromkeys((each["file"], each["sha256"]) for each in figures)
    return sheet.bullets(speech.words("dossier.source", file=file, sha256=sha256) for file, sha256 in found)


def _value(value: Any, speech: Speech) -> str:  # noqa: ANN401 - whatever a result holds
    if isinstance(value, str):
        return speech.words.find(f"decide.band.{value}") or value
    if isinstance(value, int):
        return speech.number(value)
    return speech.decimal(value)


def _time(text: str | None) -> str:
    return "" if text is None else datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M")
