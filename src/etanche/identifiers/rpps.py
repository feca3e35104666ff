"""RPPS, the number of a French health professional: 11 digits beginning with 1, Luhn key (ANS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.RPPS,)

_G = celltext.GAP
_SHAPE = celltext.Shape(f"1{_G}[0-9]{{2}}{_G}[0-9]{{3}}{_G}[0-9]{{3}}{_G}[0-9]{{2}}|1[0-9]{{10}}")

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether shape and Luhn key are right."""
    return fits(text) and celltext.luhn(normalise(text))


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""
    return celltext.all_of(_SHAPE.expr(cell), celltext.luhn_expr(normal_expr(cell), 11))
