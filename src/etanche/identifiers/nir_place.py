"""Where a NIR says that its bearer was born, and whether a birth of that year can be numbered so.

The five characters after year and month are the place, as the code officiel géographique numbered it *at the time*
(INSEE; décret 82-103, art. 4; service-public.fr F33078; guide d'identification of INSEE and CNAV).  Rules, in order:

1. 99: abroad; the rest is INSEE's number of the country (100-599 by continent), 990 where it is not known.
2. 971-978, 984-989: overseas, with two digits of commune (01-90); 977 and 978 since 2007.
3. 2A and 2B: Corsica since 1976; before, 20.
4. 91-95: Essonne to Val-d'Oise, since 1968 (before, 75 was the Seine and 78 Seine-et-Oise).  Before independence 91-94
   were Algeria (until 1962), 95 Morocco and 96 Tunisia (until 1956).
5. 01-95 else: mainland, with three digits of commune (001-990).

Years are told apart by `ERAS` only, so that rows can be grouped: an era counts the boundaries that lie behind.  Two
digits of a year up to 30 may be of either century: a place is possible when it is in either.

>>> possible("20004", era(1975)), possible("20004", era(1976)), possible("2A004", era(1976))
(True, False, True)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from etanche.identifiers import nir
from etanche.identifiers.dates import CENTURY_PIVOT

if TYPE_CHECKING:
    import ibis.expr.types as ir

ERAS = (1957, 1963, 1968, 1976, 2007)
"""First years: Morocco and Tunisia, then Algeria are abroad; new départements; Corsica in two; 977 and 978."""
EITHER = 10
"""Added to the era of 20yy where 19yy is as likely."""

_PLAIN = "^[12][0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[1-9][0-9])[0-9]{6}(?:[0-9]{2})?$"
_EVER = frozenset(range(len(ERAS) + 1))
_AT: dict[str, frozenset[int]] = {
    **dict.fromkeys(("2A", "2B"), frozenset({4, 5})),
    "20": frozenset({0, 1, 2, 3}),
    **dict.fromkeys(("91", "92", "93", "94"), _EVER - {2}),
    "95": _EVER - {1, 2},
    "96": frozenset({0}),
    **dict.fromkeys(("977", "978"), frozenset({5})),
}
"""Eras in which a département, or what had its number, was there; the others always were."""
_ABROAD = re.compile("99(?:[1-5][0-9]{2}|990)")
_OVERSEAS = re.compile("9(?:7[1-8]|8[4-9])(?:0[1-9]|[1-8][0-9]|90)")
_MAINLAND = re.compile("(?:0[1-9]|[1-9][0-9]|2[AB])(?!000)(?:[0-8][0-9]{2}|9[0-8][0-9]|990)")


def era(year: int) -> int:
    """Return how many boundaries lie behind a year."""
    return sum(year >= first for first in ERAS)


def era_of(two_digits: str) -> int:
    """Return the era of two digits of a year; that of 20yy and `EITHER` where both centuries are possible."""
    late = int(two_digits) <= CENTURY_PIVOT
    return EITHER + era(2000 + int(two_digits)) if late else era(1900 + int(two_digits))


def era_expr(year: ir.IntegerValue) -> ir.IntegerValue:
    """Return `era` as an expression."""
    found = (year >= ERAS[0]).cast("int8")
    for first in ERAS[1:]:
        found = found + (year >= first).cast("int8")
    return found


def era_of_expr(two_digits: ir.StringValue) -> ir.IntegerValue:
    """Return `era_of` as an expression, null for what is no number."""
    digits = two_digits.try_cast("int64")
    late = EITHER + era_expr(2000 + digits)
    return (digits <= CENTURY_PIVOT).ifelse(late, era_expr(1900 + digits))


def place(text: str) -> str | None:
    """Return the five characters of the place of birth in capitals, None for a text that is no NIR."""
    return nir.normalise(text)[5:10] if nir.fits(text) else None


def digits_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return the first ten characters of a NIR, compact, as an expression; null for any other text."""
    return cell.re_search(_PLAIN).ifelse(cell.left(10), _loose_expr(cell))


def _loose_expr(cell: ir.StringValue) -> ir.StringValue:
    # Most cells are digits alone; the general shape costs three times as much.
    return nir.shape_expr(cell).ifelse(nir.normal_expr(cell).left(10), None)


def departement(of_place: str) -> str:
    """Return the département of a place, "99" abroad."""
    return of_place[:3] if of_place.startswith(("97", "98")) else of_place[:2]


def possible(of_place: str, at: int) -> bool:
    """Tell whether a birth of an era can have been numbered so."""
    if at >= EITHER:
        return possible(of_place, at - EITHER) or possible(of_place, 0)
    shape = {"99": _ABROAD, "97": _OVERSEAS, "98": _OVERSEAS}.get(of_place[:2], _MAINLAND)
    return at in _AT.get(departement(of_place), _EVER) and shape.fullmatch(of_place) is not None
