"""The first page of a controller's folder: its deadlines, its documents, and how much of each is still blank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from etanche.respond.document import Document, Dossier, Made
from etanche.respond.template import Block, Value, plain
from etanche.respond.terms import instant, terms
from etanche.words import Words


def _tables(dossier: Dossier, language: str, made: Sequence[Made]) -> Mapping[str, Value | Block]:
    duties = tuple(_duty(each, dossier, language) for each in dossier.duties)
    return {"duties": duties, "papers": tuple(_papers(made, language))}


def _duty(duty: Mapping[str, Any], dossier: Dossier, language: str) -> str:
    said, words = terms(language), Words(language)
    due = instant(datetime.fromisoformat(duty["due"]), dossier.controller.calendar.zone, said) if duty["due"] else ""
    state = words(f"respond.state.{duty['state']}") + ("" if duty["law"]["sure"] else " (?)")
    named = plain("; ".join(duty["articles"]))
    if language == "fr":
        named = named.replace("GDPR", "RGPD").replace("Regulation", "Règlement (UE)")
    return f"| {words('respond.duty.' + duty['duty'])} | {due} | {state} | {named} |"


def _papers(made: Sequence[Made], language: str) -> Iterator[str]:
    """Yield one row for each document, in the order of need; of two languages, the reader's where there is one."""
    own = {each.name for each in made if each.language == language}
    for each in made:
        if each.language == language or each.name not in own:
            yield f"| {plain(each.title)} | {plain(each.path)} | {len(each.blanks)} |"


DOCUMENT = Document(order=99, folder="", more=_tables, goes_out=False)
