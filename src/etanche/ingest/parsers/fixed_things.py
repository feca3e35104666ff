"""Things whose bounds are known in fixed-width text: dates, NIRs, and what is written with blanks inside.

>>> known_spans(["1985062021/04/2000", "1999123101/12/2011"])
[(0, 8), (8, 18)]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_SEEN = 200
_SHARE = 0.98
_DAY, _MONTH, _YEAR = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:19|20)\d\d"
_FORMS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (21, re.compile(r"[12] \d\d \d\d (?:\d\d|2[AB]) \d{3} \d{3} \d\d")),
    (18, re.compile(r"[12] \d\d \d\d (?:\d\d|2[AB]) \d{3} \d{3}")),
    (10, re.compile(rf"{_DAY}[/.-]{_MONTH}[/.-]{_YEAR}")),
    (10, re.compile(rf"{_YEAR}[/-]{_MONTH}[/-]{_DAY}")),
    (8, re.compile(rf"{_YEAR}{_MONTH}{_DAY}|{_DAY}{_MONTH}{_YEAR}")),
)
_NIR = 15
_ONE_THING = re.compile(
    r"[12] \d\d \d\d (?:\d\d|2[AB]) \d{3} \d{3}(?: \d\d)?"
    r"|(?:\+33 ?|0)\d(?: \d\d){4}|\d\d \d\d \d{4}|\d{3} \d{3} \d{3}(?: \d{5})?|[A-Z]{2}\d\d(?: [A-Z0-9]{1,4}){3,8}"
    r"|(?:\d{4}-\d\d-\d\d|\d\d[/.-]\d\d[/.-]\d{4}) \d\d[:hH]\d\d(?::\d\d)?"
)


def one_thing(cell: str) -> bool:
    """Tell whether a cell with blanks in it is one thing: a NIR, a telephone, a SIRET, a date with its hour…"""
    return _ONE_THING.fullmatch(cell) is not None


def known_spans(placed: Sequence[str]) -> list[tuple[int, int]]:
    """Return where dates and NIRs stand in nearly all lines, even against other figures."""
    few = placed[:_SEEN]
    spans: list[tuple[int, int]] = []
    at, end = 0, max(map(len, few), default=0)
    while at < end:
        size = _size(few, at)
        if size:
            spans.append((at, at + size))
        at += size or 1
    return spans


def _size(few: Sequence[str], at: int) -> int:
    """Return the length of what stands at a place in nearly all lines, 0 when nothing known does."""
    first = [line[at : at + 1] for line in few]
    if sum(map(str.isdecimal, first)) < _SHARE * len(few):
        return 0
    if _all(few, at, _NIR, _is_nir):
        return _NIR
    return next((size for size, form in _FORMS if _all(few, at, size, form.fullmatch)), 0)


def _all(few: Sequence[str], at: int, size: int, is_one: Callable[[str], object]) -> bool:
    """Tell whether what stands at a place is of a form in nearly all lines."""
    misses = (1 - _SHARE) * len(few)
    for line in few:
        if not is_one(line[at : at + size]):
            misses -= 1
            if misses < 0:
                return False
    return True


def _is_nir(cell: str) -> bool:
    if len(cell) < _NIR or not cell.isdecimal() or not cell.isascii() or cell[0] not in "12":
        return False
    return 97 - int(cell[:13]) % 97 == int(cell[13:])
