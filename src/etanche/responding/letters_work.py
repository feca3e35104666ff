"""The letters of a case brought up to date: what every act on them begins with.

Rules, in the order in which they apply:

1. Controllers file and lists are read whole, or nothing changes; the lists are kept, sealed, until another file takes
   their place, so that nobody is written to because an option was forgotten.
2. The leak is read once, for all controllers; each controller's letters are then made of its own registry, its own
   rows and its own line, the other ones' not at hand.
   A list whose renewal was cut short is finished first: until then its parts may be between two names.
3. All ledgers that changed count with one entry of the custody log, or none of them does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from etanche import respond, rows
from etanche.casefile import CaseFolder, Event, keys, secure_process
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.renewal import finish_all
from etanche.respond import Controller
from etanche.respond.letters import lists, wording
from etanche.respond.letters.lists import Mention
from etanche.responding import letters_leak, letters_ledger, letters_people, letters_state
from etanche.responding.files import json_bytes, read_controllers
from etanche.responding.letters_ledger import Letter, Unseal
from etanche.responding.letters_requests import LettersRequest
from etanche.responding.letters_standing import older

ADDRESSEES = "addressees/"
LISTS = "letters-lists"
_THREADS = 2
_NOBODY = letters_leak.Found({}, {}, 0, 0, 0)


@dataclass(slots=True)
class Work:
    """An open case with its letters, up to date."""

    case: CaseFolder
    request: LettersRequest
    controllers: tuple[Controller, ...]
    ledgers: dict[str, list[Letter]]
    entries: dict[str, dict[str, Any]]
    """What `letters.json` says of each controller."""
    found: letters_leak.Found

    def chosen(self) -> list[Controller]:
        """Return the controllers that are meant."""
        wanted = {code.lower() for code in self.request.only}
        return [each for each in self.controllers if not wanted or each.code.lower() in wanted]

    def tell(self, controller: Controller) -> dict[str, Any]:
        """Work out anew what `letters.json` says of a controller."""
        self.entries[controller.code] = letters_state.entry_of(
            self.case,
            controller,
            self.ledgers[controller.code],
            self.entries.get(controller.code, {}),
            linked=list_of(self.case, controller) is not None,
            unlinked=self.request.unlinked,
            variant=self.request.variant,
        )
        return self.entries[controller.code]

    def write(self) -> dict[str, Any]:
        """Write `letters.json`, where anything in it changed; return it."""
        document = {
            "format": letters_state.FORMAT,
            "rows": self.found.rows,
            "unassigned_rows": self.found.unassigned,
            "unassigned_persons": self.found.strangers,
            "controllers": [self.entries[each.code] for each in self.controllers],
        }
        if letters_state.result(self.case) != document:
            self.case.write_result(letters_state.RESULT, json_bytes(document))
        return document

    def keep(self, event: Event, changed: Mapping[str, list[Letter]], **params: str | int) -> None:
        """Seal the ledgers that changed; they count with one entry."""
        drop: frozenset[str] = frozenset()
        for code, letters in changed.items():
            drop |= letters_ledger.seal(self.case, code, letters)
            self.ledgers[code] = letters
        letters_ledger.commit(self.case, event, drop, **params)


@contextmanager
def opened(request: LettersRequest, config: Config, *, everyone: bool = False) -> Iterator[Work]:
    """Open a case with its letters brought up to date; `everyone`: with the persons that are unassigned.

    Raises `UserError`: files that cannot be read (3) or are wrong (2), rows destroyed (5), nobody to write to (3).
    """
    secure_process()
    if request.variant not in wording.VARIANTS:
        raise UserError("letters_variant", ExitCode.USAGE, known=", ".join(wording.VARIANTS))
    data = read_controllers(request.controllers)
    controllers = respond.read(data, str(request.controllers), config.now())
    _check_only(request, controllers)
    asked = None if request.lists is None else _content(request)
    mentions = None if asked is None else lists.read(asked, str(request.lists), [each.code for each in controllers])
    with CaseFolder.open(request.case, config) as case:
        if case.summary.data_purged is not None or case.summary.purged is not None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        identity = keys.unlock(case, config, request.keys)

        def unseal(name: str) -> bytes:
            return case.unseal(name, identity)

        finish_all(case, unseal)
        case.log(Event.COMMAND, command="letters")
        case.log(Event.INPUT_READ, what="controllers", sha256=sha256(data).hexdigest(), size=len(data))
        if asked is None:
            mentions = _kept_lists(case, unseal, [each.code for each in controllers])
        else:
            _keep_lists(case, asked)
        with Engine(config.threads or _THREADS, config.memory) as engine:
            index = rows.read_index(case, identity) if rows.INDEX in case.sealed(rows.INDEX) else None
            parts = None if index is None else rows.stored_parts(case, identity, index)
            found = _searched(case, unseal, engine, parts, controllers, request, everyone)
            yield _worked(case, unseal, found, request, controllers, mentions or {}, config)


def _check_only(request: LettersRequest, controllers: tuple[Controller, ...]) -> None:
    """Refuse (usage) a code that is no controller's, whatever is asked for."""
    if not {code.lower() for code in request.only} <= {each.code.lower() for each in controllers}:
        raise UserError("letters_controller", ExitCode.USAGE, known=", ".join(each.code for each in controllers))


def _searched(
    case: CaseFolder,
    unseal: Unseal,
    engine: Engine,
    parts: Iterator[rows.StoredPart] | None,
    controllers: tuple[Controller, ...],
    request: LettersRequest,
    everyone: bool,
) -> letters_leak.Found:
    """Return who is in the leak besides the persons of the registries."""
    if parts is None:
        return _NOBODY
    known = {place: _rows_of(case, unseal, each) for place, each in enumerate(controllers)}
    columns = columns_of(read_census(case))
    request.progress("reading", 0, 0)
    return letters_leak.search(engine, parts, columns, controllers, known, everyone=everyone)


def _worked(
    case: CaseFolder,
    unseal: Unseal,
    found: letters_leak.Found,
    request: LettersRequest,
    controllers: tuple[Controller, ...],
    mentions: Mapping[str, Mapping[str, Mention]],
    config: Config,
) -> Work:
    work = Work(case, request, controllers, {}, letters_state.before(case), found)
    changed = {}
    for place, controller in enumerate(controllers):
        request.progress("letters_drafted", place, len(controllers))
        before = letters_ledger.read(case, unseal, controller.code)
        said = _by_key(mentions.get(controller.code, {}), before, controller.code)
        today = config.now().astimezone(controller.calendar.zone).date()
        registry = _registry(case, unseal, controller)
        drafts = letters_people.drafts(
            registry, found.patients.get(place, ()), found.others.get(place, ()), said, today
        )
        work.ledgers[controller.code] = letters_ledger.renewed(before, drafts)
        if work.ledgers[controller.code] != before:
            changed[controller.code] = work.ledgers[controller.code]
    if not any(work.ledgers.values()):
        raise UserError("letters_nobody", ExitCode.UNREADABLE, path=str(request.case))
    if changed:
        count = sum(map(len, work.ledgers.values()))
        work.keep(Event.LETTERS_DRAFTED, changed, controllers=len(controllers), letters=count)
    # Whoever exports a list asks whether its letters are of it: these are, whether it changed any or not.
    for code in older(case, work.ledgers):
        case.log(Event.LETTERS_DRAFTED, controller=code, letters=len(work.ledgers[code]))
    for controller in controllers:
        work.tell(controller)
    return work


def list_of(case: CaseFolder, controller: Controller) -> str | None:
    """Return the sealed part with the persons of a controller's registry, by its code in whatever case."""
    wanted = f"{ADDRESSEES}{controller.code}".lower()
    return next((name for name in case.sealed(ADDRESSEES) if name.lower() == wanted), None)


def _registry(case: CaseFolder, unseal: Unseal, controller: Controller) -> list[dict[str, Any]]:
    name = list_of(case, controller)
    return [] if name is None else pq.read_table(pa.BufferReader(unseal(name))).to_pylist()


def _rows_of(case: CaseFolder, unseal: Unseal, controller: Controller) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the rows (from 0) of everybody on a registry's list, in order, each once."""
    name = list_of(case, controller)
    if name is None:
        return np.zeros(0, np.int64)
    held = pq.read_table(pa.BufferReader(unseal(name)), columns=["rows"])["rows"]
    return np.unique(held.combine_chunks().flatten().to_numpy(zero_copy_only=False)) - 1


def _by_key(said: Mapping[str, Mention], letters: list[Letter], code: str) -> dict[str, Mention]:
    """Return what the lists say, that of a letter's number said of whoever the letter is to."""
    found = dict(said)
    for letter in letters:
        mention = said.get(letter.reference(code)) or said.get(f"{code}-{letter.number:06}")
        if mention is not None:
            found[letter.registry_key or letter.key] = mention
    return found


def _content(request: LettersRequest) -> bytes:
    try:
        return request.lists.read_bytes() if request.lists else b""
    except OSError:
        raise UserError("letters_unreadable", ExitCode.UNREADABLE, path=str(request.lists)) from None


def _keep_lists(case: CaseFolder, data: bytes) -> None:
    """Seal the lists in place of the older ones, with one entry of the log."""
    old = case.sealed(f"{LISTS}/")
    version = int(old[-1].rpartition("/")[2]) + 1 if old else 1
    case.seal(f"{LISTS}/{version:08}", data)
    digest = sha256(data).hexdigest()
    letters_ledger.commit(case, Event.INPUT_READ, frozenset(old), what="letters-lists", sha256=digest, size=len(data))


def _kept_lists(case: CaseFolder, unseal: Unseal, codes: list[str]) -> dict[str, dict[str, Mention]]:
    held = case.sealed(f"{LISTS}/")
    return lists.read(unseal(held[-1]), LISTS, codes) if held else {}
