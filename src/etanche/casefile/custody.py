"""The custody log: one canonical JSON line an entry, append-only, each bound to the one before it.

Rules, in the order in which they apply:

1. An entry says what was done, when (UTC), by whom, with which version of étanche; never a person's data.
2. A line is the canonical JSON of its entry, to the byte: any change of one byte shows.
3. An entry is on the disk (fsync) before what it speaks of happens, or is said to have happened.
4. A last line without its line feed was cut by a crash: it is taken off, and an entry says so.  Any other fault is
   tampering: nothing is added to such a log.

    {"by":"dpo@lab","event":"created","hash":"…","params":{…},"prev":"000…","seq":1,"time":"2026-…Z","version":"0.1.0"}
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from etanche.casefile.disk import write_all
from etanche.crypto import GENESIS, canonical, fingerprint, link

LOG = "custody.jsonl"
OLD_LOGS = "custody-[0-9][0-9][0-9][0-9].jsonl"
"""Logs of the purged cases that the folder held before."""
Param = str | int | None

_FIELDS = frozenset({"seq", "time", "event", "version", "by", "params", "prev", "hash"})


class Event(StrEnum):
    """What can happen to a case."""

    CREATED = "created"
    ACQUIRED = "acquired"
    """Where the file came from, as stated."""
    COMMAND = "command"
    """A command began its work."""
    INPUT_READ = "input_read"
    CORRECTED = "corrected"
    """A verdict was put right by the user."""
    LIST_USED = "list_used"
    """A list of the user's own stood beside those of the lexicon."""
    ROWS_SEALED = "rows_sealed"
    """A batch of sealed parts is whole: rows, quarantine, letters."""
    RESULT_WRITTEN = "result_written"
    SHOWN = "shown"
    """Somebody asked to see rows, the quarantine or a person, by name."""
    TRIAGED = "triaged"
    LINKED = "linked"
    RESPONDED = "responded"
    FAILED = "failed"
    HELD = "held"
    """Legal hold: nothing may be destroyed."""
    RELEASED = "released"
    PURGE_BEGUN = "purge_begun"
    DATA_PURGED = "data_purged"
    PURGED = "purged"
    LOG_REPAIRED = "log_repaired"
    """A last line cut by a crash was taken off."""
    DISCARDED = "discarded"
    """Sealed parts were removed, to be written anew."""
    RECOVERED = "recovered"
    """What an interrupted command left behind was removed or finished."""
    DECIDED = "decided"
    """A named person decided under article 33 or 34."""
    SCORED = "scored"
    """A worksheet of the severity was filled in."""
    REQUESTED = "requested"
    """A person's request was received, answered, prolonged or closed."""
    EXPOSURE_SHOWN = "exposure_shown"
    """The ceilings of the fines were worked out, for counsel."""
    HANDED_OVER = "handed_over"
    """A controller's file for the inspector was written."""
    LABELLED = "labelled"
    """A pair was judged by a person's eye."""
    SETTLED = "settled"
    """A list was put right by what was judged."""
    SLICED = "sliced"
    """One controller's part was written, sealed to its own key."""
    EXPORTED = "exported"
    """The list of who is to be told was written for those who send letters."""
    LETTERS_DRAFTED = "letters_drafted"
    """Letters to persons were brought up to date."""
    PROOFS_DRAWN = "proofs_drawn"
    """Letters were drawn to be read before any goes out."""
    PROOFS_READ = "proofs_read"
    LETTERS_BEGUN = "letters_begun"
    """Letters began to be made: they are in no other release."""
    LETTERS_RELEASED = "letters_released"
    LETTERS_SENT = "letters_sent"
    """Proof that letters were sent was taken in."""
    LETTERS_RETURNED = "letters_returned"
    PERSONS_COUNTED = "persons_counted"
    """The rows of a leak were compared with one another."""


class Fault(StrEnum):
    """How a custody log can be wrong (codes of `words/<language>/casefile.toml`, `fault`)."""

    NOT_AN_ENTRY = "not_an_entry"
    NUMBER = "number"
    BROKEN_LINK = "broken_link"
    CHANGED = "changed"
    CUT = "cut"
    TAIL_MISSING = "tail_missing"
    """The log is sound but stops before an entry known from elsewhere."""
    FILE_MISSING = "file_missing"
    FILE_CHANGED = "file_changed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    seq: int
    time: str
    event: str
    """An `Event`, or the name of one that a later version knows."""
    version: str
    by: str
    params: Mapping[str, Any]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What checking a case found: `ok`, or the first fault with the entry (or the file) where it lies."""

    entries: int
    """Sound entries, from the first on."""
    head: str
    """Hash of the last sound entry; zeros before the first."""
    fault: Fault | None = None
    seq: int | None = None
    """Number of the first broken entry."""
    file: str | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return self.fault is None


def is_log(name: str) -> bool:
    """Tell whether a file name is a custody log's, the present one's or an earlier one's."""
    return name == LOG or fnmatchcase(name, OLD_LOGS)


def read(data: bytes) -> tuple[list[Entry], Verification]:
    """Return the sound entries of a log, from the first on, and what is wrong after them."""
    entries: list[Entry] = []
    head = GENESIS
    lines = data.split(b"\n")
    rest = lines.pop()
    for number, line in enumerate(lines, start=1):
        entry, fault = _entry(line, number, head)
        if entry is None:
            return entries, Verification(len(entries), head, fault, number)
        entries.append(entry)
        head = entry.hash
    if rest:
        return entries, Verification(len(entries), head, Fault.CUT, len(entries) + 1)
    return entries, Verification(len(entries), head)


def _entry(line: bytes, number: int, head: str) -> tuple[Entry | None, Fault | None]:
    """Return the entry of one line, or why it is none that can follow `head`."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None, Fault.NOT_AN_ENTRY
    if not isinstance(fields, dict) or fields.keys() != _FIELDS or not isinstance(fields["params"], dict):
        return None, Fault.NOT_AN_ENTRY
    if fields["seq"] != number:
        return None, Fault.NUMBER
    if fields["prev"] != head:
        return None, Fault.BROKEN_LINK
    if canonical(fields) != line or link(fields) != fields["hash"]:
        return None, Fault.CHANGED
    return Entry(**fields), None


def line_of(entry: Entry) -> bytes:
    """Return an entry as its line, line feed included."""
    return canonical({name: getattr(entry, name) for name in Entry.__slots__}) + b"\n"


def next_entry(
    previous: Entry | None, event: str, moment: datetime, version: str, by: str, params: Mapping[str, Param]
) -> Entry:
    """Return the entry that follows `previous` (None: the first of a log)."""
    fields: dict[str, Any] = {
        "seq": previous.seq + 1 if previous else 1,
        "time": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "event": str(event),
        "version": version,
        "by": by,
        "params": dict(params),
        "prev": previous.hash if previous else GENESIS,
    }
    return Entry(**fields, hash=link(fields))


def append(descriptor: int, entry: Entry) -> None:
    """Add an entry to the open log, on the disk when this returns; on a fault the log is as before."""
    size = os.fstat(descriptor).st_size
    try:
        write_all(descriptor, line_of(entry))
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def cut(descriptor: int, data: bytes) -> tuple[int, str]:
    """Take the last line, left without its line feed, off the log; return its size in bytes and its hash."""
    rest = data[data.rfind(b"\n") + 1 :]
    os.ftruncate(descriptor, len(data) - len(rest))
    os.fsync(descriptor)
    return len(rest), fingerprint(rest)
