"""SIRET, the number of a French establishment: a SIREN with its own key and five digits, Luhn key over all 14.

La Poste's establishments (SIREN 356000000) have a sum of digits that 5 divides instead (INSEE).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.SIRET,)

_G = celltext.GAP
_POSTE = "356000000"
_SHAPE = celltext.Shape(f"[0-9]{{3}}{_G}[0-9]{{3}}{_G}[0-9]{{3}}{_G}[0-9]{{5}}")

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether shape and key are right."""
    if not fits(text):
        return False
    number = normalise(text)
    if not celltext.luhn(number[:9]):
        return False
    if number.startswith(_POSTE) and sum(map(int, number)) % 5 == 0:
        return True
    return celltext.luhn(number)


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""
    return celltext.all_of(_SHAPE.expr(cell), celltext.let(normal_expr(cell), _right_expr))


def _right_expr(number: ir.StringValue) -> ir.BooleanValue:
    tail = number.substr(9, 5).try_cast("int64")
    total = sum((celltext.digit_expr(tail, place) for place in range(1, 5)), celltext.digit_expr(tail, 0))
    # 3 + 5 + 6 = 14: the sum of the digits of La Poste's SIREN.
    poste = number.startswith(_POSTE) & ((total + 14) % 5 == 0)
    whole = poste.ifelse(True, celltext.luhn_expr(number, 14))
    return celltext.all_of(whole, celltext.luhn_expr(number.left(9), 9))
