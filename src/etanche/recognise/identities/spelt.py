"""Numbers spelt digit by digit, as forms with one box a digit give them: "2 9 1 4 1 8 7 6 5 3 2 9 8 9 0  2 9 0 2 1 9 9 5".

Rules, in the order in which they apply:

1. A run is single digits (two pairs at most) with one blank between; two blanks end it.
2. Seven or eight digits that begin like day, month and century are a date (one digit may be cut).
3. Twelve to sixteen digits are a NIR: thirteen or fifteen, one lost or doubled allowed.
4. A longer run is cut into dates and NIRs where it can be without a rest; one that only counts (1 2 3 4…) is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

_RUN = re.compile(r"(?<![0-9,.])(?<![0-9][,.])[0-9]{1,2}(?: [0-9]{1,2}){6,60}(?![,.]?[0-9])")
_SIZES = (15, 13, 14, 16, 12)
"""Digits of a NIR, the likelier first."""
_OTHERS = (9, 11)
"""Digits of a FINESS, of an RPPS: what else forms have boxes for."""

Piece = tuple[int, int, str]
"""First digit, digit after the last, `date` or `nir`."""


def spelt(text: str) -> Iterator[Piece]:
    """Yield the dates and NIRs spelt digit by digit, as (start, end, what)."""
    for found in _RUN.finditer(text):
        parts = found.group().split(" ")
        if len(parts[-1]) > 1:
            # "… 1 9 8 7 24 avenue": what ends a run of single digits is the number of a house.
            parts.pop()
        digits = "".join(parts)
        if len(digits) - len(parts) > max(2, len(digits) // 8) or _counts(parts):
            continue
        places = [at for at in range(found.start(), found.end()) if text[at] != " "]
        lost, pieces = _fitted(digits)
        for first, after, what in pieces:
            yield places[lost + first], places[lost + after - 1] + 1, what


def _counts(parts: list[str]) -> bool:
    """Tell a row of figures that only counts, or only repeats."""
    return len({int(after) - int(before) for before, after in zip(parts, parts[1:], strict=False)}) == 1


def _fitted(digits: str) -> tuple[int, tuple[Piece, ...]]:
    """Return the pieces of a run, up to two digits at its ends left over, and how many before."""
    for others in (False, True):
        for rest in range(3):
            for lost in range(rest + 1):
                pieces = _cut(digits[lost : len(digits) - rest + lost], others)
                if pieces:
                    return lost, pieces
    return 0, ()


@cache
def _cut(digits: str, others: bool) -> tuple[Piece, ...]:
    """Return the pieces of a run, none where it cannot be cut without a rest; `others` may be numbers of 9 or 11."""
    size = len(digits)
    if is_date(digits):
        return ((0, size, "date"),)
    if size in _SIZES and digits[0] != "0":
        return ((0, size, "nir"),)
    if others and size in _OTHERS:
        return ((0, size, "other"),)
    heads = [("date", 8), *(("nir", length) for length in _SIZES), ("date", 7)]
    for what, head in heads + ([("other", length) for length in _OTHERS] if others else []):
        if size <= head or not (is_date(digits[:head]) if what == "date" else what == "other" or digits[0] != "0"):
            continue
        rest = _cut(digits[head:], others)
        if rest:
            return ((0, head, what), *((first + head, after + head, kind) for first, after, kind in rest))
    return ()


def is_date(digits: str) -> bool:
    """Tell whether digits are day, month (or month, day) and a year of 1800-2199, whole or with its last digit cut."""
    if not 7 <= len(digits) <= 8 or digits[4:6] not in {"18", "19", "20", "21"}:
        return False
    first, second = int(digits[:2]), int(digits[2:4])
    return 1 <= min(first, second) <= 12 and max(first, second) <= 31
