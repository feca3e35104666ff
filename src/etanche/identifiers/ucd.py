"""UCD, the code of one unit of a medicine in French hospitals: 13 digits beginning 34008 (EAN key), or seven from 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext, cip
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.UCD,)

_G = celltext.GAP
_SHAPE = celltext.Shape(f"34008{_G}[0-9]{{3}}{_G}[0-9]{{3}}{_G}[0-9]{_G}[0-9]|9[0-9]{{6}}")

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether shape and, for 13 digits, key are right."""
    if not fits(text):
        return False
    digits = [int(char) for char in normalise(text)]
    return len(digits) == 7 or sum(d * (1 + 2 * (place % 2)) for place, d in enumerate(digits)) % 10 == 0


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""
    right = celltext.let(normal_expr(cell), lambda number: (number.length() == 7).ifelse(True, cip.ean_expr(number)))
    return celltext.all_of(_SHAPE.expr(cell), right)
