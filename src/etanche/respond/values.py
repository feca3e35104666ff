"""The values that every document may use, by name: the controller's own line, its figures, its deadlines, its case.

Rules, in the order in which they apply:

1. A cell is a value by the name of its column; a moment is told in the controller's own time.  "Unknown" is an answer,
   an empty cell is none; what was filed at an unknown moment was not filed.
2. A figure names the file and the key it was counted under, and bears a note.
3. What was seen in the whole file says so: it need not hold for the controller's own patients.
4. `due_CODE` is when a duty ends, `late_CODE` is there once that has passed with nothing filed, `done_CODE` once filed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from etanche.respond import scope
from etanche.respond.controllers import columns
from etanche.respond.deadlines import State
from etanche.respond.document import Dossier
from etanche.respond.template import Value
from etanche.respond.terms import day, instant, number, terms, told
from etanche.words import Words

LINE = "controllers.csv"
_JOINED = {
    "address_full": ("address", "postcode", "commune"),
    "representative_full": ("representative", "representative_title"),
    "dpo_contact": ("dpo_name", "dpo_email", "dpo_phone"),
}
_HEALTH = frozenset({"health", "genetic", "sex_life"})
"""What outsiders are told as health data, no more."""
_LATE = frozenset({State.LATE, State.DONE_LATE})
_DONE = frozenset({State.DONE, State.DONE_LATE})


def common(dossier: Dossier, language: str) -> dict[str, Value]:
    """Return the values of a controller in a language."""
    said = terms(language)
    found = [*_cells(dossier, said), *_facts(dossier, said), *_seen(dossier, said), *_duties(dossier, said)]
    found += [(f"case_{name}", Value(text, f"case.json: {name}")) for name, text in _case(dossier, said) if text]
    found += _decisions(dossier, language, said)
    found.append(("time_zone", Value(dossier.controller.calendar.zone.key, f"{LINE}: departement")))
    found.append(("today", Value(day(dossier.now, dossier.controller.calendar.zone, said), "")))
    return dict(found)


def _cells(dossier: Dossier, said: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    one = dossier.controller
    for column in columns():
        if column.name not in one.cells or (column.name.endswith("_filed") and column.name not in one.moments):
            continue
        chosen = one.chosen(column.name) if column.kind == "choice" else None
        if not one.says(column.name):
            text = said["unknown"]
        elif column.name in one.moments:
            text = told(one.moments[column.name], one.calendar.zone, said)
        else:
            text = chosen.text(said["language"]) if chosen else one.cells[column.name]
        yield column.name, Value(text, f"{LINE}: {column.name}")
    for name, parts in _JOINED.items():
        if text := ", ".join(one.cells[part] for part in parts if one.says(part)):
            yield name, Value(text, f"{LINE}: {', '.join(parts)}")


def _case(dossier: Dossier, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, text in dossier.case.items():
        if name == "created" and text:
            opened = datetime.fromisoformat(text).replace(tzinfo=UTC)
            yield name, instant(opened, dossier.controller.calendar.zone, said)
        else:
            yield name, text


def _facts(dossier: Dossier, said: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    facts = dossier.facts
    for name, keys in (("families", "columns, categories"), ("roles", "roles, minors")):
        if found := getattr(facts, name):
            text = ", ".join(said["value"].get(code, code) for code in found)
            yield name, Value(f"{text} {said['whole_file']}", f"census.json: {keys}", noted=True, whole=True)
    for name in ("records", "persons"):
        found = getattr(scope, name)(facts, said)
        if found is not None:
            source = getattr(facts, f"{name}_from") or (facts.recipients_from if name == "persons" else "")
            yield name, Value(found, source or facts.linked_rows_from, noted=True)
    if facts.families:
        broad = dict.fromkeys("health" if code in _HEALTH else code for code in facts.families)
        text = ", ".join(said["value"].get(code, code) for code in broad)
        yield "families_broad", Value(f"{text} {said['whole_file']}", "census.json: columns, categories", True, True)
    if facts.file_seen:
        yield "file_seen", Value("", "census.json")


def _decisions(dossier: Dossier, language: str, said: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for article, taken in dossier.facts.decisions.items():
        if not taken:
            continue
        source = f"decision-{dossier.controller.code}-{article}.json"
        at = datetime.fromisoformat(taken["at"])
        when = format(at.date(), said["day"]) if len(taken["at"]) <= len("2026-11-23") else format(at, said["minute"])
        signed = said["signed"].format(
            outcome=Words(language)(f"decide.outcome.{taken['outcome']}"), by=taken["by"], role=taken["role"], at=when
        )
        yield f"decision_{article}", Value(signed, f"{source}: outcome, by, role, at")
        yield f"decision_{article}_reasons", Value(taken["reasons"], f"{source}: reasons")


def _seen(dossier: Dossier, said: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for key, found in dossier.seen.items():
        text = number(found, said) if isinstance(found, int) else str(found)
        yield f"file_{key.replace('.', '_')}", Value(f"{text} {said['whole_file']}", f"census.json: {key}", True, True)


def _duties(dossier: Dossier, said: Mapping[str, Any]) -> Iterator[tuple[str, Value]]:
    for duty in dossier.duties:
        code, source = duty["duty"], f"deadlines.json: {duty['duty']}"
        if duty["due"]:
            due = datetime.fromisoformat(duty["due"])
            yield f"due_{code}", Value(instant(due, dossier.controller.calendar.zone, said), f"{source}.due")
        if duty["state"] in _LATE:
            yield f"late_{code}", Value("", f"{source}.state")
        if duty["state"] in _DONE:
            yield f"done_{code}", Value("", f"{source}.state")
