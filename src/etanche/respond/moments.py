"""Moments as people know them: to the minute, to the day, between two, or not at all.

Rules, in the order in which they apply:

1. A moment is the earliest and the latest instant that it can be; a clock starts at the earliest, so that no alarm
   comes late.
2. What is written without an offset is the local time of the controller.  An hour that exists twice (clocks going
   back) is both; one that does not exist is read by the clock before the change.
3. An empty cell is not known; "unknown" is not known, and somebody said so.

>>> from zoneinfo import ZoneInfo
>>> parse("24/02/2021", ZoneInfo("Europe/Paris")).latest.isoformat()
'2021-02-24T22:59:59+00:00'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = r"(?:\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4})"
_CLOCK = r"(?:[T ]\s*(\d\d)[:hH](\d\d)(?::(\d\d))?\s*(Z|[+-]\d\d:?\d\d)?)?"
_MOMENT = re.compile(f"({_DAY}){_CLOCK}")
_RANGE = re.compile(r"\s*(?:\.\.|…|→)\s*")
UNKNOWN = frozenset({"", "unknown", "inconnu", "inconnue", "?"})


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: between two instants, in UTC, that are one where it is known to the minute."""

    earliest: datetime
    latest: datetime

    def __post_init__(self) -> None:
        if self.earliest.tzinfo is not UTC or self.latest.tzinfo is not UTC or self.latest < self.earliest:
            msg = "a moment is two instants in UTC, the earlier first"
            raise ValueError(msg)

    @property
    def exact(self) -> bool:
        """Whether it is one instant."""
        return self.earliest == self.latest


def parse(text: str, zone: tzinfo) -> Moment | None:
    """Return the moment that a cell says, None where it says that none is known.

    Raises `ValueError` for anything else, without its text.
    """
    text = text.strip()
    if text.lower() in UNKNOWN:
        return None
    parts = [_one(part, zone) for part in _RANGE.split(text)]
    if len(parts) > 2:
        raise ValueError("more than two ends")
    return Moment(parts[0].earliest, parts[-1].latest)


def _one(text: str, zone: tzinfo) -> Moment:
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError("not a moment")
    day = _day(match[1])
    if match[2] is None:
        return Moment(_utc(day, time(), zone, 0), _utc(day, time(23, 59, 59), zone, 1))
    clock = time(int(match[2]), int(match[3]), int(match[4] or 0))
    if match[5]:
        offset = "+00:00" if match[5] == "Z" else match[5]
        at = datetime.fromisoformat(f"{datetime.combine(day, clock).isoformat()}{offset}").astimezone(UTC)
        return Moment(at, at)
    first, second = sorted((_utc(day, clock, zone, 0), _utc(day, clock, zone, 1)))
    gap = datetime.combine(day, clock) != first.astimezone(zone).replace(tzinfo=None)
    return Moment(first, first if gap else second)


def _day(text: str) -> date:
    if "/" in text:
        return date(int(text[6:]), int(text[3:5]), int(text[:2]))
    return date.fromisoformat(text)


def _utc(day: date, clock: time, zone: tzinfo, fold: int) -> datetime:
    return datetime.combine(day, clock.replace(fold=fold), zone).astimezone(UTC)


def end_of(day: date, zone: tzinfo) -> datetime:
    """Return the last second of a day, in UTC: what "the expiry of the last hour" of a day is written as."""
    return _utc(day, time(23, 59, 59), zone, 1)


def next_hour(at: datetime, zone: tzinfo) -> datetime:
    """Return the beginning of the hour after the one in which an instant lies, by the local clock."""
    local = at.astimezone(zone)
    return (at + timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second)).replace(microsecond=0)
