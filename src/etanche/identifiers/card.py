"""Payment card number (ISO/IEC 7812): 13 to 19 digits of a known network, Luhn key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.CARD,)

_G = celltext.GAP
_SHAPE = celltext.Shape(
    f"(?:4[0-9]{{3}}|5[0-9]{{3}}|2[2-7][0-9]{{2}}|6[0-9]{{3}}){_G}[0-9]{{4}}{_G}[0-9]{{4}}{_G}[0-9]{{4}}"
    f"|3[47][0-9]{{2}}{_G}[0-9]{{6}}{_G}[0-9]{{5}}|4[0-9]{{12}}|(?:4|6)[0-9]{{18}}"
)

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether shape and Luhn key are right."""
    return fits(text) and celltext.luhn(normalise(text))


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression; leading zeros add nothing to a Luhn sum."""
    return celltext.all_of(_SHAPE.expr(cell), celltext.luhn_expr(normal_expr(cell).lpad(19, "0"), 19))
