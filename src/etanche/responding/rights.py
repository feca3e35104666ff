"""The story of `etanche rights`: the register of persons' requests, their clocks, the drafts of answers, the proof.

Rules, in the order in which they apply:

1. Who asked, and what for, is sealed (`register/rights/NUMBER/…`), one part an act, never written over.  What is not
   sealed (`rights.json`) is numbers, kinds, moments and states: no name, no address, no text.
2. To receive, prolong and close a request nobody needs the key of the case; to draft an answer, or to see who asked,
   somebody does, and it is logged.
3. An answer that gives data says how the person was recognised, or is refused: whoever writes a letter may be anybody.
4. An answer is a draft until `close` says when it was sent, and how one can show it.
5. What names a person goes where `to` says, below the folder of the controller.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche import respond
from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import rights
from etanche.respond.holidays import Calendar, calendar
from etanche.respond.moments import parse
from etanche.responding import kept
from etanche.responding.asking import Person, letter, person_of
from etanche.responding.deciding import entry_of_code, worked_out
from etanche.responding.files import json_bytes, result_of, written
from etanche.words import Words

REGISTER = "rights.json"
FORMAT = "etanche-rights/1"
SEALED = "register/rights"
CLOSED = ("withdrawn", *rights.OUTCOMES)
_MOST_PROOF = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came in."""

    controller: str
    kind: str
    person: bytes = field(repr=False)
    """TOML: `name`, and what else is known (`asking.py`)."""
    shown: str
    """Names that file in errors."""
    received: str | None = None
    """When; None: now."""
    older: bool = False
    """A health record older than five years."""
    identity: str | None = field(default=None, repr=False)
    """How the person was recognised, where they were."""
    departement: str | None = None
    """Where the controller is, for its holidays."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an act: the entry of the register, and the letter where one was asked for."""

    entry: dict[str, Any]
    files: tuple[Path, ...] = ()
    blanks: tuple[str, ...] = ()
    """What is still to be written in the letter."""
    warnings: tuple[str, ...] = ()


def add(path: Path, asked: Received, to: Path | None, config: Config) -> Done:
    """Enter a request; `to`: write the acknowledgement too.  `UserError` for what cannot be entered (2, 3, 5)."""
    _check(path, to)
    kind = rights.kind_of(asked.kind)
    if asked.older and not kind.old:
        raise UserError("rights_older", ExitCode.USAGE)
    person = person_of(asked.person, asked.shown)
    now = config.now()
    with CaseFolder.open(path, config) as case:
        controller = entry_of_code(worked_out(case), asked.controller)
        place = _place(controller, asked.departement)
        moment = _moment(asked.received, place, now)
        register = _register(case)
        entry = {
            "number": _next(case, register, controller["code"]),
            "controller": controller["code"],
            "name": controller["name"],
            "kind": kind.code,
            "articles": list(kind.articles),
            "older": asked.older,
            "departement": place.departement,
            "jurisdiction": controller["jurisdiction"],
            "zone": controller["zone"],
            "received": {end: _at(at, place) for end, at in (("earliest", moment[0]), ("latest", moment[1]))},
            "extended": None,
            "recognised": bool(asked.identity),
            "outcome": None,
            "grounds": [],
            "sent": None,
            "acts": [],
        }
        _count(entry, place)
        sealed = {"person": person.document(), "identity": asked.identity}
        _act(case, register, entry, "received", sealed, now)
    made = _letter("receipt", entry, person, {}, config, to) if to else None
    return Done(entry, *(made or ((), ())))


def extend(path: Path, number: str, reason: str, told: str | None, to: Path | None, config: Config,
           options: KeyOptions) -> Done:  # fmt: skip
    """Add two months, the person having been told why within the first; `to`: write the letter (needs the key)."""
    _check(path, to)
    now = config.now()
    with CaseFolder.open(path, config) as case:
        register, entry = _entry(case, number)
        place = _place(entry, entry["departement"])
        at = _moment(told, place, now)[1]
        if not rights.kind_of(entry["kind"]).extended or entry["extended"] or entry["sent"]:
            raise UserError("rights_no_extension", ExitCode.REFUSED, number=entry["number"])
        if at > datetime.fromisoformat(entry["due"]):
            raise UserError("rights_extension_late", ExitCode.REFUSED, number=entry["number"], due=entry["due"][:10])
        if not reason.strip():
            raise UserError("rights_reason", ExitCode.USAGE)
        person = _person(case, entry, config, options) if to else None
        entry["extended"] = _at(at, place)
        _count(entry, place)
        _act(case, register, entry, "extended", {"reason": reason, "told": _at(at, place)}, now)
    made = _letter("extension", entry, person, {"reason": reason}, config, to) if to and person else None
    return Done(entry, *(made or ((), ())))


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as somebody asks for its draft."""

    outcome: str
    """One of `rights.OUTCOMES`."""
    grounds: tuple[str, ...] = ()
    identity: str | None = field(default=None, repr=False)


def answer(path: Path, number: str, asked: Answered, to: Path, config: Config, options: KeyOptions) -> Done:
    """Draft the answer to a request below `to`; it stays a draft until the request is closed.

    Raises `UserError`: no such request, no ground (2); nobody said how the person was recognised (5); a key (5).
    """
    _check(path, to)
    with CaseFolder.open(path, config) as case:
        register, entry = _entry(case, number)
        if entry["sent"]:
            raise UserError("rights_closed", ExitCode.REFUSED, number=entry["number"])
        grounds = rights.check_answer(entry["kind"], asked.outcome, asked.grounds)
        gives = asked.outcome != "refused" and rights.kind_of(entry["kind"]).identity
        if gives and not (entry["recognised"] or (asked.identity or "").strip()):
            raise UserError("rights_identity", ExitCode.REFUSED, number=entry["number"])
        person = _person(case, entry, config, options)
        entry.update(outcome=asked.outcome, grounds=[ground.code for ground in grounds])
        entry["recognised"] = entry["recognised"] or bool(asked.identity)
        sealed = {"outcome": asked.outcome, "grounds": entry["grounds"], "identity": asked.identity}
        _act(case, register, entry, "drafted", sealed, config.now())
    made = _letter(entry["kind"], entry, person, {"outcome": asked.outcome}, config, to)
    early = ("too_early",) if config.now() < datetime.fromisoformat(entry["opens"]) else ()
    return Done(entry, *made, early)


@dataclass(frozen=True, slots=True)
class Closed:
    """How a request ended."""

    sent: str | None = None
    """When the answer was sent; None: now."""
    outcome: str | None = None
    """One of `CLOSED`; None: that of the draft."""
    receipt: str = field(default="", repr=False)
    """How one can show it: the number of a registered letter."""
    proof: bytes | None = field(default=None, repr=False)
    """A file that shows it."""


def close(path: Path, number: str, asked: Closed, config: Config) -> Done:
    """Say when a request was answered, and how one can show it; the proof is sealed.  No key is needed."""
    if not asked.receipt.strip() and asked.proof is None and asked.outcome != "withdrawn":
        raise UserError("rights_proof", ExitCode.USAGE)
    if asked.proof is not None and len(asked.proof) > _MOST_PROOF:
        raise UserError("rights_proof_large", ExitCode.USAGE)
    now = config.now()
    with CaseFolder.open(path, config) as case:
        register, entry = _entry(case, number)
        if entry["sent"]:
            raise UserError("rights_closed", ExitCode.REFUSED, number=entry["number"])
        outcome = asked.outcome or entry["outcome"]
        if outcome not in CLOSED:
            raise UserError("rights_outcome", ExitCode.USAGE, known=", ".join(CLOSED))
        place = _place(entry, entry["departement"])
        first, last = _moment(asked.sent, place, now)
        if last < datetime.fromisoformat(entry["received"]["earliest"]):
            raise UserError("rights_sent_before", ExitCode.USAGE, number=entry["number"])
        # A day without an hour is proof of the day's end, and no more.
        entry.update(outcome=outcome, sent=_at(min(last, now), place))
        proof = {"receipt": asked.receipt, "proof_sha256": sha256(asked.proof).hexdigest() if asked.proof else None}
        if asked.proof is not None:
            case.seal(f"receipts/rights/{entry['number']}", asked.proof)
        _act(case, register, entry, "closed", {"outcome": outcome, **proof}, now)
    early = ("sent_early",) if first < datetime.fromisoformat(entry["opens"]) and outcome != "withdrawn" else ()
    return Done(entry, warnings=early)


def show(path: Path, number: str, config: Config, options: KeyOptions) -> dict[str, Any]:
    """Return every sealed act of a request; logged before it is read."""
    secure_process()
    with CaseFolder.open(path, config) as case:
        _, entry = _entry(case, number)
        identity = keys.unlock(case, config, options)
        case.log(Event.SHOWN, what="request", number=entry["number"])
        acts = [{**act, **json.loads(case.unseal(act["part"], identity))} for act in entry["acts"]]
    return {**entry, "acts": acts}


def status(path: Path, config: Config) -> dict[str, Any]:
    """Return the register with the states of the present moment, and counts; nobody is named, nothing is written."""
    with CaseFolder.open(path, config) as case:
        worked_out(case)
        entries = _register(case)["requests"]
    now = config.now()
    told = [{**entry, **rights.standing(entry, now)} for entry in entries]
    counts: dict[str, dict[str, int]] = {}
    for entry in told:
        of = counts.setdefault(entry["controller"], {})
        of[entry["state"]] = of.get(entry["state"], 0) + 1
    computed = now.isoformat(timespec="seconds")
    return {"format": FORMAT, "computed": computed, "counts": counts, "requests": told}


def agenda(path: Path, config: Config) -> dict[str, bytes]:
    """Return a calendar of the running requests of each controller, by its code; numbers and duties, no name."""
    document = status(path, config)
    with CaseFolder.open(path, config) as case:
        case_id = case.summary.case_id
    words = Words(config.language)
    found: dict[str, list[respond.Entry]] = {}
    for entry in document["requests"]:
        if entry["left"] is not None:
            found.setdefault(entry["controller"], []).append(_event(entry, case_id, words))
    return {code: respond.agenda(entries, config.now()) for code, entries in found.items()}


def write_agenda(path: Path, to: Path, config: Config) -> tuple[Path, ...]:
    """Write the calendar of each controller below its folder, and return the files."""
    _check(path, to)
    files = {to / code / "rights" / "requests.ics": content for code, content in agenda(path, config).items()}
    for file, content in files.items():
        written(file, content)
    return tuple(files)


def _event(entry: Mapping[str, Any], case_id: str, words: Words) -> respond.Entry:
    identity = sha256(f"{case_id}/{entry['number']}".encode()).hexdigest()[:32]
    return respond.Entry(
        uid=f"{identity}@etanche",
        summary=f"{entry['number']}: {words('respond.duty.' + entry['duty'])}",
        description=words("respond.agenda.articles", articles="; ".join(entry["articles"])),
        due=datetime.fromisoformat(entry["due"]).astimezone(UTC),
        alarms=tuple(at.astimezone(UTC) for at in rights.alarms(entry)),
    )


def _check(path: Path, to: Path | None) -> None:
    if to is not None:
        kept.outside(to, path)


def _place(entry: Mapping[str, Any], departement: str | None) -> Calendar:
    """Return the calendar of a controller: without a département, holidays of some places are not counted on."""
    own = (departement or entry.get("departement") or "").upper()
    return calendar(entry["jurisdiction"], own.zfill(2) if own else "", entry["zone"])


def _moment(text: str | None, place: Calendar, now: datetime) -> tuple[datetime, datetime]:
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


def _at(at: datetime, place: Calendar) -> str:
    return at.astimezone(place.zone).isoformat(timespec="seconds")


def _count(entry: dict[str, Any], place: Calendar) -> None:
    """Put the clock of a request into its entry."""
    received = datetime.fromisoformat(entry["received"]["earliest"])
    law = respond.law(entry["jurisdiction"])
    kind = rights.kind_of(entry["kind"])
    found = rights.clock(kind, received, place, law, old=entry["older"], extended=entry["extended"] is not None)
    counted = found.counted
    entry["duty"], entry["opens"] = found.duty, _at(found.opens, place)
    entry["due"] = None if counted is None else _at(counted.due, place)
    entry["readings"] = [
        {"code": each.code, "due": _at(each.due, place), "contested": each.contested}
        for each in (counted.readings if counted else ())
    ]


def _register(case: CaseFolder) -> dict[str, Any]:
    return result_of(case, REGISTER) or {"format": FORMAT, "requests": []}


def _entry(case: CaseFolder, number: str) -> tuple[dict[str, Any], dict[str, Any]]:
    register = _register(case)
    wanted = number.strip().lower()
    for entry in register["requests"]:
        if entry["number"].lower() == wanted:
            return register, entry
    raise UserError("rights_number", ExitCode.USAGE)


def _next(case: CaseFolder, register: Mapping[str, Any], code: str) -> str:
    """Return the next number of a controller; one whose entry a crash kept from being written is not given again."""
    return f"{code}-{1 + max(_numbers(case, register, code), default=0):04}"


def _numbers(case: CaseFolder, register: Mapping[str, Any], code: str) -> Iterator[int]:
    given = [entry["number"] for entry in register["requests"]]
    given += [part.split("/")[2] for part in case.sealed(f"{SEALED}/{code}-")]
    for name in given:
        own, _, number = name.rpartition("-")
        if own == code and number.isdigit():
            yield int(number)


def _act(
    case: CaseFolder,
    register: dict[str, Any],
    entry: dict[str, Any],
    act: str,
    sealed: Mapping[str, Any],
    now: datetime,
) -> None:
    """Seal what an act says, log it, and bring the register up to it."""
    part = f"{SEALED}/{entry['number']}/{len(entry['acts']) + 1:02}-{act}"
    if part in case.sealed(part):  # sealed, then a crash: the register does not know of it
        case.discard(part)
    case.seal(part, json_bytes(sealed))
    case.commit(
        Event.REQUESTED,
        frozenset(),
        number=entry["number"],
        controller=entry["controller"],
        kind=entry["kind"],
        act=act,
        outcome=entry["outcome"],
    )
    entry["acts"].append({"act": act, "at": now.isoformat(timespec="seconds"), "part": part})
    if act == "received":
        register["requests"].append(entry)
    case.write_result(REGISTER, json_bytes(register))


def _person(case: CaseFolder, entry: Mapping[str, Any], config: Config, options: KeyOptions) -> Person:
    secure_process()
    identity = keys.unlock(case, config, options)
    case.log(Event.SHOWN, what="request", number=entry["number"])
    said = json.loads(case.unseal(entry["acts"][0]["part"], identity))
    return Person(**said["person"])


def _letter(
    name: str, entry: Mapping[str, Any], person: Person, more: Mapping[str, str], config: Config, to: Path | None
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write a letter below the folder of its controller; return its files and what is still to be written in it."""
    if to is None:
        return (), ()
    found = letter(name, entry, person, more, config)
    # The number of the act: what somebody completed by hand is never written over.
    stem = f"{entry['number']}-{len(entry['acts']):02}-{name}"
    place = to / entry["controller"] / "rights"
    files = found.files(stem, config.now())
    for file, content in files.items():
        written(place / file, content)
    return tuple(place / file for file in files), found.blanks
