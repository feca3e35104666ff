"""LOINC, the code of an observation (Regenstrief): one to seven digits, a hyphen, a Luhn key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.LOINC,)

_SHAPE = celltext.Shape("[0-9]{1,7}-[0-9]")

fits = _SHAPE.fits
normalise = celltext.tidy
normal_expr = celltext.tidy_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether shape and key are right."""
    return fits(text) and celltext.luhn(normalise(text).replace("-", ""))


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression; leading zeros add nothing to a Luhn sum."""
    digits = normal_expr(cell).replace("-", "").lpad(8, "0")
    return celltext.all_of(_SHAPE.expr(cell), celltext.luhn_expr(digits, 8))
