"""The initial notification of one controller: answers in the order of the authority's form, every blank listed.

Rules, in the order in which they apply:

1. The questions are a dated file (`forms/`); each says by which article it is asked and where its answer comes from.
2. An answer is a cell of the controller's own line, a fact of the case, or nothing.  Nothing is never filled in.
3. What was seen in the whole file is marked so: it need not hold for each controller's own patients.
4. The same answers in the EDPB's template (version 1.0, a draft) hold only values that its schema allows.  The template
   as a schema is by Franchetto and Taborda Barata (CC BY 4.0); kept here is which of its fields must be filled.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any

from etanche.model import FAMILIES, Kind
from etanche.respond import scope
from etanche.respond.controllers import Controller
from etanche.respond.template import plain
from etanche.respond.terms import terms, told

_CATEGORIES = ("health", "genetic", "sex_life")
"""Categories of article 9 that a census counts persons of."""
_COUNTED = {
    "fact:families": "census.json: columns, categories",
    "fact:roles": "census.json: roles, minors",
}
_TOLD = {"inform": "b", "public_notice": "e", "not_inform": "d", "later": "c"}
_GRAVEST = {
    "health": "k",
    "genetic": "j",
    "financial": "q",
    "credentials": "s",
    "nir": "n",
    "contact": "b",
    "civil": "a",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case says of one controller; None: not known."""

    file_seen: bool = False
    families: tuple[str, ...] | None = None
    """Families of data in the whole file."""
    roles: tuple[str, ...] | None = None
    """Who is in the whole file."""
    records: tuple[int, int] | None = None
    """Rows of this controller's own laboratories: least and most; one number twice."""
    records_from: str = ""
    """File and key of their number."""
    persons: tuple[int, int] | None = None
    """Least and most; one number twice."""
    persons_from: str = ""
    """File and key of their number."""
    persons_scope: str = ""
    """Whom their number counts, where that is not said by itself: a code of `scope`."""
    recipients: Mapping[str, int] = field(default_factory=dict)
    """Whom the controller's letters are for, by role."""
    recipients_from: str = ""
    """File and key of their numbers."""
    linked_rows: int | None = None
    """Rows of the persons of its registry, whatever name they carry."""
    linked_rows_from: str = ""
    """File and key of their number."""
    decisions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What was decided under article "33" and "34"."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer, in the form's language; None: blank."""

    section: str
    code: str
    question: str
    article: str
    source: str
    text: str | None
    origin: str = ""
    """File and key of what was counted or seen."""


@cache
def form(authority: str) -> dict[str, Any]:
    """Return the questions of an authority ("CNIL") with the words of its language.

    "edpb" is which fields of the EDPB's template must be filled.
    """
    file = resources.files(__package__) / "forms" / f"{authority.lower()}.toml"
    asked = tomllib.loads(file.read_text(encoding="utf-8"))
    return {**terms(asked["language"]), **asked} if "language" in asked else asked


def facts_of(census: Mapping[str, Any], controller: Controller) -> Facts:
    """Return what a census says; of the rows by laboratory, only those of the controller's own."""
    kinds = {Kind(column["kind"]) for column in census["columns"]}
    families = [family for family, own in FAMILIES.items() if family not in _CATEGORIES and kinds & own]
    families += [category for category in _CATEGORIES if census["categories"].get(category)]
    roles = [role for role, count in census["roles"].items() if count]
    own = {controller.name.casefold(), *controller.cells.get("laboratory_codes", "").casefold().split()}
    rows = [count for name, count in (census.get("laboratories") or {}).items() if name.casefold() in own]
    return Facts(
        file_seen=True,
        families=tuple(families),
        roles=(*roles, *(["minors"] if census.get("minors") else [])),
        records=(sum(rows), sum(rows)) if rows else None,
        records_from="census.json: laboratories" if rows else "",
    )


def stated(facts: Facts, controller: Controller) -> Facts:
    """Return facts with the rows that the controller states, where nothing was counted."""
    if facts.records is not None or not controller.says("rows"):
        return facts
    ends = sorted(int(each) for each in re.findall(r"\d+", controller.cells["rows"]))
    return replace(facts, records=(ends[0], ends[-1]), records_from="controllers.csv: rows")


def answers(controller: Controller, facts: Facts, authority: str, late: bool) -> tuple[Answer, ...]:
    """Return the questions in the order of the form; `late`: the one that only a late notification asks too."""
    asked = form(authority)
    return tuple(
        Answer(section["title"], each["code"], each["text"], each["article"], each["source"], text, origin)
        for section in asked["section"]
        for each in section["question"]
        if late or each.get("when") != "late"
        for text in (_answer(each["source"], controller, facts, asked),)
        for origin in (_origin(each["source"], facts) if text else "",)
    )


def _origin(source: str, facts: Facts) -> str:
    """Return the file and key that a fact was counted or seen under; empty for any other answer."""
    return {**_COUNTED, "fact:persons": facts.persons_from, "fact:records": facts.records_from}.get(source, "")


def _answer(source: str, controller: Controller, facts: Facts, asked: Mapping[str, Any]) -> str | None:
    way, _, what = source.partition(":")
    if way in {"cell", "choice", "moment"} and what in controller.cells and not controller.says(what):
        return str(asked["unknown"])
    if way == "cell":
        return _joined(controller, *what.split(",")) or None
    if way == "choice":
        chosen = controller.chosen(what)
        return chosen.text(asked["language"]) if chosen else None
    if way == "moment":
        moment = controller.moments.get(what)
        return told(moment, controller.calendar.zone, asked) if moment else None
    if way == "fact":
        return _TELLING[what](controller, facts, asked)
    return None


def _told_when(controller: Controller, facts: Facts, asked: Mapping[str, Any]) -> str | None:
    """Return when the persons were told, else what was decided."""
    if "persons_filed" in controller.moments:
        return told(controller.moments["persons_filed"], controller.calendar.zone, asked)
    taken = facts.decisions.get("34") or {}
    return str(asked["told"][taken["outcome"]]) if taken else None


def filed(controller: Controller) -> bool:
    """Tell whether the authority was notified: what follows is complementary."""
    return "cnil_filed" in controller.moments or controller.says("cnil_receipt")


def _nature(_controller: Controller, facts: Facts, asked: Mapping[str, Any]) -> str | None:
    return str(asked["value"]["confidentiality"]) if facts.file_seen else None


def _stage(controller: Controller, _facts: Facts, asked: Mapping[str, Any]) -> str | None:
    return str(asked["value"]["further" if filed(controller) else "initial"])


def _records(_controller: Controller, facts: Facts, asked: Mapping[str, Any]) -> str | None:
    return scope.records(facts, asked)


def _persons(_controller: Controller, facts: Facts, asked: Mapping[str, Any]) -> str | None:
    return scope.persons(facts, asked)


_TELLING: Mapping[str, Callable[[Controller, Facts, Mapping[str, Any]], str | None]] = {
    "nature": _nature,
    "stage": _stage,
    "told": _told_when,
    "families": lambda _, facts, __: _seen(facts.families) or None,
    "roles": lambda _, facts, __: _seen(facts.roles) or None,
    "records": _records,
    "persons": _persons,
}


def markdown(given: Sequence[Answer], name: str, authority: str) -> str:
    """Return the draft as a page to be read, corrected and typed in."""
    asked = form(authority)
    blanks = [f"- {each.section} : {each.question}" for each in given if each.text is None]
    lines = [f"# {asked['title']}", "", plain(name), "", asked["notice"], *questions(given, authority)]
    return "\n".join([*lines, "", f"## {asked['missing']}", "", *blanks]) + "\n"


def questions(given: Sequence[Answer], authority: str) -> tuple[str, ...]:
    """Return the questions with their answers as lines of Markdown."""
    asked = form(authority)
    lines: list[str] = []
    section = ""
    for each in given:
        if each.section != section:
            section = each.section
            lines += ["", f"## {section}", ""]
        text = f"**[{asked['blank']}]**" if each.text is None else plain(each.text)
        origin = f" *({plain(each.origin)})*" if each.origin else ""
        lines.append(f"- {each.question} ({each.article}) : {text}{origin}")
    return tuple(lines)


def edpb(controller: Controller, facts: Facts, late: bool) -> dict[str, str | int | bool]:
    """Return the fields of the EDPB's template that can be answered; each is a value that its schema allows."""
    found = dict[str, str | int | bool](_who(controller))
    found |= dict(_decided(facts)) | dict(_when(controller, late)) | dict(_what(facts)) | dict(_told(controller))
    return {name: value for name, value in found.items() if value != ""}


def _joined(controller: Controller, *names: str) -> str:
    return ", ".join(controller.cells[name] for name in names if controller.says(name))


def _who(controller: Controller) -> Iterator[tuple[str, str]]:
    yield "field_3", "b" if filed(controller) else "a"
    yield "field_4", "b"
    if filed(controller):
        yield "field_6", _joined(controller, "cnil_receipt")
    yield "field_7", controller.code
    if controller.says("siren"):
        yield "field_10", "a"
        yield "field_11", controller.cells["siren"]
    yield "field_12", controller.name
    yield "field_13", _joined(controller, "address", "postcode", "commune", "phone", "email")
    yield from _chosen(controller, ("field_14", "sector"))
    yield "field_17", _joined(controller, "activity")
    yield "field_21", _joined(controller, "reporter")
    yield "field_22", _joined(controller, "reporter_contact")
    if controller.says("reporter"):
        same = [letter for letter, name in (("a", "dpo_name"), ("b", "representative")) if _same(controller, name)]
        yield "field_23", same[0] if same else "c"
    yield "field_30", _joined(controller, "dpo_name")
    yield "field_31", _joined(controller, "dpo_email", "dpo_phone")
    if controller.says("processor"):
        yield "field_38", "a"
        yield "field_39", "Processor"
        yield "field_40", controller.cells["processor"]
        yield "field_41", _joined(controller, "processor_contact")


def _same(controller: Controller, column: str) -> bool:
    return controller.says(column) and controller.cells[column].casefold() == controller.cells["reporter"].casefold()


def _chosen(controller: Controller, *asked: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """Yield fields of the template with the letters of what was chosen in columns."""
    for name, column in asked:
        chosen = controller.chosen(column)
        if chosen:
            yield name, chosen.edpb


def _when(controller: Controller, late: bool) -> Iterator[tuple[str, str | bool]]:
    moments = controller.moments
    for name, column in (("field_46", "breach_start"), ("field_47", "breach_end"), ("field_48", "aware")):
        if column in moments:
            yield name, moments[column].earliest.astimezone(controller.calendar.zone).isoformat(timespec="seconds")
    if {"breach_start", "breach_end"} <= moments.keys():
        yield "field_44", "b"
        yield "field_45", not (moments["breach_start"].exact and moments["breach_end"].exact)
    else:
        yield "field_44", "e"
    if late:
        yield "field_49", _joined(controller, "delay_reason")
    yield "field_51", _joined(controller, "found_how")
    if "persons_filed" in moments:
        yield "field_97", "a"
        told = moments["persons_filed"].earliest.astimezone(controller.calendar.zone)
        yield "field_98", told.date().isoformat()
    for name, column in (("field_109", "complaint_filed"), ("field_110", "health_agency_filed")):
        if column in moments:
            yield name, "a"
    yield "field_111", _joined(controller, "complaint_receipt", "health_agency_receipt")


def _decided(facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield what was decided: the outcome of the risk assessment, and whether the persons are told."""
    notify, tell = ((facts.decisions.get(article) or {}) for article in ("33", "34"))
    exception = tell.get("exception")
    if notify.get("outcome") == "not_notify":
        yield "field_89", "c"
    elif tell.get("outcome") in {"inform", "public_notice"}:
        yield "field_89", "a"
    elif tell.get("outcome") == "not_inform" and exception is None:
        yield "field_89", "b"
    yield "field_90", " ".join(each["reasons"] for each in (notify, tell) if each)
    letter = _TOLD.get(tell.get("outcome", ""))
    if letter:
        yield "field_97", "e" if exception else letter
    if exception:
        yield "field_100", exception.removeprefix("34(3)(").removesuffix(")")
        yield "field_101", tell["reasons"]


def _told(controller: Controller) -> Iterator[tuple[str, str]]:
    """Yield what a person has stated, over what is otherwise still to be determined."""
    yield from _chosen(
        controller,
        ("field_50", "found_by"),
        ("field_60", "origin"),
        ("field_61", "cause"),
        ("field_87", "gravity"),
        ("field_113", "cross_border"),
    )
    for name, column in (
        ("field_62", "description"),
        ("field_63", "systems"),
        ("field_76", "measures_before"),
        ("field_92", "measures_after"),
    ):
        yield name, _joined(controller, column)
    if controller.says("consequences"):
        yield "field_79", "d"
        yield "field_80", controller.cells["consequences"]


def _seen(found: tuple[str, ...] | None) -> str:
    """Return what was seen in the whole file, in words and marked so; empty for nothing."""
    asked = form("CNIL")
    return f"{', '.join(asked['value'].get(code, code) for code in found)} {asked['whole_file']}" if found else ""


def _what(facts: Facts) -> Iterator[tuple[str, str | int]]:
    if facts.file_seen:
        yield "field_55", "a"
        yield "field_56", "a"
    # Causes and effects are still to be determined: an initial notification may say so, and nobody but a person knows.
    yield from (("field_60", "x"), ("field_61", "e"), ("field_85", "o"), ("field_87", "d"))
    yield "field_65", "e" if "patient" in (facts.roles or ()) else "k"
    yield "field_66", _seen(facts.roles)
    gravest = [letter for family, letter in _GRAVEST.items() if family in (facts.families or ())]
    yield "field_70", gravest[0] if gravest else "t"
    yield "field_71", _seen(facts.families)
    # A number of the whole case, or of patients where others are concerned too, is not that of its persons.
    partial = facts.persons_scope == scope.CASE or bool(facts.recipients)
    for choice, count, known in (
        ("field_67", "field_68", None if partial else facts.persons),
        ("field_72", "field_73", facts.records),
    ):
        if known is not None and known[0] == known[1]:
            yield choice, "b"
            yield count, known[0]
        else:
            yield choice, "d"


def unanswered(fields: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the fields that are blank: those that must be filled, and those that must under a condition."""
    asked = form("edpb")
    return {
        need: tuple(name for name in (f"field_{number}" for number in asked[need]) if name not in fields)
        for need in ("mandatory", "conditional")
    }
