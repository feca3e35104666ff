"""A calendar file (RFC 5545) of the deadlines of one controller, with an alarm at 50, 80 and 95 % of each.

Rules: instants in UTC; lines of 75 octets at most, folded between characters; one event a deadline, of the same UID
whenever it is written again, so that a calendar replaces it instead of showing it twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

_OCTETS = 75
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Entry:
    """One deadline of a calendar, in words."""

    uid: str
    summary: str
    description: str
    due: datetime
    alarms: tuple[datetime, ...]


def agenda(entries: Sequence[Entry], now: datetime) -> bytes:
    """Return the calendar file of some deadlines; instants are UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//etanche//respond//EN", "CALSCALE:GREGORIAN"]
    for entry in entries:
        lines += _event(entry, now)
    lines.append("END:VCALENDAR")
    return b"".join(folded(line) for line in lines)


def _event(entry: Entry, now: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{now:{_STAMP}}"
    yield f"DTSTART:{entry.due:{_STAMP}}"
    yield f"SUMMARY:{escaped(entry.summary)}"
    yield f"DESCRIPTION:{escaped(entry.description)}"
    for alarm in entry.alarms:
        yield "BEGIN:VALARM"
        yield "ACTION:DISPLAY"
        yield f"DESCRIPTION:{escaped(entry.summary)}"
        yield f"TRIGGER;VALUE=DATE-TIME:{alarm:{_STAMP}}"
        yield "END:VALARM"
    yield "END:VEVENT"


def escaped(text: str) -> str:
    """Return a text as a value of the format, which holds no control character (RFC 5545, 3.3.11)."""
    for plain in "\\;,":
        text = text.replace(plain, "\\" + plain)
    lines = ("".join(char for char in line if unicodedata.category(char) != "Cc") for line in text.splitlines())
    return "\\n".join(lines)


def folded(line: str) -> bytes:
    """Return a line as it is written: no more than 75 octets, then a line that begins with a space."""
    parts: list[bytes] = [b""]
    for char in line:
        octets = char.encode("utf-8", "replace")
        if len(parts[-1]) + len(octets) > _OCTETS:
            parts.append(b" ")
        parts[-1] += octets
    return b"\r\n".join(parts) + b"\r\n"
