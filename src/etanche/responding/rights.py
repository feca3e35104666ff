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

from collections.abc import Mapping
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
from etanche.responding import asking_table, kept
from etanche.responding.asking import Person, letter, person_of
from etanche.responding.deciding import entry_of_code, worked_out
from etanche.responding.files import written
from etanche.responding.rights_register import (
    FORMAT,
    act,
    counted,
    enter,
    entry_of,
    local,
    moment_of,
    new_entry,
    next_number,
    place_of,
    register_of,
    unsealed,
)
from etanche.words import Words

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
    kind, person = rights.kind_of(asked.kind), person_of(asked.person, asked.shown)
    now = config.now()
    with CaseFolder.open(path, config) as case:
        controller = entry_of_code(worked_out(case), asked.controller)
        place = place_of(controller, asked.departement)
        register = register_of(case)
        entry = new_entry(
            controller,
            kind,
            next_number(case, register, controller["code"]),
            place,
            moment_of(asked.received, place, now),
            older=asked.older,
            recognised=bool(asked.identity),
        )
        enter(case, register, [(entry, {"person": person.document(), "identity": asked.identity})], now)
    made = _letter("receipt", entry, person, {}, config, to) if to else None
    return Done(entry, *(made or ()))


def add_all(path: Path, data: bytes, shown: str, config: Config) -> tuple[dict[str, Any], ...]:
    """Enter the requests of a CSV file, all or none of them; return their entries."""
    lines = asking_table.read(data, shown)
    now = config.now()
    numbers: dict[str, int] = {}
    with CaseFolder.open(path, config) as case:
        document, register = worked_out(case), register_of(case)
        entries = []
        for line in lines:
            try:
                controller = entry_of_code(document, line.controller)
                code, place = controller["code"], place_of(controller, line.departement)
                numbers[code] = numbers[code] + 1 if code in numbers else next_number(case, register, code)
                moment = moment_of(line.received, place, now)
                kind, known = rights.kind_of(line.kind), bool(line.identity)
                entry = new_entry(controller, kind, numbers[code], place, moment, older=line.older, recognised=known)
            except UserError as error:
                raise UserError("rights_line", ExitCode.USAGE, path=shown, line=line.number, why=error.code) from error
            entries.append((entry, {"person": line.person.document(), "identity": line.identity}))
        enter(case, register, entries, now)
    return tuple(entry for entry, _ in entries)


def extend(path: Path, number: str, reason: str, told: str | None, to: Path | None, config: Config,
           options: KeyOptions) -> Done:  # fmt: skip
    """Add two months, the person having been told why within the first; `to`: write the letter (needs the key)."""
    _check(path, to)
    now = config.now()
    with CaseFolder.open(path, config) as case:
        register, entry = entry_of(case, number)
        place = place_of(entry, entry["departement"])
        at = moment_of(told, place, now)[1]
        if not rights.kind_of(entry["kind"]).extended or entry["extended"] or entry["sent"]:
            raise UserError("rights_no_extension", ExitCode.REFUSED, number=entry["number"])
        if at > datetime.fromisoformat(entry["due"]):
            raise UserError("rights_extension_late", ExitCode.REFUSED, number=entry["number"], due=entry["due"][:10])
        if not reason.strip():
            raise UserError("rights_reason", ExitCode.USAGE)
        person = _person(case, entry, config, options) if to else None
        entry["extended"] = local(at, place)
        counted(entry, place)
        act(case, register, entry, "extended", {"reason": reason, "told": local(at, place)}, now)
    made = _letter("extension", entry, person, {"reason": reason}, config, to) if to and person else None
    return Done(entry, *(made or ()))


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
        register, entry = entry_of(case, number)
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
        act(case, register, entry, "drafted", sealed, config.now())
    files, blanks, warned = _letter(entry["kind"], entry, person, {"outcome": asked.outcome}, config, to)
    early = ("too_early",) if config.now() < datetime.fromisoformat(entry["opens"]) else ()
    return Done(entry, files, blanks, (*early, *warned))


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
        register, entry = entry_of(case, number)
        if entry["sent"]:
            raise UserError("rights_closed", ExitCode.REFUSED, number=entry["number"])
        outcome = asked.outcome or entry["outcome"]
        if outcome not in CLOSED:
            raise UserError("rights_outcome", ExitCode.USAGE, known=", ".join(CLOSED))
        place = place_of(entry, entry["departement"])
        first, last = moment_of(asked.sent, place, now)
        if last < datetime.fromisoformat(entry["received"]["earliest"]):
            raise UserError("rights_sent_before", ExitCode.USAGE, number=entry["number"])
        # A day without an hour is proof of the day's end, and no more.
        entry.update(outcome=outcome, sent=local(min(last, now), place))
        proof = {"receipt": asked.receipt, "proof_sha256": sha256(asked.proof).hexdigest() if asked.proof else None}
        if asked.proof is not None:
            case.seal(f"receipts/rights/{entry['number']}", asked.proof)
        act(case, register, entry, "closed", {"outcome": outcome, **proof}, now)
    early = ("sent_early",) if first < datetime.fromisoformat(entry["opens"]) and outcome != "withdrawn" else ()
    return Done(entry, warnings=early)


def show(path: Path, number: str, config: Config, options: KeyOptions) -> dict[str, Any]:
    """Return every sealed act of a request; logged before it is read."""
    secure_process()
    with CaseFolder.open(path, config) as case:
        _, entry = entry_of(case, number)
        identity = keys.unlock(case, config, options)
        case.log(Event.SHOWN, what="request", number=entry["number"])
        acts = [{**each, **unsealed(each, lambda part: case.unseal(part, identity))} for each in entry["acts"]]
    return {**entry, "acts": acts}


def status(path: Path, config: Config) -> dict[str, Any]:
    """Return the register with the states of the present moment, and counts; nobody is named, nothing is written."""
    with CaseFolder.open(path, config) as case:
        worked_out(case)
        entries = register_of(case)["requests"]
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


def _person(case: CaseFolder, entry: Mapping[str, Any], config: Config, options: KeyOptions) -> Person:
    secure_process()
    identity = keys.unlock(case, config, options)
    case.log(Event.SHOWN, what="request", number=entry["number"])
    said = unsealed(entry["acts"][0], lambda part: case.unseal(part, identity))
    return Person(**said["person"])


def _letter(
    name: str, entry: Mapping[str, Any], person: Person, more: Mapping[str, str], config: Config, to: Path | None
) -> tuple[tuple[Path, ...], tuple[str, ...], tuple[str, ...]]:
    """Write a letter below the folder of its controller; return its files, its blanks, what to be warned of."""
    if to is None:
        return (), (), ()
    found = letter(name, entry, person, more, config)
    # The number of the act: what somebody completed by hand is never written over.
    stem = f"{entry['number']}-{len(entry['acts']):02}-{name}"
    place = to / entry["controller"] / "rights"
    files = found.files(stem, config.now())
    for file, content in files.items():
        written(place / file, content)
    return tuple(place / file for file in files), found.blanks, () if found.reviewed else ("unreviewed",)
