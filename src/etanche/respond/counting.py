"""How time is counted: one instant to be safe by, and beside it every other way in which the law is read.

Rules, in the order in which they apply:

1. Hours are elapsed hours, in UTC: the alarm.  Weekends and holidays count (Regulation 1182/71, article 3(3)).
2. `hour_not_counted`: the hour of the event does not count (article 3(1)).  `two_working_days`: a period of two days or
   more holds at least two working days (article 3(5)); whether that holds for 72 hours is contested.
3. Days and months of European law end with the last hour of their last day (article 3(2)), of which the event's own
   day is none; on a day that is no working day they end with the next one (article 3(4)).
   `not_moved` shows it unmoved.
4. French periods end with their last day; that they move to the next working day (Code de procédure civile, article
   642) is shown and not relied on.
5. A period in working days counts those after the day of the event.
6. A holiday that is not sure moves nothing; `local_holiday` shows what it would move.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etanche.respond.holidays import Calendar
from etanche.respond.moments import end_of, next_hour

_DURATION = re.compile(r"PT(?P<hours>\d+)H|P(?P<days>\d+)D|P(?P<months>\d+)M")


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO 8601 duration of one unit: hours, days or months."""

    hours: int = 0
    days: int = 0
    months: int = 0

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Return what "PT72H", "P8D" or "P1M" stands for; `ValueError` for anything else."""
        match = _DURATION.fullmatch(text)
        if match is None:
            raise ValueError(text)
        return cls(**{unit: int(count) for unit, count in match.groupdict().items() if count})


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the law, and the instant (UTC) it leads to."""

    code: str
    due: datetime
    contested: bool
    """Whether it is contested that this reading holds."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counting gives: the instant to be safe by, and the other readings that differ from it."""

    due: datetime
    readings: tuple[Reading, ...] = ()


def count(rule: str, event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    """Return when a period ends that began with an event.  `KeyError` for a rule that there is not."""
    counted = RULES[rule](event, duration, calendar)
    others = tuple(reading for reading in counted.readings if reading.due != counted.due)
    return Counted(counted.due, others)


def _hours_eu(event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    due = event + timedelta(hours=duration.hours)
    readings = [Reading("hour_not_counted", next_hour(event, calendar.zone) + timedelta(hours=duration.hours), False)]
    if duration.hours >= 48:
        readings.append(Reading("two_working_days", _two_working_days(event, due, calendar), True))
    return Counted(due, tuple(readings))


def _two_working_days(event: datetime, due: datetime, calendar: Calendar) -> datetime:
    """Return the end of a period that holds two whole working days after the day of the event."""
    second = calendar.after_working(_day(event, calendar), 2)
    return max(due, end_of(second, calendar.zone)) if _day(due, calendar) <= second else due


def _hours_fr(event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    due = event + timedelta(hours=duration.hours)
    return Counted(due, _moved(_day(due, calendar), calendar))


def _days_fr(event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    last = _day(event, calendar) + timedelta(days=duration.days)
    return Counted(end_of(last, calendar.zone), _moved(last, calendar))


def _months_fr(event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    last = _months_after(_day(event, calendar), duration.months)
    return Counted(end_of(last, calendar.zone), _moved(last, calendar))


def _moved(last: date, calendar: Calendar) -> tuple[Reading, ...]:
    """Return the reading by which a period that ends on no working day ends with the next one."""
    if calendar.works(last):
        return ()
    return (Reading("next_working_day", end_of(calendar.next_working(last), calendar.zone), True),)


def _months_eu(event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    last = _months_after(_day(event, calendar), duration.months)
    sure, customs = calendar.next_working(last), calendar.next_working(last, customs=True)
    return Counted(
        end_of(sure, calendar.zone),
        (
            Reading("not_moved", end_of(last, calendar.zone), False),
            Reading("local_holiday", end_of(customs, calendar.zone), True),
        ),
    )


def _working_days_fr(event: datetime, duration: Duration, calendar: Calendar) -> Counted:
    return Counted(end_of(calendar.after_working(_day(event, calendar), duration.days), calendar.zone))


def _day(at: datetime, calendar: Calendar) -> date:
    return at.astimezone(calendar.zone).date()


def _months_after(day: date, months: int) -> date:
    """Return the day of the same number, the month's last where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


RULES: dict[str, Callable[[datetime, Duration, Calendar], Counted]] = {
    "hours_eu": _hours_eu,
    "months_eu": _months_eu,
    "hours_fr": _hours_fr,
    "days_fr": _days_fr,
    "months_fr": _months_fr,
    "working_days_fr": _working_days_fr,
}
"""How a period is counted; "none" (without undue delay) and "standing" (always) have no end."""
