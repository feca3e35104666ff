"""What a number in a spreadsheet spells as text, losslessly: identifiers without exponent, dates in ISO.

1. An integer stays the digits it is stored as; "1.85E14" and "185.0" are spelled out; a fraction is the shortest
   decimal that is the same double (Excel stores 81.17 as 81.170000000000002).
2. A number under a date format is a date: alone when it falls on midnight, a time alone when it has no day, a
   duration under an elapsed format ([h]:mm).  A serial that is no day stays a number.
3. Excel keeps 15 digits: an integer of 16 or more ending in zeros was rounded when it was typed.  That is counted.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from math import isfinite

_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,29})(?:\.\d*[1-9])?")
_ESCAPED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hHmMsS]+\])[^\]]*\]')
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_MOST_DAY = 2958466
"""9999-12-31, and one."""

NUMBER, DATE, TIME, ELAPSED = "n", "d", "t", "e"
_BUILTIN = dict.fromkeys((*range(14, 18), 22, *range(27, 37), *range(50, 59)), DATE) | {
    18: TIME, 19: TIME, 20: TIME, 21: TIME, 45: TIME, 46: ELAPSED, 47: TIME,
}  # fmt: skip


def kind_of_format(number: int, code: str | None) -> str:
    """Return what a number format makes of a number (ECMA-376 part 1, 18.8.30): NUMBER, DATE, TIME or ELAPSED."""
    if code is None:
        return _BUILTIN.get(number, NUMBER)
    first = _ESCAPED.sub("", code.split(";")[0])
    if _ELAPSED.search(first):
        return ELAPSED
    letters = re.sub(r"general|am/pm|a/p", "", first.lower())
    clock = "h" in letters or "s" in letters
    if "d" in letters or "y" in letters or ("m" in letters and not clock):
        return DATE
    return TIME if clock else NUMBER


def number_text(stored: str) -> str:
    """Return a stored number as plain text."""
    text = stored.strip()
    if _PLAIN.fullmatch(text):
        if len(text) <= 16 or "." not in text:
            return text
        shortest = repr(float(text))
        if "e" not in shortest:
            return shortest.removesuffix(".0")
    try:
        value = Decimal(text)
    except InvalidOperation:
        return stored
    if not value.is_finite() or abs(value.adjusted()) > 40:
        return stored
    if value != value.to_integral_value() or len(value.as_tuple().digits) > 17:
        value = Decimal(repr(float(value)))
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in {"-0", ""} else plain


def float_text(value: float) -> str:
    """Return a double as plain text."""
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return number_text(repr(value)) if isfinite(value) else repr(value)


def rounded(text: str) -> bool:
    """Tell whether a spelled number has more digits than Excel keeps."""
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return len(digits) > 15 and "." not in text


def date_text(stored: str, kind: str, *, from_1904: bool) -> str:
    """Return a stored serial number as a date, a time or a duration; as a number where it is none of them."""
    try:
        serial = float(stored)
    except ValueError:
        return stored
    if not isfinite(serial) or not -_MOST_DAY < serial < _MOST_DAY:
        return number_text(stored)
    if kind == ELAPSED:
        return duration_text(serial * 86400)
    days, rest = divmod(round(serial * 86_400_000), 86_400_000)
    day = "" if days < 0 or (kind == TIME and days == 0) else _day(days, from_1904=from_1904)
    if not day:
        return _clock(rest) if days == 0 and (rest or kind == TIME) else number_text(stored)
    return f"{day} {_clock(rest)}" if rest else day


def _day(days: int, *, from_1904: bool) -> str:
    """Return the day of a serial, nothing for one that is no day."""
    if from_1904:
        return (dt.date(1904, 1, 1) + dt.timedelta(days)).isoformat() if days < _MOST_DAY - 1462 else ""
    if days == 60:
        return "1900-02-29"  # Excel's own day that never was
    if days == 0 or days >= _MOST_DAY:
        return ""
    return (dt.date(1899, 12, 31 if days < 60 else 30) + dt.timedelta(days)).isoformat()


def _clock(milliseconds: int) -> str:
    seconds, fraction = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:03}".rstrip("0") if fraction else text


def duration_text(seconds: float) -> str:
    """Return a duration as hours, minutes and seconds."""
    whole = round(abs(seconds) * 1000)
    rest, fraction = divmod(whole, 1000)
    text = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    sign = "-" if seconds < 0 and whole else ""
    return sign + (f"{text}.{fraction:03}".rstrip("0") if fraction else text)
