"""NIR, the French social security number: 13 digits and a key of two.

Rules, in the order in which they apply (décret 82-103; INSEE, "Le numéro d'inscription au répertoire"):

1. Sex: 1 or 2; provisional numbers begin with 3, 4, 7 or 8 (3 and 7 men, 4 and 8 women).
2. Year, two digits; month 01-12, or 20-42 and 50-99 where the civil register is incomplete.
3. Département 01-99, 2A and 2B for Corsica (its A and B count as 19 and 18 in the key); commune or country; rank.
4. Key: 97 - (number mod 97).  A wrong key still fits; 13 digits without key are judged by their shape alone.

Groups may be separated: "1 80 05 56 123 456 55".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.NIR,)

_G = celltext.GAP
_MONTH = "(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])"
_DEPARTEMENT = "(?:0[1-9]|[1-9][0-9]|2[ABab])"
NUMBER = f"[123478]{_G}[0-9]{{2}}{_G}{_MONTH}{_G}{_DEPARTEMENT}{_G}[0-9]{{3}}{_G}[0-9]{{3}}"
_KEYED = celltext.Shape(f"{NUMBER}{_G}[0-9]{{2}}")
_SHAPE = celltext.Shape(f"{NUMBER}(?:{_G}[0-9]{{2}})?")
_TIGHT = f"^[123478][0-9]{{2}}{_MONTH}(?:0[1-9]|[1-9][0-9])[0-9]{{8}}$"

fits = _SHAPE.fits
shape_expr = _SHAPE.expr
normalise = celltext.compact
normal_expr = celltext.compact_expr


def key(number: str) -> int:
    """Return the key of 13 digits (2A and 2B allowed); the number must be compact and fit."""
    return 97 - int(number.replace("2A", "19").replace("2B", "18")) % 97


def has_key(text: str) -> bool:
    """Tell whether the text is a NIR of 15 digits, right or wrong."""
    return _KEYED.fits(text)


def valid(text: str) -> bool:
    """Tell whether shape and key are right; without key, whether the shape is."""
    if not fits(text):
        return False
    number = normalise(text)
    if len(number) == 13:
        return True
    corsica = {"2A": "19", "2B": "18"}.get(number[5:7], number[5:7])
    return int(number[13:]) == 97 - int(number[:5] + corsica + number[7:13]) % 97


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression; a number of fifteen digits, as nearly all are, takes one cast and no more."""
    whole = cell.try_cast("int64")
    tight = (97 - whole // 100 % 97) == whole % 100
    return ibis.ifelse(cell.re_search(_TIGHT), tight.fill_null(False), _any_valid(cell))


def _any_valid(cell: ir.StringValue) -> ir.BooleanValue:
    right = celltext.let(normal_expr(cell), _right_expr)
    return celltext.all_of(_SHAPE.expr(cell), right)


def _right_expr(number: ir.StringValue) -> ir.BooleanValue:
    place = number.substr(5, 2).replace("2A", "19").replace("2B", "18")
    corsica = (number.substr(0, 5) + place + number.substr(7, 6)).try_cast("int64")
    first = number.substr(6, 1).isin(["A", "B"]).ifelse(corsica, number.substr(0, 13).try_cast("int64"))
    right = (97 - first % 97) == number.substr(13, 2).try_cast("int64")
    return (number.length() == 13).ifelse(True, right)


def mask(text: str) -> str:
    """Return the layout with the first digit only."""
    return celltext.mask_keeping(text, 1)


def year_month(text: str) -> str | None:
    """Return the four digits YYMM of the birth; None when the month is one of an incomplete register."""
    number = normalise(text)
    return number[1:5] if fits(text) and "01" <= number[3:5] <= "12" else None
