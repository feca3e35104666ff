"""The register of persons' requests as it lies in the case: numbers and moments in clear, whoever asked sealed.

Rules, in the order in which they apply:

1. An act is sealed first, one part each (many requests entered at once: one for each controller), never written over;
   then the register is brought up to it.
2. A number is given once, also where a crash kept its entry from being written.
3. Many requests entered at once are one commit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from etanche import respond
from etanche.casefile import CaseFolder, Event
from etanche.errors import ExitCode, UserError
from etanche.respond import rights
from etanche.respond.holidays import Calendar, calendar
from etanche.respond.moments import parse
from etanche.responding.files import json_bytes, result_of

REGISTER = "rights.json"
FORMAT = "etanche-rights/1"
SEALED = "register/rights"


def place_of(entry: Mapping[str, Any], departement: str | None) -> Calendar:
    """Return the calendar of a controller: without a département, holidays of some places are not counted on."""
    own = (departement or entry.get("departement") or "").upper()
    return calendar(entry["jurisdiction"], own.zfill(2) if own else "", entry["zone"])


def moment_of(text: str | None, place: Calendar, now: datetime) -> tuple[datetime, datetime]:
    """Return the earliest and the latest instant of a moment in the past; None: now."""
    if text is None:
        return now, now
    try:
        found = parse(text, place.zone)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise UserError("rights_moment", ExitCode.USAGE)
    if found.earliest > now:
        raise UserError("rights_future", ExitCode.USAGE)
    return found.earliest, found.latest


def local(at: datetime, place: Calendar) -> str:
    """Return an instant by the clock of a place."""
    return at.astimezone(place.zone).isoformat(timespec="seconds")


def counted(entry: dict[str, Any], place: Calendar) -> None:
    """Put the clock of a request into its entry."""
    received = datetime.fromisoformat(entry["received"]["earliest"])
    law = respond.law(entry["jurisdiction"])
    kind = rights.kind_of(entry["kind"])
    found = rights.clock(kind, received, place, law, old=entry["older"], extended=entry["extended"] is not None)
    ends = found.counted
    entry["duty"], entry["opens"] = found.duty, local(found.opens, place)
    entry["due"] = None if ends is None else local(ends.due, place)
    entry["readings"] = [
        {"code": each.code, "due": local(each.due, place), "contested": each.contested}
        for each in (ends.readings if ends else ())
    ]


def register_of(case: CaseFolder) -> dict[str, Any]:
    """Return `rights.json` of a case, one without requests where there is none."""
    return result_of(case, REGISTER) or {"format": FORMAT, "requests": []}


def entry_of(case: CaseFolder, number: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the register and the entry of a number; `UserError` (usage) for one that there is not."""
    register = register_of(case)
    wanted = number.strip().lower()
    for entry in register["requests"]:
        if entry["number"].lower() == wanted:
            return register, entry
    raise UserError("rights_number", ExitCode.USAGE)


def next_number(case: CaseFolder, register: Mapping[str, Any], code: str) -> int:
    """Return the next number of a controller; one whose entry a crash kept from being written is not given again."""
    return 1 + max(_numbers(case, register, code), default=0)


def _numbers(case: CaseFolder, register: Mapping[str, Any], code: str) -> Iterator[int]:
    given = [entry["number"] for entry in register["requests"]]
    given += [part.split("/")[2] for part in case.sealed(f"{SEALED}/{code}-")]
    for name in given:
        own, _, number = name.rpartition("-")
        if own == code and number.isdigit():
            yield int(number)


def new_entry(
    controller: Mapping[str, Any],
    kind: rights.Request,
    number: int,
    place: Calendar,
    received: tuple[datetime, datetime],
    *,
    older: bool,
    recognised: bool,
) -> dict[str, Any]:
    """Return the entry of a request, its clock counted."""
    if older and not kind.old:
        raise UserError("rights_older", ExitCode.USAGE)
    entry: dict[str, Any] = {
        "number": f"{controller['code']}-{number:04}",
        "controller": controller["code"],
        "name": controller["name"],
        "kind": kind.code,
        "articles": list(kind.articles),
        "older": older,
        "departement": place.departement,
        "jurisdiction": controller["jurisdiction"],
        "zone": controller["zone"],
        "received": {end: local(at, place) for end, at in zip(("earliest", "latest"), received, strict=True)},
        "extended": None,
        "recognised": recognised,
        "outcome": None,
        "grounds": [],
        "sent": None,
        "acts": [],
    }
    counted(entry, place)
    return entry


def enter(case: CaseFolder, register: dict[str, Any], entries: Sequence[tuple[dict[str, Any], Mapping[str, Any]]],
          now: datetime) -> None:  # fmt: skip
    """Enter new requests, each with what is sealed of it: one commit, one writing of the register."""
    one = entries[0][0]
    if len(entries) == 1:
        _seal(case, one, "received", entries[0][1], now)
    else:
        for code in {entry["controller"]: None for entry, _ in entries}:
            _seal_batch(case, [each for each in entries if each[0]["controller"] == code], now)
    alone = {"number": one["number"], "kind": one["kind"]} if len(entries) == 1 else {"requests": len(entries)}
    codes = sorted({entry["controller"] for entry, _ in entries})
    whose = {"controller": codes[0]} if len(codes) == 1 else {"controllers": " ".join(codes)}
    case.commit(Event.REQUESTED, frozenset(), act="received", **alone, **whose)
    register["requests"] += [entry for entry, _ in entries]
    case.write_result(REGISTER, json_bytes(register))


def act(
    case: CaseFolder,
    register: dict[str, Any],
    entry: dict[str, Any],
    name: str,
    sealed: Mapping[str, Any],
    now: datetime,
) -> None:
    """Seal what an act says, log it, and bring the register up to it."""
    _seal(case, entry, name, sealed, now)
    case.commit(
        Event.REQUESTED,
        frozenset(),
        number=entry["number"],
        controller=entry["controller"],
        kind=entry["kind"],
        act=name,
        outcome=entry["outcome"],
    )
    case.write_result(REGISTER, json_bytes(register))


def unsealed(act: Mapping[str, Any], opened: Callable[[str], bytes]) -> dict[str, Any]:
    """Return what is sealed of an act; `opened` opens a part by its name."""
    said: dict[str, Any] = json.loads(opened(act["part"]))
    if "place" in act:
        said = said["sealed"][act["place"]]
    return said


def _seal(case: CaseFolder, entry: dict[str, Any], name: str, sealed: Mapping[str, Any], now: datetime) -> None:
    number = len(entry["acts"]) + 1
    part = _sealed(case, f"{SEALED}/{entry['number']}/{number:02}-{name}", json_bytes(sealed))
    entry["acts"].append({**_told(name, now), "part": part})


def _seal_batch(case: CaseFolder, entries: Sequence[tuple[dict[str, Any], Mapping[str, Any]]], now: datetime) -> None:
    """Seal many requests of one controller as one part: a part each would be a flush to the disk each."""
    data = json_bytes({"sealed": [sealed for _, sealed in entries]})
    part = _sealed(case, f"{SEALED}/batches/{entries[0][0]['number']}", data)
    for place, (entry, _) in enumerate(entries):
        entry["acts"].append({**_told("received", now), "part": part, "place": place})


def _sealed(case: CaseFolder, part: str, data: bytes) -> str:
    if part in case.sealed(part):  # sealed, then a crash: the register does not know of it, nor does who typed it
        case.discard(part)
    case.seal(part, data)
    return part


def _told(name: str, now: datetime) -> dict[str, Any]:
    return {"act": name, "at": now.isoformat(timespec="seconds")}
