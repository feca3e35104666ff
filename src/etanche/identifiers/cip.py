"""CIP, the code of a French pack of medicine: 13 digits beginning 34009 (EAN key), or the older seven.

The key of the older form is the sum of the six digits weighted 2 to 7, mod 11 (Club Inter Pharmaceutique).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.CIP,)

_G = celltext.GAP
_SHAPE = celltext.Shape(
    f"(?:34009{_G}[0-9]{{3}}{_G}[0-9]{{3}}{_G}[0-9]{_G}[0-9])|[2-5][0-9]{{2}}{_G}[0-9]{{3}}{_G}[0-9]"
)

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether shape and key are right."""
    if not fits(text):
        return False
    digits = [int(char) for char in normalise(text)]
    if len(digits) == 13:
        return sum(digit * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0
    return sum(digit * (place + 2) for place, digit in enumerate(digits[:6])) % 11 == digits[6]


def ean_expr(number: ir.StringValue) -> ir.BooleanValue:
    """Return the EAN-13 check of 13 digits as an expression."""

    def right(value: ir.IntegerValue) -> ir.BooleanValue:
        total = celltext.digit_expr(value, 0)
        for place in range(1, 13):
            total = total + celltext.digit_expr(value, place) * (1 + 2 * (place % 2))
        return (total % 10) == 0

    return celltext.let(number.try_cast("int64"), right)


def _short_expr(value: ir.IntegerValue) -> ir.BooleanValue:
    total = celltext.digit_expr(value, 6) * 2
    for place in range(1, 6):
        total = total + celltext.digit_expr(value, place) * (8 - place)
    return (total % 11) == celltext.digit_expr(value, 0)


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""

    def right(number: ir.StringValue) -> ir.BooleanValue:
        return (number.length() == 13).ifelse(ean_expr(number), celltext.let(number.try_cast("int64"), _short_expr))

    return celltext.all_of(_SHAPE.expr(cell), celltext.let(normal_expr(cell), right))
