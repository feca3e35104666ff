"""Dates as cells write them, and what they come to: "YYYY-MM-DD", or nothing for a day that does not exist.

Rules, in the order in which they apply:

1. A layout is a strptime pattern: `%d/%m/%Y`, `%d-%m-%Y`, `%d.%m.%Y`, `%Y-%m-%d`, `%Y/%m/%d`, `%Y.%m.%d`, `%Y%m%d`,
   `%d%m%Y`, `%m/%d/%Y`, `%m-%d-%Y`, `%d/%m/%y`, `%d-%m-%y`, `%d.%m.%y`, `%d %B %Y` (months in French or English
   words); a time may follow (` %H:%M`, `T%H:%M:%S`, …): it must be one, and it is not kept.
2. Day and month may lack their leading zero where the layout has separators.
3. Two digits of a year above 30 are of the twentieth century, others of the twenty-first; but where a day cannot be
   later than some other (nobody is born after today), they are of the last century in which it is not.
4. Years run from 1800 to 2199; the day must exist in the calendar.  Anything else is null, never an error.
5. A column may hold another layout here and there: what its own does not read is tried with those that leave no doubt
   (`others`).  The day is never read for the month.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import TYPE_CHECKING

from etanche.identifiers import _months, celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.DATE, Kind.BIRTH_DATE, Kind.DEATH_DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE, Kind.TIMESTAMP)

DATE_LAYOUTS = (
    "%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d%m%Y", "%m/%d/%Y",
    "%m-%d-%Y", "%d/%m/%y", "%d-%m-%y", "%d.%m.%y", _months.LAYOUT,
)  # fmt: skip
"""Layouts without a time, the likelier first."""

CENTURY_PIVOT = 30
_PLAIN = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")
"""Layouts that cannot be taken for one another; the likelier first."""
_TIME = "[ T]+[0-2]?[0-9][:hH][0-5][0-9](?::[0-5][0-9](?:[.,][0-9]{1,9})?)?(?: ?(?:Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?"
_ANY_TIME = re.compile(_TIME)
_PART = {"%d": "[0-3]?[0-9]", "%m": "[01]?[0-9]", "%Y": "(?:1[89]|2[01])[0-9]{2}", "%y": "[0-9]{2}"}
_TIGHT = {"%d": "[0-3][0-9]", "%m": "[01][0-9]", "%Y": "(?:1[89]|2[01])[0-9]{2}", "%y": "[0-9]{2}"}


def date_layout(layout: str) -> str:
    """Return the part of a layout that tells the day."""
    return re.split("[ T]%H", layout, maxsplit=1)[0]


def has_time(layout: str) -> bool:
    """Tell whether a layout tells a time of day."""
    return "%H" in layout


@cache
def _shape(layout: str) -> celltext.Shape:
    """Return the shape of a layout; ValueError for one that is not listed."""
    day = date_layout(layout)
    if day not in DATE_LAYOUTS:
        msg = f"unknown layout {layout!r}"
        raise ValueError(msg)
    if day == _months.LAYOUT:
        return celltext.Shape(_months.PATTERN + (f"(?:{_TIME})?" if has_time(layout) else ""))
    separator = day[2] if day[2] != "%" else ""
    parts = _PART if separator else _TIGHT
    pattern = re.escape(separator).join(parts[part] for part in re.findall("%[dmYy]", day))
    return celltext.Shape(pattern + (f"(?:{_TIME})?" if has_time(layout) else ""))


def others(layout: str) -> tuple[str, ...]:
    """Return the layouts, with or without a time, in which a cell can be read that the column's own does not read.

    They begin with the year, or with the day where the column does not begin with the month.
    """
    own = date_layout(layout)
    months_first = own.startswith("%m")
    return tuple(
        f"{each} %H:%M" for each in _PLAIN if own and each != own and not (months_first and each.startswith("%d"))
    )


def _century(year: str, rest: str, latest: dt.date | None) -> str:
    if latest is None:
        return ("20" if int(year) <= CENTURY_PIVOT else "19") + year
    return ("20" if f"20{year}-{rest}" <= latest.isoformat() else "19") + year


def iso(text: str, layout: str, latest: dt.date | None = None) -> str | None:
    """Return "YYYY-MM-DD" of a cell in a layout, None where it is not one or the day does not exist.

    `latest` is the day after which none of two digits of a year can be (today, for a birth).
    """
    if not layout or not _shape(layout).fits(text):
        return None
    day = date_layout(layout)
    if day == _months.LAYOUT:
        return _calendar(*(_months.parts(text) or (0, 0, 0)))
    head = re.split("[ T]", celltext.tidy(text), maxsplit=1)[0]
    names = re.findall("%[dmYy]", day)
    if day[2] != "%":
        found = dict(zip(names, head.split(day[2]), strict=True))
    else:
        cut = 4 if names[0] == "%Y" else 2
        found = dict(zip(names, (head[:cut], head[cut : cut + 2], head[cut + 2 :]), strict=True))
    rest = "-".join(found[part].zfill(2) for part in ("%m", "%d"))
    year = found.get("%Y") or _century(found["%y"], rest, latest)
    return _calendar(int(year), int(found["%m"]), int(found["%d"]))


def _calendar(year: int, month: int, day: int) -> str | None:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def iso_expr(cell: ir.StringValue, layout: str, latest: dt.date | None = None) -> ir.StringValue:
    """Return `iso` as an expression: text "YYYY-MM-DD", null for anything else."""
    return date_expr(cell, layout, latest).cast("string")


def any_expr(cell: ir.StringValue, layout: str, latest: dt.date | None = None) -> ir.StringValue:
    """Return `iso` as an expression, in the column's layout or, where it reads nothing, in one of `others`."""
    import ibis  # noqa: PLC0415 - half a second that plain Python callers need not pay

    read = [date_expr(cell, each, latest) for each in (layout, *others(layout))]
    return ibis.coalesce(*read).cast("string") if len(read) > 1 else read[0].cast("string")


def date_expr(cell: ir.StringValue, layout: str, latest: dt.date | None = None) -> ir.DateValue:
    """Return the day a cell holds as an expression, null where it holds none.

    Cells written in full are cut by position; those with blanks or without a leading zero take the slower groups.
    An empty layout (a date column whose cells agree on none) gives null for every cell.
    """
    if not layout:
        return cell.substr(0, 0).nullif("").try_cast("date")
    day = date_layout(layout)
    if day == _months.LAYOUT:
        return _shape(layout).expr(cell).ifelse(_months.rebuilt(cell), None).try_cast("date")
    tail = f"(?:{_TIME})?" if has_time(layout) else ""
    names = re.findall("%[dmYy]", day)
    separator = day[2] if day[2] != "%" else ""
    tight = re.escape(separator).join(_TIGHT[name] for name in names)
    fast: dict[str, ir.StringValue] = {}
    slow: dict[str, ir.StringValue] = {}
    place = 0
    groups = f"^{celltext.BEFORE}" + re.escape(separator).join(f"({_PART[name]})" for name in names)
    for group, name in enumerate(names, 1):
        size = 4 if name == "%Y" else 2
        fast[name] = cell.substr(place, size)
        slow[name] = cell.re_extract(groups, group).lpad(size, "0")
        place += size + len(separator)
    whole = cell.re_search(f"^{tight}{tail}$")
    loose = _shape(layout).expr(cell).ifelse(_rebuilt(slow, latest), None)
    straight = cell if day == "%Y-%m-%d" and not tail else _rebuilt(fast, latest)
    return whole.ifelse(straight, loose).try_cast("date")


def _rebuilt(parts: dict[str, ir.StringValue], latest: dt.date | None) -> ir.StringValue:
    """Return year, month and day put together again, two digits of a year made four."""
    rest = "-" + parts["%m"] + "-" + parts["%d"]
    if "%Y" in parts:
        return parts["%Y"] + rest
    short = parts["%y"] + rest
    ours = parts["%y"] <= str(CENTURY_PIVOT) if latest is None else short <= latest.isoformat()[2:]
    return ours.ifelse("20", "19") + short


def layouts_of(text: str) -> tuple[str, ...]:
    """Return every layout, with its time part when the cell has one, in which the cell is a day that exists."""
    time = _ANY_TIME.search(text)
    suffix = ""
    if time is not None:
        suffix = time_layout(time.group())
    return tuple(day + suffix for day in DATE_LAYOUTS if iso(text, day + suffix) is not None)


def time_layout(time: str) -> str:
    """Return the strptime layout of a time of day as it stands after a date ("T12:30:05" -> "T%H:%M:%S")."""
    mark = "T" if time.startswith("T") else " "
    return mark + ("%H:%M:%S" if len(re.findall(":", time.split("+", maxsplit=1)[0])) > 1 else "%H:%M")


def fits(text: str) -> bool:
    """Tell whether the text is an existing day in any layout."""
    return bool(layouts_of(text))


valid = fits
normalise = celltext.tidy
normal_expr = celltext.tidy_expr


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `fits` as an expression; a column whose layout is known is checked with `iso_expr` instead."""
    result = date_expr(cell, f"{DATE_LAYOUTS[0]} %H:%M").notnull()
    for layout in DATE_LAYOUTS[1:]:
        result = result | date_expr(cell, f"{layout} %H:%M").notnull()
    return result


def mask(text: str) -> str:
    """Return the layout with stars for every digit."""
    return celltext.mask_all(text)
