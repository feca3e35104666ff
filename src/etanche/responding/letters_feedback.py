"""What comes back of letters: proof that they were sent, letters returned, and the piles written out for whoever works
through them.

Rules, in the order in which they apply:

1. A file of proofs or of returned mail is read whole or refused with the line to mend; a letter that was never released
   cannot have been sent.  The same file again changes nothing.
2. A returned letter waits in its pile until the lists give another address; it then goes out as its second dispatch.
3. Piles name people: they are written where `to` says, logged, and never into the case.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche.casefile import Event
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond.letters import lists
from etanche.respond.letters.recipients import Pile
from etanche.responding.files import written
from etanche.responding.letters_leak import NOBODY
from etanche.responding.letters_ledger import Letter
from etanche.responding.letters_requests import Lettered, LettersRequest
from etanche.responding.letters_work import Work, opened

_REFERENCE = re.compile(r"(?P<code>.+?)-(?P<number>\d{6,})(?:-(?P<dispatch>\d+))?")
_COLUMNS = {
    "sent": {"letter": "letter", "lettre": "letter", "date": "date", "proof": "proof", "preuve": "proof"},
    "returned": {"letter": "letter", "lettre": "letter", "date": "date", "reason": "reason", "motif": "reason"},
}
_PILE_COLUMNS = ("controller", "letter", "pile", "why", "registry_key", "who", "leaked_address", "address")


def sent(request: LettersRequest, file: Path, config: Config) -> Lettered:
    """Take in proofs of sending: a CSV of `letter, date, proof`."""

    def noted(letter: Letter, said: Mapping[str, str]) -> Letter:
        return replace(letter, sent=said["date"], proof=said.get("proof", ""))

    return _taken_in(request, file, "sent", Event.LETTERS_SENT, noted, config)


def returned(request: LettersRequest, file: Path, config: Config) -> Lettered:
    """Take in returned mail: a CSV of `letter, date, reason`."""

    def noted(letter: Letter, said: Mapping[str, str]) -> Letter:
        return replace(letter, returned=said["date"], reason=said.get("reason", ""), pile=Pile.RETURNED.value)

    return _taken_in(request, file, "returned", Event.LETTERS_RETURNED, noted, config)


def _taken_in(
    request: LettersRequest,
    file: Path,
    kind: str,
    event: Event,
    noted: Callable[[Letter, Mapping[str, str]], Letter],
    config: Config,
) -> Lettered:
    try:
        data = file.read_bytes()
    except OSError:
        raise UserError("letters_unreadable", ExitCode.UNREADABLE, path=str(file)) from None
    lines = _lines(data, str(file), kind)
    with opened(request, config) as work:
        changed: dict[str, dict[int, Letter]] = {}
        for line, said in lines:
            code, letter = _letter(work, said["letter"], str(file), line)
            if letter is not None:
                changed.setdefault(code, {})[letter.number] = noted(letter, said)
        ledgers = {
            code: [some.get(letter.number, letter) for letter in work.ledgers[code]] for code, some in changed.items()
        }
        ledgers = {code: letters for code, letters in ledgers.items() if letters != work.ledgers[code]}
        if ledgers:
            work.keep(event, ledgers, letters=len(lines), sha256=sha256(data).hexdigest())
            for controller in work.controllers:
                work.tell(controller)
        return Lettered(work.write())


def _lines(data: bytes, shown: str, kind: str) -> list[tuple[int, dict[str, str]]]:
    rows = lists.table(data, shown)
    known = _COLUMNS[kind]
    header = [known.get(cell.strip().lower(), "") for cell in rows[0][1]]
    for name in ("letter", "date"):
        if name not in header:
            raise UserError("letters_lists_missing", ExitCode.USAGE, path=shown, column=name)
    found = []
    for line, cells in rows[1:]:
        said = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if name}
        try:
            date.fromisoformat(said.get("date", ""))
        except ValueError:
            raise UserError("letters_lists_line", ExitCode.USAGE, path=shown, line=line, column="date") from None
        found.append((line, said))
    return found


def _letter(work: Work, reference: str, shown: str, line: int) -> tuple[str, Letter | None]:
    """Return the letter of a reference; None for an earlier dispatch of one that went out again since."""
    match = _REFERENCE.fullmatch(reference.strip())
    letters = work.ledgers.get(match["code"], []) if match else []
    number = int(match["number"]) if match else 0
    letter = letters[number - 1] if 0 < number <= len(letters) else None
    if match is None or letter is None:
        raise UserError("letters_reference", ExitCode.USAGE, path=shown, line=line)
    dispatch = int(match["dispatch"] or 1)
    if dispatch < letter.dispatch:
        return match["code"], None
    if not letter.release or dispatch > letter.dispatch:
        raise UserError("letters_not_released", ExitCode.REFUSED, path=shown, line=line)
    return match["code"], letter


def piles(request: LettersRequest, to: Path, config: Config) -> Lettered:
    """Write what waits for somebody as a CSV, a letter a line, with why; it names people and is logged."""
    if to.resolve().is_relative_to(request.case.resolve()):
        raise UserError("respond_within_case", ExitCode.REFUSED, path=str(to))
    with opened(request, config, everyone=True) as work:
        stream = io.StringIO(newline="")
        writer = csv.writer(stream)
        writer.writerow(_PILE_COLUMNS)
        count = 0
        for controller in work.chosen():
            for letter in work.ledgers[controller.code]:
                if letter.ready or (letter.release and not letter.returned):
                    continue
                writer.writerow(_pile_line(controller.code, letter))
                count += 1
        for line in work.found.patients.get(NOBODY, ()) if not request.only else ():
            writer.writerow(_unassigned_line(line))
            count += 1
        work.case.log(Event.SHOWN, what="letters", count=count)
        written(to, ("\ufeff" + stream.getvalue()).encode())
        return Lettered(work.write(), files=(to,))


def _unassigned_line(line: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("first_name", "surname", "address", "postcode", "commune", "country")
    place = " / ".join(line[name] for name in names if line[name])
    return _safe(("", "", "unassigned", "", "", "patient", "yes", place))


def _pile_line(code: str, letter: Letter) -> tuple[str, ...]:
    cells = (code, letter.reference(code), letter.pile, " ".join(letter.why), letter.registry_key, letter.who,
             "yes" if letter.leaked else "", " / ".join(letter.lines))  # fmt: skip
    return _safe(cells)


def _safe(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Return cells of which a spreadsheet runs none as a formula."""
    return tuple(f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell for cell in cells)
