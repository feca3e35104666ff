"""The story of `etanche respond`: what each controller of a leak owes, by when, and how far its clocks have run.

Rules, in the order in which they apply:

1. The controllers file is read whole, or nothing is written.  It is not kept: its hash is, in the custody log.
2. A case may have no file: `new` makes one on a claim, a screenshot, a few lines, with a number of persons that may be
   a range or unknown.
3. Each controller's part is worked out from its own line alone and written to its own folder; `respond.json`, which
   holds all of them, stays with whoever works on the case.
4. Documents name the controller's own people (its officer, who signs): they go where `to` says, and never lie readable
   in the case.  One that somebody has edited there is kept.
5. A moment of awareness that was stated before and is stated otherwise now is logged as changed.
6. `status` computes states anew for the present moment and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche import respond
from etanche.casefile import Acquisition, CaseFolder, Event, keys, secure_process
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.responding.deciding import entry_of_code
from etanche.responding.drafts import drafts_of
from etanche.responding.duties import agenda_of, changed, entry_of, refresh
from etanche.responding.files import FORMAT, RESULT, json_bytes, publish, read_controllers, result_of
from etanche.responding.requests import Responded, RespondRequest
from etanche.words import Words

_WORKERS = 2
_PERSONS = re.compile(r"(\d{1,9})(?:\s*(?:-|\.\.|–)\s*(\d{1,9}))?")
_UNKNOWN = frozenset({"unknown", "inconnu"})

packs = respond.packs


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
    data = read_controllers(request.controllers)
    found = respond.read(data, str(request.controllers), now)
    claim = {"basis": request.basis.value, "persons": persons} if request.new else None
    with _opened(request, config) as case:
        before = result_of(case, RESULT)
        document = _document(found, request, claim or before.get("claim"), now)
        drafts = drafts_of(
            case,
            found,
            document,
            listed=sha256(data).hexdigest(),
            to=request.to,
            languages=request.languages,
            now=now,
            workers=config.threads or _WORKERS,
            progress=request.progress,
        )
        case.log(Event.COMMAND, command="respond", packs=" ".join(sorted(request.switched_on)))
        case.log(Event.INPUT_READ, what="controllers", sha256=sha256(data).hexdigest(), size=len(data))
        parts = {
            f"{entry['code']}/{name}": content
            for entry in document["controllers"]
            for name, content in {
                **_parts(entry, case.summary.case_id, config.language, now),
                **drafts.get(entry["code"], {}),
            }.items()
        }
        listed = "".join(f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(parts.items()))
        case.log(
            Event.RESPONDED,
            controllers=len(found),
            files=len(parts),
            sha256=sha256(listed.encode()).hexdigest(),
            changed=" ".join(changed(before, document)),
        )
        publish(case, parts, request.to)
        case.write_result(RESULT, json_bytes(document))
    return Responded(document)


def status(path: Path, config: Config, only: Sequence[str] = ()) -> Responded:
    """Return what was worked out, each duty in the state of the present moment; writes nothing.

    `only` are codes of controllers; none: all.  Raises `UserError` where nothing was worked out yet (3), what was is
    not as it was written (5), or a code is nobody's (2).
    """
    with CaseFolder.open(path, config) as case:
        document = result_of(case, RESULT)
    if not document:
        raise UserError("respond_none", ExitCode.UNREADABLE, path=str(path))
    now = config.now()
    if only:
        document["controllers"] = [entry_of_code(document, code) for code in dict.fromkeys(only)]
    for entry in document["controllers"]:
        refresh(entry, now)
    return Responded({**document, "computed": now.isoformat(timespec="seconds")})


def _check_place(request: RespondRequest) -> None:
    """Refuse a place within the case: what names people does not lie readable there."""
    if request.to is not None and request.to.resolve().is_relative_to(request.case.resolve()):
        raise UserError("respond_within_case", ExitCode.REFUSED, path=str(request.to))


def _opened(request: RespondRequest, config: Config) -> CaseFolder:
    if not request.new:
        return CaseFolder.open(request.case, config)
    choice = keys.choose(config, request.keys)
    try:
        return CaseFolder.create(request.case, choice, config, Acquisition(how=request.basis.value))
    except UserError as error:
        if error.code != "case_exists":
            raise
        raise UserError("respond_exists", error.exit_code, path=str(request.case)) from error


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
        "controllers": [entry_of(one, request.switched_on, now) for one in found],
    }


def _parts(entry: dict[str, Any], case_id: str, language: str, now: datetime) -> dict[str, bytes]:
    """Return the files of one controller, by name."""
    return {
        "deadlines.json": json_bytes({"format": FORMAT, "computed": now.isoformat(timespec="seconds"), **entry}),
        "deadlines.ics": respond.agenda(agenda_of(entry, case_id, Words(language)), now),
    }


def _persons(text: str) -> dict[str, int] | None:
    if text.strip().lower() in _UNKNOWN:
        return None
    match = _PERSONS.fullmatch(text.strip())
    if match is None or int(match[2] or match[1]) < int(match[1]):
        raise UserError("respond_persons", ExitCode.USAGE)
    return {"least": int(match[1]), "most": int(match[2] or match[1])}
