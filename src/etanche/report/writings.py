"""The part of the report on texts: what comments, letters and messages hold besides topics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etanche.report.markup import Markup, join, tag
from etanche.report.speech import Speech
from etanche.report.tables import Number, table
from etanche.report.text import plain

Document = Mapping[str, Any]

_MOST = 20
"""Documents shown; the rest is in census.json."""


def texts(document: Document, speech: Speech) -> Markup:
    """Return what was found in texts by kind, and what each document holds."""
    held = document["texts"]
    if held["rows"] == 0:
        return tag("p", speech("texts.none"))
    rows = [
        (
            speech.label("kind", kind),
            Number(speech.number(count["rows"])),
            Number(speech.number(count["valid"])),
            Number(speech.number(count["distinct"])),
        )
        for kind, count in sorted(held["found"].items(), key=lambda item: -(item[1]["rows"] or 0))
    ]
    parts = [tag("p", speech("texts.lead", distinct=speech.number(held["distinct"])))]
    if rows:
        headings = [speech(f"texts.{name}") for name in ("kind", "rows", "valid", "distinct")]
        parts.append(table(speech("texts.caption", of=speech.number(held["rows"])), headings, rows))
    else:
        parts.append(tag("p", speech("texts.nothing")))
    parts += _documents(document, speech)
    parts.append(tag("p", speech("texts.limits"), class_="note"))
    return join(parts)


def _documents(document: Document, speech: Speech) -> list[Markup]:
    listed = document["documents"]
    if not listed:
        return []
    rows = [
        (
            tag("code", _place(document["sources"][each["source"]])),
            Number(speech.number(each["rows"])),
            speech.listing([speech.label("kind", kind) for kind in each["found"]]),
            speech.listing(
                [speech.label("topic", topic) for topic, said in each["topics"].items() if said["affirmed"]]
            ),
        )
        for each in listed[:_MOST]
    ]
    headings = [speech(f"texts.{name}") for name in ("document", "lines", "holds", "topics")]
    parts = [table(speech("texts.documents_caption", count=speech.number(len(listed))), headings, rows)]
    if len(listed) > _MOST:
        parts.append(tag("p", speech("texts.more", count=speech.number(len(listed) - _MOST)), class_="quiet"))
    return parts


def _place(source: Mapping[str, Any]) -> str:
    path = source["path"].replace("\\", "/").rpartition("/")[2]
    return plain("!".join(filter(None, (path, source["member"]))))
