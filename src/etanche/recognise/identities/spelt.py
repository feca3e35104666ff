"""Numbers spelt digit by digit, as forms with a box a digit give them ("2 9 1 4 1 8 7 6 5 3 2 9 8 9 0").

Rules, in the order in which they apply:

1. A run is single digits (a few pairs among them) with one blank between, or always the same mark; one that only counts
   (1 2 3 4…) is nothing.
2. Seven or eight digits that are day, month and century are a date (one digit may be cut); twelve to sixteen are a NIR:
   thirteen or fifteen, one lost or doubled allowed; five to eleven may be another number, or what is left of one.
3. Of the ways to cut a run into such pieces, up to two digits left over at its ends, the one with the least that is odd
   is taken.  Eight digits that are a day of 1900-2099 are so by chance once in a thousand: such a date weighs most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

_RUN = re.compile(
    r"(?<![0-9,.])(?<![0-9][,.])(?=[0-9])[0-9]{1,2}(?: [0-9]{1,2}){6,60}(?![,.]?[0-9])"
    r"|(?<![0-9,.])(?<![0-9][,.])[0-9](?P<mark> ?[|._/-] ?|\u00a0| {2,3})[0-9](?:(?P=mark)[0-9]){5,40}(?![,.]?[0-9])"
)
_NIR_ODDITY = {15: 0.0, 13: 0.1, 14: 1.0, 12: 2.0, 16: 2.0}
"""How odd a NIR of so many digits is."""
_OTHERS = range(5, 12)
_OTHER_ODDITY, _LEFT_OVER, _DATE_ODDITY = 3.0, 1.5, -4.0
_LOOKS_DATED = re.compile(r"(?:[0-3][0-9][01][0-9]|[01][0-9][0-3][0-9])(?:19|20)[0-9]{2}")
"""A day that does not exist, but was meant as one: a digit was misread."""
_MISREAD_ODDITY = -1.5
_MOST = 7.0
"""Oddity from which a run is nothing."""


class Piece(NamedTuple):
    """First digit, digit after the last, and `date`, `nir` or `other`."""

    first: int
    after: int
    what: str


def spelt(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the dates and NIRs spelt digit by digit, as (start, end, what)."""
    for found in _RUN.finditer(text):
        parts = re.findall("[0-9]+", found.group())
        if len(parts[-1]) > 1:
            # "… 1 9 8 7 24 avenue": what ends a run of single digits is the number of a house.
            parts.pop()
        digits = "".join(parts)
        if len(digits) - len(parts) > max(2, len(digits) // 6) or _counts(parts):
            continue
        places = [at for at in range(found.start(), found.end()) if text[at].isdigit()]
        for piece in _cut(digits):
            if piece.what != "other":
                yield places[piece.first], places[piece.after - 1] + 1, piece.what


def _counts(parts: list[str]) -> bool:
    """Tell a row of figures that only counts, or only repeats."""
    return len({int(after) - int(before) for before, after in pairwise(parts)}) == 1


@cache
def _cut(digits: str) -> tuple[Piece, ...]:
    """Return the pieces of a run, cut where the least is odd; none where nothing fits."""
    size = len(digits)
    best: list[tuple[float, tuple[Piece, ...]]] = [(_MOST, ())] * (size + 1)
    best[:3] = [(0.0, ()), (_LEFT_OVER, ()), (2 * _LEFT_OVER, ())]
    for after in range(_OTHERS.start, size + 1):
        found: list[tuple[float, tuple[Piece, ...]]] = []
        for length in range(_OTHERS.start, 17):
            if length <= after and best[after - length][0] < _MOST:
                before, pieces = best[after - length]
                found += [
                    (before + oddity, (*pieces, Piece(after - length, after, what)))
                    for what, oddity in _readings(digits[after - length : after])
                ]
        best[after] = min(found, key=lambda one: one[0], default=(_MOST, ()))
    cost, pieces = min(
        ((best[size - rest][0] + rest * _LEFT_OVER, best[size - rest][1]) for rest in range(min(3, size))),
        key=lambda one: one[0],
    )
    return pieces if cost < _MOST else ()


def _readings(digits: str) -> Iterator[tuple[str, float]]:
    """Yield what digits may be, and how odd that is."""
    size = len(digits)
    if is_date(digits):
        yield "date", 1.0 if size < 8 else _DATE_ODDITY if digits[4:6] in {"19", "20"} else 0.0
    elif _LOOKS_DATED.fullmatch(digits):
        yield "date", _MISREAD_ODDITY
    if size in _NIR_ODDITY and digits[0] != "0":
        yield "nir", _NIR_ODDITY[size] + (0.0 if digits[0] in "12" else 0.5)
    if size in _OTHERS:
        yield "other", _OTHER_ODDITY


def is_date(digits: str) -> bool:
    """Tell whether digits are day, month (or month, day) and a year of 1800-2199, whole or with its last digit cut."""
    if not 7 <= len(digits) <= 8 or digits[4:6] not in {"18", "19", "20", "21"}:
        return False
    first, second = int(digits[:2]), int(digits[2:4])
    return 1 <= min(first, second) <= 12 and max(first, second) <= 31
