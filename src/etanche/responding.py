"""The story of `etanche respond`: what each controller of a leak owes, by when, and how far its clocks have run.

Rules, in the order in which they apply:

1. The controllers file is read whole, or nothing is written.  It is not kept: its hash is, in the custody log.
2. A case may have no file: `new` makes one on a claim, a screenshot, a few lines, with a number of persons that may be
   a range or unknown.
3. Each controller's part is worked out from its own line alone and written to its own folder; `respond.json`, which
   holds all of them, stays with whoever works on the case.
4. The draft of a notification names the controller's own people (its officer, who signs): it goes where `to` says, and
   never lies readable in the case.
5. A moment of awareness that was stated before and is stated otherwise now is logged as changed.
6. `status` computes states anew for the present moment and writes nothing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche import respond
from etanche.case import CENSUS
from etanche.casefile import Acquisition, CaseFolder, Event, KeyOptions, keys, secure_process, write_whole
from etanche.casework import read_census
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.words import Words

__all__ = ["Basis", "KeyOptions", "RespondRequest", "Responded", "packs", "respond_case", "status"]

RESULT = "respond.json"
FORMAT = "etanche-respond/1"
_PERSONS = re.compile(r"(\d{1,9})(?:\s*(?:-|\.\.|–)\s*(\d{1,9}))?")
_UNKNOWN = frozenset({"unknown", "inconnu"})

packs = respond.packs


class Basis(StrEnum):
    """What a case without a file stands on."""

    CLAIM = "claim"
    SCREENSHOT = "screenshot"
    LINES = "lines"
    RANSOMWARE = "ransomware"


@dataclass(frozen=True, slots=True)
class RespondRequest:
    """What `etanche respond` was asked."""

    case: Path
    controllers: Path
    to: Path | None = None
    new: bool = False
    basis: Basis = Basis.CLAIM
    persons: str = "unknown"
    """How many persons a case without a file concerns: a number, a range, or unknown."""
    switched_on: frozenset[str] = frozenset()
    """Packs of law that count only where somebody asked for them."""
    keys: KeyOptions = field(default_factory=KeyOptions)


@dataclass(frozen=True, slots=True)
class Responded:
    """What came out: `respond.json`, with the states of the present moment."""

    document: dict[str, Any]
    exit_code: ExitCode = ExitCode.DONE


def respond_case(request: RespondRequest, config: Config) -> Responded:
    """Work out the deadlines of every controller and write each one's part.

    Raises `UserError`: a controllers file that cannot be read (3) or is wrong (2), no case there (3), a place that
    cannot be written (1).
    """
    secure_process()
    now = config.now()
    if unknown := request.switched_on - set(respond.packs()):
        raise UserError("respond_pack", ExitCode.USAGE, name=min(unknown), packs=", ".join(respond.packs()))
    persons = _persons(request.persons)
    _check_place(request)
    data = _read(request.controllers)
    found = respond.read(data, str(request.controllers), now)
    claim = {"basis": request.basis.value, "persons": persons} if request.new else None
    with _opened(request, config) as case:
        before = _result(case, RESULT)
        document = _document(found, request, claim or before.get("claim"), now)
        drafts = _drafts(case, found, document)
        case.log(Event.COMMAND, command="respond", packs=" ".join(sorted(request.switched_on)))
        case.log(Event.INPUT_READ, what="controllers", sha256=sha256(data).hexdigest(), size=len(data))
        parts = {
            f"{entry['code']}/{name}": content
            for entry in document["controllers"]
            for name, content in {
                **_parts(entry, case.summary.case_id, config.language, now),
                **(drafts[entry["code"]] if request.to else {}),
            }.items()
        }
        listed = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(parts.items()))
        case.log(
            Event.RESPONDED,
            controllers=len(found),
            files=len(parts),
            sha256=sha256(listed.encode()).hexdigest(),
            changed=" ".join(_changed(before, document)),
        )
        _publish(case, parts, request.to)
        case.write_result(RESULT, _json(document))
    return Responded(document)


def status(path: Path, config: Config) -> Responded:
    """Return what was worked out, each duty in the state of the present moment; writes nothing.

    Raises `UserError` where nothing was worked out yet (3) or what was is not as it was written (5).
    """
    with CaseFolder.open(path, config) as case:
        document = _result(case, RESULT)
    if not document:
        raise UserError("respond_none", ExitCode.UNREADABLE, path=str(path))
    now = config.now()
    for entry in document["controllers"]:
        _refresh(entry, now)
    return Responded({**document, "computed": now.isoformat(timespec="seconds")})


def _check_place(request: RespondRequest) -> None:
    """Refuse a place within the case: what names people does not lie readable there."""
    if request.to is not None and request.to.resolve().is_relative_to(request.case.resolve()):
        raise UserError("respond_within_case", ExitCode.REFUSED, path=str(request.to))


def _opened(request: RespondRequest, config: Config) -> CaseFolder:
    if not request.new:
        return CaseFolder.open(request.case, config)
    choice = keys.choose(config, request.keys)
    return CaseFolder.create(request.case, choice, config, Acquisition(how=request.basis.value))


def _persons(text: str) -> dict[str, int] | None:
    if text.strip().lower() in _UNKNOWN:
        return None
    match = _PERSONS.fullmatch(text.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise UserError("respond_persons", ExitCode.USAGE)
    return {"least": int(match[1]), "most": int(match[2] or match[1])}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("controllers_unreadable", ExitCode.UNREADABLE, path=str(path), problem=problem) from None


def _result(case: CaseFolder, name: str) -> dict[str, Any]:
    """Return a result of the case, empty where there is none; `UserError` (refused) for one that was changed."""
    written = case.summary.results.get(name)
    if written is None:
        return {}
    try:
        data = (case.path / name).read_bytes()
    except OSError:
        data = b""
    if sha256(data).hexdigest() != written.sha256:
        raise UserError("respond_changed", ExitCode.REFUSED, path=str(case.path / name))
    document: dict[str, Any] = json.loads(data)
    return document


def _document(
    found: tuple[respond.Controller, ...],
    request: RespondRequest,
    claim: dict[str, Any] | None,
    now: datetime,
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "computed": now.isoformat(timespec="seconds"),
        "claim": claim,
        "packs": sorted(request.switched_on),
        "controllers": [_entry(one, request.switched_on, now) for one in found],
    }


def _entry(controller: respond.Controller, switched_on: frozenset[str], now: datetime) -> dict[str, Any]:
    """Return the part of one controller."""
    law = respond.law(controller.jurisdiction, switched_on)
    owed = respond.deadlines(controller, law)
    return {
        "code": controller.code,
        "name": controller.name,
        "jurisdiction": controller.jurisdiction,
        "authority": law.authority,
        "zone": controller.calendar.zone.key,
        "duties": [_duty(each, controller.calendar.zone, now) for each in owed],
        "missing": list(dict.fromkeys(name for each in owed for name in each.missing)),
    }


def _duty(deadline: respond.Deadline, zone: tzinfo, now: datetime) -> dict[str, Any]:
    duty = deadline.duty
    stated = {
        "duty": duty.code,
        "who": duty.who,
        "to": duty.to,
        "condition": duty.condition,
        "counting": duty.counting,
        "starts": _moment(deadline.starts, zone),
        "basis": deadline.basis,
        "due": _at(deadline.due, zone),
        "readings": [
            {"code": each.code, "due": _at(each.due, zone), "contested": each.contested} for each in deadline.readings
        ],
        "alarms": _alarms(deadline, zone),
        "proposed": [{"duration": duration, "source": source} for duration, source in duty.proposed],
        "filed": _moment(deadline.filed, zone),
        "receipt": deadline.receipt or None,
        "missing": list(deadline.missing),
        "articles": list(duty.articles),
        "law": {
            "title": duty.title,
            "written": duty.written.isoformat(),
            "reviewed": None if duty.reviewed is None else duty.reviewed.isoformat(),
            "mark": duty.mark,
            "sure": duty.sure,
        },
    }
    return {**stated, **_state(stated, now)}


def _alarms(deadline: respond.Deadline, zone: tzinfo) -> dict[str, str | None]:
    """Return when each share (percent) of the period has passed."""
    if deadline.starts is None or deadline.due is None:
        return {}
    start, length = deadline.starts.earliest, deadline.due - deadline.starts.earliest
    return {str(share): _at(start + length * share / 100, zone) for share in respond.ALARMS}


def _moment(moment: respond.Moment | None, zone: tzinfo) -> dict[str, str | None] | None:
    return None if moment is None else {"earliest": _at(moment.earliest, zone), "latest": _at(moment.latest, zone)}


def _at(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def _state(duty: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return `state`, `elapsed` (percent of the period) and `left` (seconds, negative once it has ended)."""
    start = _instant(duty["starts"] and duty["starts"]["earliest"])
    due, filed = _instant(duty["due"]), _instant(duty["filed"] and duty["filed"]["latest"])
    state = respond.state_at(duty["counting"], start, due, filed, bool(duty["receipt"]), now)
    running = start is not None and due is not None and state not in (respond.State.DONE, respond.State.DONE_LATE)
    return {
        "state": state.value,
        "elapsed": round(respond.elapsed(start, due, now), 1) if running and start and due else None,
        "left": round((due - now).total_seconds()) if running and due else None,
    }


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _refresh(entry: dict[str, Any], now: datetime) -> None:
    for duty in entry["duties"]:
        duty.update(_state(duty, now))


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the controllers of which a start was stated before and is stated otherwise now."""
    known = {
        (entry["code"], duty["duty"]): duty["starts"]
        for entry in before.get("controllers", ())
        for duty in entry["duties"]
        if duty["starts"] is not None
    }
    return sorted(
        {
            entry["code"]
            for entry in after["controllers"]
            for duty in entry["duties"]
            if known.get((entry["code"], duty["duty"]), duty["starts"]) != duty["starts"]
        }
    )


def _parts(entry: dict[str, Any], case_id: str, language: str, now: datetime) -> dict[str, bytes]:
    """Return the files of one controller, by name."""
    return {
        "deadlines.json": _json({"format": FORMAT, "computed": now.isoformat(timespec="seconds"), **entry}),
        "deadlines.ics": respond.agenda(_agenda(entry, case_id, Words(language)), now),
    }


def _drafts(
    case: CaseFolder, found: tuple[respond.Controller, ...], document: dict[str, Any]
) -> dict[str, dict[str, bytes]]:
    """Return the draft of each controller's notification, by its code; the blanks go to its entry."""
    census = read_census(case) if CENSUS in case.summary.results else None
    linked = _linked(case)
    claimed = (document["claim"] or {}).get("persons") if len(found) == 1 else None
    drafts = {}
    for controller, entry in zip(found, document["controllers"], strict=True):
        facts = respond.facts_of(census, controller) if census else respond.Facts()
        persons = linked.get(controller.code) or (claimed and (claimed["least"], claimed["most"]))
        drafts[controller.code] = _draft(controller, replace(facts, persons=persons or None), entry)
    return drafts


def _linked(case: CaseFolder) -> dict[str, tuple[int, int]]:
    """Return how many persons of each registry are in the leak, by the name of its list: least and most."""
    found = {}
    for name in case.summary.results:
        if name.startswith("link-") and name.endswith(".json"):
            said = _result(case, name)
            found[str(said["name"])] = (int(said["notify"]), int(said["notify"]) + int(said["review"]))
    return found


def _draft(controller: respond.Controller, facts: respond.Facts, entry: dict[str, Any]) -> dict[str, bytes]:
    states = {duty["duty"]: duty["state"] for duty in entry["duties"]}
    late = states.get("notify_authority") in {respond.State.LATE, respond.State.DONE_LATE}
    given = respond.answers(controller, facts, entry["authority"], late)
    fields = respond.edpb(controller, facts, late)
    blank = {"questions": [each.code for each in given if each.text is None], "edpb": respond.unanswered(fields)}
    entry["blank"] = blank["questions"]
    said = {"format": FORMAT, "code": controller.code, "answers": [asdict(each) for each in given], "blank": blank}
    return {
        "notification.md": respond.markdown(given, controller.name, entry["authority"]).encode("utf-8", "replace"),
        "notification.json": _json(said),
        "notification-edpb.json": _json(fields),
    }


def _agenda(entry: dict[str, Any], case_id: str, words: Words) -> list[respond.Entry]:
    entries = []
    for duty in entry["duties"]:
        due = _instant(duty["due"])
        if due is None or duty["left"] is None:
            continue
        told = [
            words("respond.agenda.articles", articles="; ".join(duty["articles"])),
            words(f"respond.condition.{duty['condition']}"),
            *(words(f"respond.reading.{each['code']}", due=each["due"]) for each in duty["readings"]),
            *([] if duty["law"]["sure"] else [words("respond.unsure")]),
        ]
        identity = sha256(f"{case_id}/{entry['code']}/{duty['duty']}".encode()).hexdigest()[:32]
        entries.append(
            respond.Entry(
                uid=f"{identity}@etanche",
                summary=f"{entry['name']}: {words('respond.duty.' + duty['duty'])}",
                description="\n".join(told),
                due=due.astimezone(UTC),
                alarms=tuple(datetime.fromisoformat(alarm).astimezone(UTC) for alarm in duty["alarms"].values()),
            )
        )
    return entries


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _publish(case: CaseFolder, parts: Mapping[str, bytes], to: Path | None) -> None:
    """Write every part: into the case, or to a folder, each file whole or not at all."""
    for name, content in parts.items():
        if to is None:
            case.write_result(f"respond/{name}", content)
        else:
            _written(to / name, content)


def _written(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("respond_cannot_write", ExitCode.FAILED, path=str(path), problem=problem) from error
