"""Holidays and working days of a place, from the dated file of its pack (decision 0051).

Rules, in the order in which they apply:

1. A holiday has the article that makes it one; what only custom or some communes make one is not sure.
2. What is not sure moves no deadline: a day too early harms nobody, a day too late is a breach.
3. Saturdays, Sundays and sure holidays are no working days (Regulation 1182/71, article 2).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday: a day of the year, or days after Easter Sunday."""

    code: str
    article: str
    sure: bool
    where: frozenset[str]
    """Départements; empty: everywhere."""
    day: str | None
    easter: int | None

    def __post_init__(self) -> None:
        if (self.day is None) == (self.easter is None):
            msg = f"{self.code} has one of day and easter"
            raise ValueError(msg)

    def of(self, year: int) -> date:
        """Return the day on which it falls."""
        if self.easter is not None:
            return easter(year) + timedelta(days=self.easter)
        return date.fromisoformat(f"{year:04}-{self.day}")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days and the clock of one place."""

    departement: str
    zone: ZoneInfo
    holidays: tuple[Holiday, ...]

    def holiday(self, day: date, customs: bool = False) -> Holiday | None:
        """Return the holiday that a day is; `customs`: those that are not sure as well."""
        found = (each for each in self.holidays if (each.sure or customs) and each.of(day.year) == day)
        return next(found, None)

    def works(self, day: date, customs: bool = False) -> bool:
        """Tell whether a day is a working day."""
        return day.weekday() < 5 and self.holiday(day, customs) is None

    def next_working(self, day: date, customs: bool = False) -> date:
        """Return the day itself where it is a working day, else the first one after it."""
        while not self.works(day, customs):
            day += timedelta(days=1)
        return day

    def after_working(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a day."""
        for _ in range(count):
            day = self.next_working(day + timedelta(days=1))
        return day


def easter(year: int) -> date:
    """Return Easter Sunday of a year of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    skipped, leaps = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - skipped - correction + 15) % 30
    quarter, rest = divmod(of_century, 4)
    weekday = (32 + 2 * leaps + 2 * quarter - moon - rest) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@cache
def calendar(jurisdiction: str, departement: str, zone: str | None = None) -> Calendar:
    """Return the calendar of a département ("2A", "974"); `zone` stands before the département's own.

    Raises `KeyError` (`ZoneInfoNotFoundError`) for a zone that there is not.
    """
    text = (resources.files(__package__) / "law" / jurisdiction / "calendar.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    every = tuple(
        Holiday(
            code=each["code"],
            article=each["article"],
            sure=each.get("sure", True),
            where=frozenset(each.get("where", ())),
            day=each.get("day"),
            easter=each.get("easter"),
        )
        for each in data["holiday"]
    )
    own = tuple(each for each in every if not each.where or departement in each.where)
    return Calendar(departement, ZoneInfo(zone or data["zones"].get(departement, data["zone"])), own)
