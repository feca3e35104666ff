"""The story of `etanche letters`: everyone in the file written to, by each controller, once.

Rules, in the order in which they apply:

1. Each act begins with the ledgers brought up to date (`letters_work`).
2. `proofs` draws twenty letters of each controller; `proofs_read` says who read them.
3. `release` makes what may go out, and names what keeps the rest back.  A release is written down before its first
   file: one that was interrupted is finished before another begins, and what was released is never released again.
4. `again` writes what was released once more, while the decision that holds is still to inform.
5. Letters are written where `to` says, never into the case.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche.casefile import CaseFolder, Event, KeyOptions
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import Controller
from etanche.respond.letters import wording
from etanche.responding import letters_release, letters_state
from etanche.responding.files import written
from etanche.responding.letters_feedback import piles, returned, sent
from etanche.responding.letters_ledger import Letter
from etanche.responding.letters_release import Release
from etanche.responding.letters_requests import Lettered, LettersRequest
from etanche.responding.letters_work import Work, opened

__all__ = ["KeyOptions", "Lettered", "LettersRequest", "again", "piles", "prepare", "proofs", "proofs_read", "release"]
__all__ += ["returned", "sent", "status"]


def prepare(request: LettersRequest, config: Config) -> Lettered:
    """Bring every letter up to date; write nothing outside the case."""
    with opened(request, config) as work:
        return Lettered(work.write())


def proofs(request: LettersRequest, config: Config) -> Lettered:
    """Draw twenty letters of each controller and write them to `OUT/CODE/letters/proofs.pdf`, to be read.

    Raises `UserError` (5) where no controller has letters of which proofs could be drawn.
    """
    to = _place(request)
    files = []
    with opened(request, config) as work:
        for controller in work.chosen():
            ready = [letter for letter in work.ledgers[controller.code] if letter.ready]
            if not ready or wording.missing(controller):
                continue
            some = random.SystemRandom().sample(ready, min(letters_state.PROOFS, len(ready)))
            made = Release(controller, 0, _now(controller, config), work.request.variant, tuple(some))
            data = letters_release.proofs(made)
            path = to / controller.code / "letters" / "proofs.pdf"
            entry, digest = work.entries[controller.code], sha256(data).hexdigest()
            work.case.log(Event.PROOFS_DRAWN, controller=controller.code, letters=len(some), sha256=digest)
            written(path, data)
            entry["proofs"] = {"wording": entry["wording"], "letters": len(some), "sha256": digest, "read_by": None}
            work.tell(controller)
            files.append(path)
        document = work.write()
        if not files:
            raise _blocked(work, frozenset({"proofs", "decision", "review"}))
    return Lettered(document, files=tuple(files))


def proofs_read(request: LettersRequest, by: str, config: Config) -> Lettered:
    """Write down who read the proofs of the present wording; `UserError` (5) where there are none."""
    if not by.strip():
        raise UserError("letters_by", ExitCode.USAGE)
    with opened(request, config) as work:
        drawn = [each for each in work.chosen() if _drawn(work.entries[each.code])]
        if not drawn:
            raise UserError("letters_no_proofs", ExitCode.REFUSED)
        for controller in drawn:
            held = work.entries[controller.code]["proofs"]
            work.case.log(Event.PROOFS_READ, controller=controller.code, sha256=held["sha256"], read_by=by.strip())
            held |= {"read_by": by.strip(), "read_at": config.now().isoformat(timespec="seconds")}
            work.tell(controller)
        return Lettered(work.write())


def _drawn(entry: Mapping[str, Any]) -> bool:
    return bool(entry["proofs"]) and entry["proofs"]["wording"] == entry["wording"]


def release(request: LettersRequest, config: Config) -> Lettered:
    """Write the letters that may go out to `OUT/CODE/letters/NUMBER`; exit code 4 where others stay behind.

    Raises `UserError` (5) where no controller's letters may go out.
    """
    to = _place(request)
    files = []
    with opened(request, config) as work:
        free = [each for each in work.chosen() if not work.entries[each.code]["blocked"]]
        if not free:
            raise _blocked(work, frozenset())
        begun = [made for each in free if (made := _begin(work, each, config)) is not None]
        workers = config.threads or os.cpu_count() or 1
        for made, kept in letters_release.make(begun, to, workers, _reporter(request)):
            _finish(work, made, kept)
            files.append(made.folder(to))
        document = work.write()
        entries = [work.entries[each.code] for each in work.chosen()]
    left = any(entry["blocked"] or letters_state.waiting(entry) for entry in entries)
    return Lettered(document, ExitCode.DONE_WITH_QUARANTINE if left else ExitCode.DONE, tuple(files))


def again(request: LettersRequest, number: int, config: Config) -> Lettered:
    """Write a release that was lost once more, the same letters; exit code 4 where a decision keeps others back.

    Raises `UserError`: none of the number (2); the decision that holds is no longer to inform (5).
    """
    to = _place(request)
    files = []
    with opened(request, config) as work:
        whole = [each for each in work.chosen() if (_record(work, each, number) or {}).get("state") == "done"]
        undecided = [each for each in whole if "decision" in work.entries[each.code]["blocked"]]
        if whole and len(undecided) == len(whole):
            raise _refused(work, undecided, "decision")
        for controller in whole:
            if controller in undecided:
                continue
            made = _recorded(work, controller, _record(work, controller, number) or {})
            for each, kept in letters_release.make(
                [made], to, config.threads or os.cpu_count() or 1, _reporter(request)
            ):
                digest = kept["manifest_sha256"]
                work.case.log(
                    Event.LETTERS_RELEASED, controller=controller.code, release=number, again=1, sha256=digest
                )
                files.append(each.folder(to))
        if not files:
            raise UserError("letters_no_release", ExitCode.USAGE, number=number)
        code = ExitCode.DONE_WITH_QUARANTINE if undecided else ExitCode.DONE
        return Lettered(work.write(), code, tuple(files))


def status(path: Path, config: Config) -> Lettered:
    """Return `letters.json`; `UserError` (3) where there are no letters yet."""
    with CaseFolder.open(path, config) as case:
        document = letters_state.result(case)
    if not document:
        raise UserError("letters_none_yet", ExitCode.UNREADABLE, path=str(path))
    return Lettered(document)


def _place(request: LettersRequest) -> Path:
    """Return where to write; `UserError`: nowhere said (2), within the case (5)."""
    if request.to is None:
        raise UserError("usage_missing", ExitCode.USAGE, name="--to")
    if request.to.resolve().is_relative_to(request.case.resolve()):
        raise UserError("respond_within_case", ExitCode.REFUSED, path=str(request.to))
    return request.to


def _blocked(work: Work, besides: frozenset[str]) -> UserError:
    """Return why nothing goes out: the first thing that keeps the least hindered controller back, and whom else."""
    held = [(each, [why for why in work.entries[each.code]["blocked"] if why not in besides]) for each in work.chosen()]
    _, why = min(held, key=lambda each: len(each[1]))
    reason = why[0] if why else "nobody"
    return _refused(work, [each for each, found in held if (reason in found if why else not found)], reason)


def _refused(work: Work, held: Sequence[Controller], why: str) -> UserError:
    missing = dict.fromkeys(name for each in held for name in work.entries[each.code]["missing"])
    codes = ", ".join(each.code for each in held)
    return UserError("letters_blocked", ExitCode.REFUSED, controller=codes, why=why, columns=", ".join(missing))


def _now(controller: Controller, config: Config) -> datetime:
    return config.now().astimezone(controller.calendar.zone).replace(microsecond=0)


def _reporter(request: LettersRequest) -> letters_release.Progress:
    return lambda done, total: request.progress("letters", done, total)


def _record(work: Work, controller: Controller, number: int) -> dict[str, Any] | None:
    records: Sequence[dict[str, Any]] = work.entries[controller.code]["releases"]
    return next((each for each in records if each["release"] == number), None)


def _recorded(work: Work, controller: Controller, record: Mapping[str, Any]) -> Release:
    """Return a release as it was begun; `UserError` (5) where its letters would no longer say the same."""
    if record["wording"] != work.entries[controller.code]["wording"]:
        raise UserError(
            "letters_release_changed", ExitCode.REFUSED, controller=controller.code, number=record["release"]
        )
    held = tuple(letter for letter in work.ledgers[controller.code] if letter.release == record["release"])
    return Release(
        controller, record["release"], datetime.fromisoformat(record["at"]).astimezone(controller.calendar.zone),
        record["variant"], held,
    )  # fmt: skip


def _begin(work: Work, controller: Controller, config: Config) -> Release | None:
    """Return the release that was interrupted, else a new one of all that is ready; None where nothing is."""
    entry, code = work.entries[controller.code], controller.code
    open_one = next((each for each in entry["releases"] if each["state"] == "begun"), None)
    if open_one is not None and any(letter.release == open_one["release"] for letter in work.ledgers[code]):
        return _recorded(work, controller, open_one)
    ready = {letter.number for letter in work.ledgers[code] if letter.ready}
    if not ready:
        return None
    number = open_one["release"] if open_one else len(entry["releases"]) + 1
    at = _now(controller, config)
    record = {
        "release": number,
        "state": "begun",
        "at": at.isoformat(),
        "variant": work.request.variant,
        "wording": entry["wording"],
        "letters": len(ready),
    }
    entry["releases"] = [*(each for each in entry["releases"] if each["release"] != number), record]
    work.write()
    letters = [
        replace(letter, release=number, channel=_channel(work, letter)) if letter.number in ready else letter
        for letter in work.ledgers[code]
    ]
    work.keep(Event.LETTERS_BEGUN, {code: letters}, controller=code, release=number, letters=len(ready))
    return _recorded(work, controller, record)


def _channel(work: Work, letter: Letter) -> str:
    return letters_release.EMAIL if work.request.email and letter.email else letters_release.POST


def _finish(work: Work, made: Release, kept: Mapping[str, Any]) -> None:
    """Write down that a release is whole."""
    code = made.controller.code
    record = _record(work, made.controller, made.number) or {}
    record |= {"state": "done", **kept, "letters": len(made.letters)}
    work.case.log(
        Event.LETTERS_RELEASED,
        controller=code,
        release=made.number,
        letters=len(made.letters),
        pages=kept["pages"],
        sha256=kept["manifest_sha256"],
    )
    work.tell(made.controller)
    work.write()
