"""The second part of the report, for whoever checks it: columns, quarantine, method, provenance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from etanche.report import pictures
from etanche.report.facts import NOT_STATED
from etanche.report.markup import Markup, join, tag
from etanche.report.speech import Speech
from etanche.report.tables import Number, table
from etanche.report.text import plain, visible

Document = Mapping[str, Any]


def columns(document: Document, speech: Speech) -> Markup:
    """Return the verdict on every column, and the checks of values against one another."""
    of = document["rows"]
    rows = [
        (
            tag("code", plain(column["name"])),
            _kinds(column, speech),
            speech.label("role", column["role"]),
            Number(speech.percent(column["filled"], of)),
            Number(_valid(column, speech)),
            join(
                [
                    tag("span", speech.percent(round(column["confidence"] * 100), 100)),
                    pictures.bar(round(column["confidence"] * 1000), 1000),
                ]
            ),
            speech.reason(column),
        )
        for column in document["columns"]
    ]
    names = ("name", "kind", "role", "filled", "valid", "confidence", "reason")
    headings = [speech(f"columns.{name}") for name in names]
    caption = speech("columns.caption", of=speech.number(of))
    parts = [tag("p", speech("columns.lead")), table(caption, headings, rows, "columns")]
    if document["plausibility"]:
        headings = [speech(f"columns.{name}") for name in ("check", "agree", "of", "share")]
        checks = [
            (
                speech.label("plausibility", code),
                Number(speech.number(share["count"])),
                Number(speech.number(share["of"])),
                Number(speech.percent(share["count"], share["of"])),
            )
            for code, share in document["plausibility"].items()
        ]
        parts.append(table(speech("columns.plausibility_caption"), headings, checks))
    return join(parts)


def _kinds(column: Mapping[str, Any], speech: Speech) -> str:
    """Return the column's kind and what its cells hold besides."""
    return " + ".join(
        speech.label("kind", kind) for kind in (column["kind"], *(held["kind"] for held in column["also"]))
    )


def _valid(column: Mapping[str, Any], speech: Speech) -> str:
    if column["kind"] in {"unknown", "empty"}:
        return speech("common.none")
    return speech.percent(column["valid"], column["filled"])


def unread(document: Document, speech: Speech) -> Markup:
    """Return the ledger's equation and the lines set aside by reason."""
    ledger = document["ledger"]
    numbers = {name: speech.number(ledger[name]) for name in ("lines", "header", "row_lines", "quarantined", "blank")}
    parts = [
        tag("p", speech("unread.lead")),
        tag("p", speech("unread.equation", **numbers), class_="equation"),
        *(tag("p", speech.note(note), class_="note") for note in document["notes"]),
    ]
    if ledger["quarantined"] == 0:
        return join([*parts, tag("p", speech("unread.none"))])
    of = max([count or 0 for count in ledger["reasons"].values()] + [1])
    rows = [
        (speech.label("quarantine", reason), Number(speech.number(count)), pictures.bar(count, of))
        for reason, count in ledger["reasons"].items()
    ]
    headings = [speech("unread.reason"), speech("unread.lines"), ""]
    return join(
        [
            *parts,
            table(speech("unread.caption"), headings, rows, "shares"),
            tag("p", speech("unread.effect"), class_="note"),
        ]
    )


def method(document: Document, speech: Speech) -> Markup:
    """Return how the figures were counted, and where that can err."""
    numbers = {name: speech.number(document[name]) for name in ("rows", "persons", "quarantined")}
    points = [speech("method.rows", **numbers), speech("method.persons"), speech("method.valid")]
    points += [speech("method.topics"), speech("method.departements"), speech("method.quarantine", **numbers)]
    if document["form"] == "shareable":
        points.append(speech("method.shareable"))
    return tag("ul", *(tag("li", point) for point in points))


def provenance(document: Document, speech: Speech) -> Markup:
    """Return where the file came from, what was read of it, and the head of the custody log."""
    word = speech.section("provenance")
    stated = [(word(key), _stated(value, speech)) for key, value in document["acquisition"].items()]
    files = [_file(source, speech) for source in document["sources"]]
    key = document["key_statement"]
    return join(
        [
            table(word("caption"), [word("item"), word("stated")], stated),
            table(word("files_caption"), [word("file"), word("size"), word("read_as"), word("sha256")], files),
            tag("p", word("custody"), " ", tag("code", plain(document["custody_head"])), class_="custody"),
            tag("p", word("custody_note"), class_="quiet"),
            tag("p", speech.label("key", key), *([] if key == "none" else [" ", speech("key.lost")])),
            tag("p", word("never_bought"), class_="note"),
        ]
    )


def _stated(value: str | None, speech: Speech) -> str:
    if value is None:
        return speech("provenance.withheld")
    return speech("provenance.not_stated") if value == NOT_STATED else plain(value, 300)


def _file(source: Mapping[str, Any], speech: Speech) -> tuple[object, ...]:
    name: list[object] = [tag("code", plain(source["path"], 200))]
    if source["member"]:
        name.append(tag("small", speech("provenance.in_archive", member=plain(source["member"], 200))))
    header = speech("provenance.with_header" if source["header"] else "provenance.without_header")
    read = [plain(source["reader"]), plain(source["encoding"]), *spoken_delimiter(source["delimiter"], speech), header]
    size = f"{speech.number(source['size'])} {speech('provenance.bytes')}"
    return join(name), Number(size), ", ".join(read), tag("code", plain(source["sha256"]), class_="hash")


def spoken_delimiter(character: str | None, speech: Speech) -> list[str]:
    """Return how to say a delimiter, as a list of none or one."""
    if not character:
        return []
    names = {"␉": "tab", "\t": "tab", " ": "space"}
    said = speech(f"delimiter.{names[character]}") if character in names else visible(character)
    return [speech("provenance.delimiter", delimiter=said)]


SECTIONS: dict[str, Callable[[Document, Speech], Markup]] = {
    "columns": columns,
    "unread": unread,
    "method": method,
    "provenance": provenance,
}
